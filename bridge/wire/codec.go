package wire

import (
	"fmt"

	"touchline.dev/touchline/crdt"
)

// Frame is one of the frames of this package, as a pointer.
type Frame interface {
	kind() Kind
	setKind(Kind)
	// check says what is wrong beside types and lengths; empty: nothing.
	check() string
}

// head is the beginning of every frame: its kind, under key 0.
type head struct {
	Kind Kind `cbor:"0,keyasint"`
}

func (h *head) setKind(k Kind) { h.Kind = k }
func (h *head) check() string  { return "" }

// Encode returns the bytes of a frame. It panics if f is not valid: that is a
// mistake of ours. It is not said to be at most [MaxFrame] long.
func Encode(f Frame) []byte {
	f.setKind(f.kind())
	if bad := f.check(); bad != "" {
		panic(fmt.Sprintf("wire: encode %T: %s", f, bad))
	}
	return crdt.EncodeCBOR(f)
}

// Decode reads exactly one frame. Errors wrap crdt.ErrMalformed or
// crdt.ErrTooLarge.
func Decode(b []byte) (Frame, error) {
	if len(b) > MaxFrame {
		return nil, fmt.Errorf("%w: frame of %d bytes", crdt.ErrTooLarge, len(b))
	}
	f := newFrame(peek(b))
	if f == nil {
		return nil, fmt.Errorf("%w: no frame of a known kind", crdt.ErrMalformed)
	}
	if err := crdt.DecodeCBOR(b, f); err != nil {
		return nil, err
	}
	if bad := f.check(); bad != "" {
		return nil, fmt.Errorf("%w: %s: %s", crdt.ErrMalformed, f.kind(), bad)
	}
	return f, nil
}

// peek returns the kind of a frame whose bytes may be one: a short map whose
// first key is 0. Zero: they are none.
func peek(b []byte) Kind {
	if len(b) < 3 || b[0] < 0xa1 || b[0] > 0xb7 || b[1] != 0 {
		return 0
	}
	switch {
	case b[2] < 24:
		return Kind(b[2])
	case b[2] == 24 && len(b) > 3:
		return Kind(b[3])
	}
	return 0
}

// KindOf returns a frame's kind.
func KindOf(f Frame) Kind { return f.kind() }
