package recon

import (
	"encoding/binary"

	"touchline.dev/touchline/crdt"
)

// reader takes fields off a byte string. After the first failure it returns
// zeros and keeps the error.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = malformed(format, args...)
	}
	r.b = nil
}

// take returns the next n bytes without copying, nil if there are fewer.
func (r *reader) take(n int) []byte {
	if r.err != nil || n > len(r.b) {
		r.fail("ends early")
		return nil
	}
	b := r.b[:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// uvarint reads an unsigned LEB128 in its shortest form.
func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.b)
	if n <= 0 || n > 1 && r.b[n-1] == 0 {
		r.fail("number")
		return 0
	}
	r.b = r.b[n:]
	return v
}

// count reads how many items of at least size bytes follow.
func (r *reader) count(size int) int {
	n := r.uvarint()
	if n > uint64(len(r.b)/size) {
		r.fail("%d items of %d bytes in %d", n, size, len(r.b))
		return 0
	}
	return int(n)
}

// bound reads an optional name: 0 none; 1 a time; 2 a time and a prefix.
func (r *reader) bound() *Name {
	var n Name
	switch r.byte() {
	case 0:
		return nil
	case 1:
		n.Time = crdt.Time(r.uint64())
	case 2:
		n.Time = crdt.Time(r.uint64())
		copy(n.Prefix[:], r.take(PrefixSize))
		if n.Prefix == ([PrefixSize]byte{}) {
			r.fail("bound not in its shortest form")
		}
	default:
		r.fail("bound")
	}
	return &n
}

func appendBound(b []byte, n *Name) []byte {
	switch {
	case n == nil:
		return append(b, 0)
	case n.Prefix == [PrefixSize]byte{}:
		return binary.BigEndian.AppendUint64(append(b, 1), uint64(n.Time))
	}
	b = binary.BigEndian.AppendUint64(append(b, 2), uint64(n.Time))
	return append(b, n.Prefix[:]...)
}

func appendUvarint(b []byte, v uint64) []byte { return binary.AppendUvarint(b, v) }
