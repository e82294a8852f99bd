package crdt

import (
	"crypto/ed25519"
	"fmt"
	"math"
)

// RecordKeySize is the length of the wrapped key that begins the payload of an
// erasable record (rule R8): nonce, key and tag. The ciphertext follows, and its
// hash is the record's name.
const RecordKeySize = 24 + 32 + 16

// RecordOverhead is what a record's payload has beside its padded content.
const RecordOverhead = RecordKeySize + SealOverhead

// SealOverhead is what XChaCha20-Poly1305 adds to what it seals: nonce and tag.
const SealOverhead = 24 + 16

// check holds a header to every rule that its own bytes decide.
func (h *Header) check(payload int) error {
	bad := func(what string) error { return fmt.Errorf("%w: %s", ErrMalformed, what) }
	founding := h.Log.IsZero()
	switch {
	case h.Set >= NumSets:
		return bad("unknown set")
	case h.Lane > Bulk:
		return bad("unknown lane")
	case h.Seq == 0 || h.Seq > math.MaxInt64 || (h.Seq == 1) != h.Prev.IsZero():
		return bad("sequence number and previous hash disagree")
	case founding && (h.Set != Control || !h.Grant.IsZero() || h.Seq != 1):
		return bad("no log")
	case !founding && h.Grant.IsZero():
		return bad("no grant")
	case len(h.Refs) > MaxRefs:
		return bad("too many references")
	case h.OwnMs < 0:
		return bad("own clock before 1970")
	case h.Set == Control && !h.Epoch.IsZero():
		return bad("control events are never sealed")
	case !isSizeClass(payload - h.overhead()):
		return bad("payload is not padded to a size class")
	}
	for i, r := range h.Refs {
		if r.IsZero() || i > 0 && h.Refs[i-1].Compare(r) >= 0 {
			return bad("references are not sorted and distinct")
		}
	}
	return nil
}

// overhead is what a payload has beside the padded content.
func (h *Header) overhead() int {
	switch {
	case h.Set == Records:
		return RecordOverhead
	case h.Epoch.IsZero():
		return 0
	}
	return SealOverhead
}

// Protected returns the bytes of the protected header, which the signature and
// the seal of a payload cover. Author must be set. Of a decoded event they are
// the very bytes in its envelope: a header has one form.
func (h *Header) Protected() []byte { return EncodeCBOR(h.wire()) }

func (h *Header) wire() protectedHeader {
	refs := make([][]byte, len(h.Refs))
	for i := range h.Refs {
		refs[i] = h.Refs[i][:]
	}
	return protectedHeader{Alg: algEdDSA, Kid: h.Author[:], Fields: headerFields{
		Version:     Version,
		Set:         uint64(h.Set),
		Log:         orEmpty(Hash(h.Log)),
		Incarnation: h.Incarnation[:],
		Seq:         h.Seq,
		Prev:        orEmpty(h.Prev),
		Time:        uint64(h.Time),
		OwnMs:       h.OwnMs,
		Grant:       orEmpty(h.Grant),
		Lane:        uint64(h.Lane),
		Epoch:       orEmpty(h.Epoch),
		Refs:        refs,
	}}
}

func (p *protectedHeader) header() (h Header, err error) {
	f := &p.Fields
	bad := func(what string) (Header, error) { return Header{}, fmt.Errorf("%w: %s", ErrMalformed, what) }
	if p.Alg != algEdDSA || len(p.Kid) != ed25519.PublicKeySize {
		return bad("not Ed25519")
	}
	if f.Version != Version {
		return bad(fmt.Sprintf("version %d is not known here", f.Version))
	}
	if f.Set >= NumSets || f.Lane > uint64(Bulk) || len(f.Incarnation) != len(h.Incarnation) || f.Refs == nil || len(f.Refs) > MaxRefs {
		return bad("header field out of range")
	}
	h = Header{
		Set: Set(f.Set), Author: Key(p.Kid), Incarnation: Incarnation(f.Incarnation),
		Seq: f.Seq, Time: Time(f.Time), OwnMs: f.OwnMs, Lane: Lane(f.Lane),
	}
	for _, field := range []struct {
		to   *Hash
		from []byte
	}{{(*Hash)(&h.Log), f.Log}, {&h.Prev, f.Prev}, {&h.Grant, f.Grant}, {&h.Epoch, f.Epoch}} {
		if !fromEmpty(field.to, field.from) {
			return bad("hash of wrong length")
		}
	}
	if len(f.Refs) > 0 {
		h.Refs = make([]Hash, len(f.Refs))
	}
	for i, r := range f.Refs {
		if len(r) != HashSize {
			return bad("reference of wrong length")
		}
		h.Refs[i] = Hash(r)
	}
	return h, nil
}

// orEmpty writes a zero hash as the empty string: one form for "none".
func orEmpty(h Hash) []byte {
	if h.IsZero() {
		return []byte{}
	}
	return h[:]
}

func fromEmpty(h *Hash, b []byte) bool {
	if b == nil || len(b) != 0 && len(b) != HashSize {
		return false
	}
	copy(h[:], b)
	return len(b) == 0 || !h.IsZero()
}
