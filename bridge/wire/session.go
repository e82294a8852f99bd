package wire

import (
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Hello is a page's first frame.
type Hello struct {
	head
	Version uint64       `cbor:"1,keyasint"`
	Nonce   Nonce        `cbor:"2,keyasint"`
	Store   crdt.StoreID `cbor:"3,keyasint"` // the page's own
	Token   string       `cbor:"4,keyasint,omitempty"`
}

func (*Hello) kind() Kind { return KindHello }
func (f *Hello) check() string {
	return first(version(f.Version), text("token", f.Token, 0, maxToken))
}

// Welcome is the node's first frame.
type Welcome struct {
	head
	Version uint64       `cbor:"1,keyasint"`
	Nonce   Nonce        `cbor:"2,keyasint"`
	Store   crdt.StoreID `cbor:"3,keyasint"`
	Peer    string       `cbor:"4,keyasint,omitempty"`
	Role    access.Role  `cbor:"5,keyasint,omitempty"` // of the token, or a guest's
	Match   []byte       `cbor:"6,keyasint,omitempty"` // the only one that the token is for
	Time    uint64       `cbor:"7,keyasint"`
	Limits  Limits       `cbor:"8,keyasint"`
}

// Limits are what a node takes of one connection.
type Limits struct {
	Frame    uint64 `cbor:"1,keyasint"` // bytes
	Follows  uint64 `cbor:"2,keyasint"`
	InFlight uint64 `cbor:"3,keyasint"` // publishes not yet answered
	Sessions uint64 `cbor:"4,keyasint"`
	IdleMs   uint64 `cbor:"5,keyasint"`
}

func (*Welcome) kind() Kind { return KindWelcome }
func (f *Welcome) check() string {
	return first(version(f.Version), text("peer ID", f.Peer, 0, maxName), roleOrNone(f.Role), hashOrNone("match", f.Match),
		number("time", f.Time), number("frame limit", f.Limits.Frame), number("follow limit", f.Limits.Follows),
		number("publish limit", f.Limits.InFlight), number("session limit", f.Limits.Sessions), number("idle time", f.Limits.IdleMs))
}

// Prove shows that the page's device has a right in a match.
type Prove struct {
	head
	ID        uint32     `cbor:"1,keyasint"`
	Match     crdt.LogID `cbor:"2,keyasint"`
	Grant     crdt.Hash  `cbor:"3,keyasint"`
	Signature [64]byte   `cbor:"4,keyasint"`
}

func (*Prove) kind() Kind      { return KindProve }
func (f *Prove) check() string { return id(f.ID) }

// Proved says what a proven right lets the page do.
type Proved struct {
	head
	ID    uint32      `cbor:"1,keyasint"`
	Match crdt.LogID  `cbor:"2,keyasint"`
	Role  access.Role `cbor:"3,keyasint"`
}

func (*Proved) kind() Kind      { return KindProved }
func (f *Proved) check() string { return first(id(f.ID), role(f.Role)) }

// Enrol asks for a right for the page's own key.
type Enrol struct {
	head
	ID    uint32     `cbor:"1,keyasint"`
	Match crdt.LogID `cbor:"2,keyasint"`
	Key   crdt.Key   `cbor:"3,keyasint"`
	HPKE  [32]byte   `cbor:"4,keyasint"`
	Proof [64]byte   `cbor:"5,keyasint"`
}

func (*Enrol) kind() Kind      { return KindEnrol }
func (f *Enrol) check() string { return id(f.ID) }

// Enrolled is the right that the page's key has now.
type Enrolled struct {
	head
	ID       uint32      `cbor:"1,keyasint"`
	Match    crdt.LogID  `cbor:"2,keyasint"`
	Grant    crdt.Hash   `cbor:"3,keyasint"`
	Role     access.Role `cbor:"4,keyasint"`
	NotAfter uint64      `cbor:"5,keyasint,omitempty"`
	Chain    [][]byte    `cbor:"6,keyasint"` // founding record first
}

func (*Enrolled) kind() Kind { return KindEnrolled }
func (f *Enrolled) check() string {
	return first(id(f.ID), role(f.Role), number("not after", f.NotAfter), envelopes(f.Chain))
}

// Ping asks for a sign of life.
type Ping struct {
	head
	Number uint64 `cbor:"1,keyasint"`
}

func (*Ping) kind() Kind      { return KindPing }
func (f *Ping) check() string { return number("number", f.Number) }

// Pong answers a Ping.
type Pong struct {
	head
	Number uint64 `cbor:"1,keyasint"`
}

func (*Pong) kind() Kind      { return KindPong }
func (f *Pong) check() string { return number("number", f.Number) }

// Bye is the last frame of a connection.
type Bye struct {
	head
	Reason  string `cbor:"1,keyasint"`
	Detail  string `cbor:"2,keyasint,omitempty"`
	AgainMs uint64 `cbor:"3,keyasint,omitempty"`
}

func (*Bye) kind() Kind { return KindBye }
func (f *Bye) check() string {
	return first(text("reason", f.Reason, 1, maxName), text("detail", f.Detail, 0, maxText), number("milliseconds", f.AgainMs))
}

// Problem is why a request or a session failed; without both, the connection.
type Problem struct {
	head
	ID      uint32 `cbor:"1,keyasint,omitempty"`
	Session uint32 `cbor:"2,keyasint,omitempty"`
	Name    string `cbor:"3,keyasint"` // as in urn:touchline:NAME
	Status  uint64 `cbor:"4,keyasint"`
	Detail  string `cbor:"5,keyasint,omitempty"`
	Hash    []byte `cbor:"6,keyasint,omitempty"`
	AgainMs uint64 `cbor:"7,keyasint,omitempty"`
}

func (*Problem) kind() Kind { return KindProblem }
func (f *Problem) check() string {
	bad := ""
	if f.Status < 400 || f.Status > 599 {
		bad = "status"
	}
	return first(text("name", f.Name, 1, maxName), bad, text("detail", f.Detail, 0, maxText), hashOrNone("hash", f.Hash),
		number("milliseconds", f.AgainMs))
}
