package crdt

import "fmt"

// Version is the only version of the envelope and of the rules of admission.
const Version = 1

const (
	// MaxEvent is the largest envelope in bytes, so that an event and its
	// frame fit a 16 KiB data-channel message.
	MaxEvent = 15 << 10
	// MaxRefs is how many events one event may reference.
	MaxRefs = 64
)

// Key is an Ed25519 public key: the name of a device, an invite or a founder.
type Key [32]byte

// String returns 64 hexadecimal digits.
func (k Key) String() string { return Hash(k).String() }

// Short returns the first eight digits, for people.
func (k Key) Short() string { return Hash(k).Short() }

// MarshalText implements encoding.TextMarshaler.
func (k Key) MarshalText() ([]byte, error) { return Hash(k).MarshalText() }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *Key) UnmarshalText(b []byte) error { return (*Hash)(k).UnmarshalText(b) }

// Incarnation tells apart the chains that one key writes (rule R5).
type Incarnation [8]byte

// Header is the part of an event that is always in clear. It names no kind
// and no severity (rule R7).
type Header struct {
	Set    Set
	Log    LogID // zero in a founding record only, whose hash becomes the LogID
	Author Key

	// Place in the author's chain. Seq starts at 1, where Prev is zero.
	Incarnation Incarnation
	Seq         uint64
	Prev        Hash

	Time  Time  // the log's order
	OwnMs int64 // the author's own clock: milliseconds since 1970, for display and validity

	Grant Hash // the control event that lets Author write; zero in a founding record
	Lane  Lane
	Epoch Hash   // names the key that seals the payload; zero when it is open
	Refs  []Hash // events this one speaks of: amends, confirms, cuts
}

// Event is a decoded envelope. It is immutable: nobody changes the fields or
// the bytes after [Decode] or [Sign] returned it.
type Event struct {
	Header
	// Payload is the padded content, or nonce and ciphertext when sealed.
	Payload []byte
	// Hash is the identity of the event.
	Hash Hash

	envelope, protected, signature []byte
}

// Envelope returns the signed bytes. The caller must not change them.
func (e *Event) Envelope() []byte { return e.envelope }

// Sealed reports whether the payload needs a key to be read.
func (e *Event) Sealed() bool { return !e.Epoch.IsZero() }

// LogID is the log the event belongs to: for a founding record, the one it founds.
func (e *Event) LogID() LogID {
	if e.IsFounding() {
		return LogID(e.Hash)
	}
	return e.Log
}

// IsFounding reports whether the event founds a log. Only form is looked at.
func (e *Event) IsFounding() bool { return e.Log.IsZero() }

// Element is the event's place in the order of its set.
func (e *Event) Element() Element { return Element{Time: e.Time, Hash: e.Hash} }

// Plain returns the content of an open payload. A record is never open: its
// key is part of its payload, wrapped.
func (e *Event) Plain() ([]byte, error) {
	if e.Sealed() || e.Set == Records {
		return nil, fmt.Errorf("event %s is sealed", e.Hash.Short())
	}
	return Unpad(e.Payload)
}

// Element is what a set's index holds of an event: enough to order and to
// name it. Sets are ordered by (Time, Hash).
type Element struct {
	Time Time
	Hash Hash
}

// Compare orders elements by time, ties by hash.
func (e Element) Compare(o Element) int {
	switch {
	case e.Time < o.Time:
		return -1
	case e.Time > o.Time:
		return 1
	}
	return e.Hash.Compare(o.Hash)
}
