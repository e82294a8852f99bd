package access

import (
	"crypto/sha256"

	"touchline.dev/touchline/crdt"
)

// maxWraps is how many recipients one control event carries a key for.
const maxWraps = 96

// maxEpochHeads is how many epochs one epoch may follow.
const maxEpochHeads = 16

// Epoch is a new key for one audience, named by the hash of its own envelope.
// It carries the keys of the epochs it follows, so that who holds the latest
// reads everything (rule R9).
type Epoch struct {
	Kind       Kind      `cbor:"0,keyasint"`
	Audience   uint64    `cbor:"1,keyasint"` // one of the audience bits
	Scope      []byte    `cbor:"2,keyasint"` // which team or child, by an opaque name; empty for the match
	Commitment []byte    `cbor:"3,keyasint"` // to the key: all recipients hold the same
	Follows    []Carried `cbor:"4,keyasint"`
	Wraps      []Wrap    `cbor:"5,keyasint"`
}

// Carried is the key of an earlier epoch, sealed under the new epoch's key.
type Carried struct {
	_     struct{} `cbor:",toarray"`
	Epoch []byte   // hash
	Key   []byte   // nonce and ciphertext: 24 + 32 + 16 bytes
}

// Wrap is an epoch's key for one recipient, by HPKE (RFC 9180).
type Wrap struct {
	_      struct{} `cbor:",toarray"`
	Grant  []byte   // of the recipient: an enrolment, an invite, the founding record
	Sealed []byte   // encapsulated key and ciphertext: 32 + 32 + 16 bytes
}

// EpochKey is the key of one epoch, as a device keeps it and an invite carries it.
type EpochKey struct {
	_        struct{} `cbor:",toarray"`
	Epoch    []byte   // hash
	Audience uint64
	Scope    []byte
	Key      []byte // 32 bytes
}

// Wraps gives an epoch's key to more recipients: those who came later, or who
// did not fit into the epoch's own event.
type Wraps struct {
	Kind  Kind   `cbor:"0,keyasint"`
	Epoch []byte `cbor:"1,keyasint"`
	Wraps []Wrap `cbor:"2,keyasint"`
}

const (
	keySize     = 32
	carriedSize = 24 + keySize + 16
	wrapSize    = 32 + keySize + 16
	maxScope    = 32
)

// For is the audience whose key the epoch is.
func (e *Epoch) For() Audience { return Audience{e.Audience, string(e.Scope)} }

func (e *Epoch) valid() bool {
	if !validAudience(e.Audience, e.Scope) ||
		len(e.Commitment) != sha256.Size || e.Follows == nil || len(e.Follows) > maxEpochHeads {
		return false
	}
	for _, c := range e.Follows {
		if len(c.Epoch) != crdt.HashSize || len(c.Key) != carriedSize {
			return false
		}
	}
	return validWraps(e.Wraps)
}

func (w *Wraps) valid() bool {
	return len(w.Epoch) == crdt.HashSize && len(w.Wraps) > 0 && validWraps(w.Wraps)
}

func validWraps(list []Wrap) bool {
	if list == nil || len(list) > maxWraps {
		return false
	}
	for _, w := range list {
		if len(w.Grant) != crdt.HashSize || len(w.Sealed) != wrapSize {
			return false
		}
	}
	return true
}
