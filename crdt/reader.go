package crdt

import (
	"math"
	"unicode/utf8"
)

// Major types of CBOR (RFC 8949 section 3.1).
const (
	majorUint byte = iota
	majorNegative
	majorBytes
	majorText
	majorArray
	majorMap
)

// reader takes deterministic CBOR (RFC 8949 section 4.2.1) apart, item by item: each
// value has one form and every other is refused, so that what was read needs no
// encoding again to know that. Byte strings are parts of what is read, not copies.
// After a mistake all that it returns is zero.
type reader struct {
	rest []byte
	bad  bool
}

// whole reports whether all was read, and without a mistake.
func (r *reader) whole() bool { return !r.bad && len(r.rest) == 0 }

func (r *reader) fail() uint64 {
	r.bad, r.rest = true, nil
	return 0
}

// head reads the head of an item of a major type, which must be as short as it can be.
func (r *reader) head(major byte) uint64 {
	if len(r.rest) == 0 || r.rest[0]>>5 != major {
		return r.fail()
	}
	info := r.rest[0] & 31
	if info < 24 {
		r.rest = r.rest[1:]
		return uint64(info)
	}
	if info > 27 {
		return r.fail()
	}
	size := 1 << (info - 24)
	if len(r.rest) <= size {
		return r.fail()
	}
	n := uint64(0)
	for _, b := range r.rest[1 : 1+size] {
		n = n<<8 | uint64(b)
	}
	if n < 24 || size > 1 && n>>(4*size) == 0 {
		return r.fail()
	}
	r.rest = r.rest[1+size:]
	return n
}

func (r *reader) uint() uint64 { return r.head(majorUint) }

func (r *reader) int() int64 {
	if len(r.rest) > 0 && r.rest[0]>>5 == majorNegative {
		if n := r.head(majorNegative); n <= math.MaxInt64 {
			return -1 - int64(n)
		}
	} else if n := r.uint(); n <= math.MaxInt64 {
		return int64(n)
	}
	return int64(r.fail())
}

func (r *reader) string(major byte) []byte {
	n := r.head(major)
	if n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	s := r.rest[:n:n]
	r.rest = r.rest[n:]
	return s
}

// bytes reads a byte string; nil only after a mistake.
func (r *reader) bytes() []byte {
	if s := r.string(majorBytes); !r.bad {
		return s
	}
	return nil
}

func (r *reader) text() string {
	s := r.string(majorText)
	if !utf8.Valid(s) {
		r.fail()
		return ""
	}
	return string(s)
}

// many reads the length of an array or a map, whose items follow.
func (r *reader) many(major byte, most uint64) int {
	n := r.head(major)
	if n > most {
		return int(r.fail())
	}
	return int(n)
}

// exactly reads what is known beforehand.
func (r *reader) exactly(b ...byte) {
	if len(r.rest) < len(b) || string(r.rest[:len(b)]) != string(b) {
		r.fail()
		return
	}
	r.rest = r.rest[len(b):]
}
