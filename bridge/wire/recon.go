package wire

import (
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// Compare begins a session: are our sets of a match equal?
type Compare struct {
	head
	Session uint32      `cbor:"1,keyasint"`
	Match   crdt.LogID  `cbor:"2,keyasint"`
	Nonce   recon.Nonce `cbor:"3,keyasint"`
}

func (*Compare) kind() Kind      { return KindCompare }
func (f *Compare) check() string { return session(f.Session) }

// Compared is the node's proof of what it holds.
type Compared struct {
	head
	Session uint32       `cbor:"1,keyasint"`
	Nonce   recon.Nonce  `cbor:"2,keyasint"`
	Tag     recon.Tag    `cbor:"3,keyasint"`
	Arrival crdt.Arrival `cbor:"4,keyasint"`
}

func (*Compared) kind() Kind      { return KindCompared }
func (f *Compared) check() string { return first(session(f.Session), arrival(f.Arrival)) }

// Equal is the page's proof that it holds the same, and ends a session.
type Equal struct {
	head
	Session uint32    `cbor:"1,keyasint"`
	Tag     recon.Tag `cbor:"2,keyasint"`
}

func (*Equal) kind() Kind      { return KindEqual }
func (f *Equal) check() string { return session(f.Session) }

// Recon carries a frame of a recon.Session.
type Recon struct {
	head
	Session uint32 `cbor:"1,keyasint"`
	Frame   []byte `cbor:"2,keyasint"`
}

func (*Recon) kind() Kind { return KindRecon }
func (f *Recon) check() string {
	bad := ""
	if len(f.Frame) == 0 || len(f.Frame) > maxRecon {
		bad = "frame"
	}
	return first(session(f.Session), bad)
}

// Bodies are events that the other side lacks.
type Bodies struct {
	head
	Session   uint32   `cbor:"1,keyasint"`
	Envelopes [][]byte `cbor:"2,keyasint"`
}

func (*Bodies) kind() Kind      { return KindBodies }
func (f *Bodies) check() string { return first(session(f.Session), envelopes(f.Envelopes)) }

// Gone says that an event that was offered cannot be sent.
type Gone struct {
	head
	Session uint32                 `cbor:"1,keyasint"`
	Set     crdt.Set               `cbor:"2,keyasint"`
	Time    crdt.Time              `cbor:"3,keyasint"`
	Prefix  [recon.PrefixSize]byte `cbor:"4,keyasint"`
}

func (*Gone) kind() Kind { return KindGone }
func (f *Gone) check() string {
	bad := ""
	if f.Set >= crdt.NumSets {
		bad = "set"
	}
	return first(session(f.Session), bad)
}

// Fin says that all that was asked for has been sent.
type Fin struct {
	head
	Session uint32 `cbor:"1,keyasint"`
}

func (*Fin) kind() Kind      { return KindFin }
func (f *Fin) check() string { return session(f.Session) }

// Proof is what its sender holds at the end of a session.
type Proof struct {
	head
	Session uint32       `cbor:"1,keyasint"`
	Tag     recon.Tag    `cbor:"2,keyasint"`
	Arrival crdt.Arrival `cbor:"3,keyasint"`
}

func (*Proof) kind() Kind      { return KindProof }
func (f *Proof) check() string { return first(session(f.Session), arrival(f.Arrival)) }
