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

// protectedStart is what a protected header begins with: a map of three, the
// algorithm, and the name of the key, whose 32 bytes follow.
var protectedStart = []byte{majorMap<<5 | 3, 1, majorNegative<<5 | (-1 - algEdDSA), 4, majorBytes<<5 | 24, ed25519.PublicKeySize}

// fieldsStart are the label of the header's array, -65537, and its length.
var fieldsStart = []byte{majorNegative<<5 | 26, 0, 1, 0, 0, majorArray<<5 | 12}

// read reads what [Header.Protected] wrote.
func (h *Header) read(protected []byte) error {
	bad := func(what string) error { return fmt.Errorf("%w: protected header: %s", ErrMalformed, what) }
	r := reader{rest: protected}
	r.exactly(protectedStart...)
	if len(r.rest) < len(h.Author) {
		return bad("not Ed25519")
	}
	r.rest = r.rest[copy(h.Author[:], r.rest):]
	r.exactly(fieldsStart...)
	if version := r.uint(); !r.bad && version != Version {
		return bad(fmt.Sprintf("version %d is not known here", version))
	}
	set := r.uint()
	r.hash((*Hash)(&h.Log))
	if incarnation := r.bytes(); copy(h.Incarnation[:], incarnation) != len(incarnation) || len(incarnation) != len(h.Incarnation) {
		r.fail()
	}
	h.Seq = r.uint()
	r.hash(&h.Prev)
	h.Time, h.OwnMs = Time(r.uint()), r.int()
	r.hash(&h.Grant)
	lane := r.uint()
	r.hash(&h.Epoch)
	if n := r.many(majorArray, MaxRefs); n > 0 {
		h.Refs = make([]Hash, n)
	}
	for i := range h.Refs {
		if r.hash(&h.Refs[i]); h.Refs[i].IsZero() {
			r.fail()
		}
	}
	if !r.whole() || set >= uint64(NumSets) || lane > uint64(Bulk) {
		return bad("a field is missing, out of range or not in deterministic form")
	}
	h.Set, h.Lane = Set(set), Lane(lane)
	return nil
}

// orEmpty writes a zero hash as the empty string: one form for "none".
func orEmpty(h Hash) []byte {
	if h.IsZero() {
		return []byte{}
	}
	return h[:]
}

// hash reads what [orEmpty] wrote.
func (r *reader) hash(h *Hash) {
	b := r.bytes()
	if len(b) != 0 && len(b) != HashSize {
		r.fail()
	}
	if copy(h[:], b); len(b) > 0 && h.IsZero() {
		r.fail()
	}
}
