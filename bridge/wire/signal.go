package wire

// Offer begins a data channel.
type Offer struct {
	head
	ID  uint32 `cbor:"1,keyasint"`
	SDP string `cbor:"2,keyasint"`
}

func (*Offer) kind() Kind      { return KindOffer }
func (f *Offer) check() string { return first(id(f.ID), text("SDP", f.SDP, 1, maxSDP)) }

// Answer is the node's side of it.
type Answer struct {
	head
	ID  uint32 `cbor:"1,keyasint"`
	SDP string `cbor:"2,keyasint"`
}

func (*Answer) kind() Kind      { return KindAnswer }
func (f *Answer) check() string { return first(id(f.ID), text("SDP", f.SDP, 1, maxSDP)) }

// Candidate is one more address of its sender.
type Candidate struct {
	head
	ID        uint32 `cbor:"1,keyasint"` // of the offer
	Candidate string `cbor:"2,keyasint"` // JSON
}

func (*Candidate) kind() Kind { return KindCandidate }
func (f *Candidate) check() string {
	return first(id(f.ID), text("candidate", f.Candidate, 1, maxText))
}
