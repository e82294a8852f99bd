package wire

import "touchline.dev/touchline/crdt"

// Format is how a page wants the events of a match.
type Format uint64

const (
	Signed   Format = iota + 1 // envelopes of all sets
	Redacted                   // JSON as the caller may see it: "view"
)

// Follow asks for the events of a match.
type Follow struct {
	head
	ID      uint32       `cbor:"1,keyasint"`
	Match   crdt.LogID   `cbor:"2,keyasint"`
	Format  Format       `cbor:"3,keyasint"`
	Store   []byte       `cbor:"4,keyasint,omitempty"` // whose arrival After is
	After   crdt.Arrival `cbor:"5,keyasint,omitempty"`
	FromNow bool         `cbor:"6,keyasint,omitempty"`
}

func (*Follow) kind() Kind { return KindFollow }
func (f *Follow) check() string {
	bad := ""
	switch {
	case len(f.Store) != 0 && len(f.Store) != len(crdt.StoreID{}):
		bad = "store"
	case f.After != 0 && (f.FromNow || len(f.Store) == 0):
		bad = "arrival"
	case f.FromNow && len(f.Store) != 0:
		bad = "from now"
	}
	return first(id(f.ID), format(f.Format), bad, arrival(f.After))
}

// Following begins a stream of events.
type Following struct {
	head
	ID      uint32       `cbor:"1,keyasint"`
	Match   crdt.LogID   `cbor:"2,keyasint"`
	Format  Format       `cbor:"3,keyasint"`
	Grant   crdt.Hash    `cbor:"4,keyasint"` // the node's own
	After   crdt.Arrival `cbor:"5,keyasint"`
	Secret  []byte       `cbor:"6,keyasint,omitempty"` // of the sessions of this connection
	Restart bool         `cbor:"7,keyasint,omitempty"`
}

func (*Following) kind() Kind { return KindFollowing }
func (f *Following) check() string {
	return first(id(f.ID), format(f.Format), arrival(f.After), hashOrNone("secret", f.Secret))
}

// Unfollow ends what Follow began.
type Unfollow struct {
	head
	ID    uint32     `cbor:"1,keyasint"`
	Match crdt.LogID `cbor:"2,keyasint"`
}

func (*Unfollow) kind() Kind      { return KindUnfollow }
func (f *Unfollow) check() string { return id(f.ID) }

// Done answers a request that has no other answer.
type Done struct {
	head
	ID uint32 `cbor:"1,keyasint"`
}

func (*Done) kind() Kind      { return KindDone }
func (f *Done) check() string { return id(f.ID) }

// Publish offers one event: an envelope, or a draft for the node to sign.
type Publish struct {
	head
	ID       uint32 `cbor:"1,keyasint"`
	Envelope []byte `cbor:"2,keyasint,omitempty"`
	Draft    []byte `cbor:"3,keyasint,omitempty"` // JSON
}

func (*Publish) kind() Kind { return KindPublish }
func (f *Publish) check() string {
	bad := ""
	switch {
	case (len(f.Envelope) == 0) == (len(f.Draft) == 0):
		bad = "one of envelope and draft"
	case len(f.Envelope) > crdt.MaxEvent:
		bad = "envelope"
	}
	return first(id(f.ID), bad)
}

// Status is what became of a published event.
type Status uint64

const (
	New  Status = iota + 1
	Same        // it was here before
)

// Ack says that a published event is durable here.
type Ack struct {
	head
	ID      uint32       `cbor:"1,keyasint"`
	Hash    crdt.Hash    `cbor:"2,keyasint"`
	Status  Status       `cbor:"3,keyasint"`
	Arrival crdt.Arrival `cbor:"4,keyasint"`
}

func (*Ack) kind() Kind { return KindAck }
func (f *Ack) check() string {
	bad := ""
	if f.Status != New && f.Status != Same {
		bad = "status"
	}
	return first(id(f.ID), bad, arrival(f.Arrival))
}

// Live is a new event of a match followed as signed; its header names the match.
type Live struct {
	head
	Arrival  crdt.Arrival `cbor:"1,keyasint"`
	Envelope []byte       `cbor:"2,keyasint"`
}

func (*Live) kind() Kind      { return KindLive }
func (f *Live) check() string { return first(arrival(f.Arrival), envelope(f.Envelope)) }

// View is a new event of a match followed as view.
type View struct {
	head
	Match   crdt.LogID   `cbor:"1,keyasint"`
	Arrival crdt.Arrival `cbor:"2,keyasint"`
	JSON    []byte       `cbor:"3,keyasint,omitempty"` // empty: too long for a frame
}

func (*View) kind() Kind      { return KindView }
func (f *View) check() string { return arrival(f.Arrival) }

// Events are events that the page missed.
type Events struct {
	head
	Match crdt.LogID `cbor:"1,keyasint"`
	Items []Item     `cbor:"2,keyasint"`
}

// Item is one of them. Bytes is an envelope, or JSON, as the match is followed;
// empty: too long for a frame.
type Item struct {
	_       struct{} `cbor:",toarray"`
	Arrival crdt.Arrival
	Bytes   []byte
}

func (*Events) kind() Kind { return KindEvents }
func (f *Events) check() string {
	if len(f.Items) == 0 || len(f.Items) > maxItems {
		return "number of events"
	}
	for _, i := range f.Items {
		if bad := arrival(i.Arrival); bad != "" {
			return bad
		}
	}
	return ""
}

// Caught says that all up to an arrival has been sent.
type Caught struct {
	head
	Match   crdt.LogID   `cbor:"1,keyasint"`
	Arrival crdt.Arrival `cbor:"2,keyasint"`
}

func (*Caught) kind() Kind      { return KindCaught }
func (f *Caught) check() string { return arrival(f.Arrival) }

// Held says on how many devices all up to an arrival provably is.
type Held struct {
	head
	Match   crdt.LogID   `cbor:"1,keyasint"`
	Arrival crdt.Arrival `cbor:"2,keyasint"`
	Devices uint64       `cbor:"3,keyasint"`
	Relay   bool         `cbor:"4,keyasint,omitempty"`
}

func (*Held) kind() Kind      { return KindHeld }
func (f *Held) check() string { return first(arrival(f.Arrival), number("devices", f.Devices)) }
