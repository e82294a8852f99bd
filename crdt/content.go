package crdt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
)

// Limits of the text fields of a [Content], in bytes.
const (
	MaxID   = 128
	MaxType = 64
)

// Content is what an event of the events set says, once opened. The core does not
// interpret it; the fields are those every reader needs to list an event.
type Content struct {
	ID       string   `cbor:"1,keyasint"`           // the client's label: a UUIDv7, or a legacy client's own string (rule R4)
	Type     string   `cbor:"2,keyasint"`           // kind, opaque here
	Team     string   `cbor:"3,keyasint,omitempty"` // home, away or a team's ID
	Period   uint32   `cbor:"4,keyasint,omitempty"`
	ClockMs  *int64   `cbor:"5,keyasint,omitempty"` // play time since the period began
	Data     []byte   `cbor:"6,keyasint,omitempty"` // a JSON object, compact
	Boxes    [][]byte `cbor:"7,keyasint,omitempty"` // parts sealed for narrower audiences (rule R7)
	Audience uint64   `cbor:"8,keyasint,omitempty"` // for whom the boxes are: bits of package access
}

// Encode checks the limits and returns the bytes to be padded.
func (c *Content) Encode() ([]byte, error) {
	if c.ID == "" || len(c.ID) > MaxID {
		return nil, fmt.Errorf("%w: id must have 1 to %d bytes", ErrMalformed, MaxID)
	}
	if c.Type == "" || len(c.Type) > MaxType {
		return nil, fmt.Errorf("%w: type must have 1 to %d bytes", ErrMalformed, MaxType)
	}
	out := *c
	if len(c.Data) > 0 {
		var buf bytes.Buffer
		if c.Data[0] != '{' || json.Compact(&buf, c.Data) != nil {
			return nil, fmt.Errorf("%w: data must be a JSON object", ErrMalformed)
		}
		out.Data = buf.Bytes()
	}
	b := EncodeCBOR(out)
	if len(b) > MaxPlain {
		return nil, ErrTooLarge
	}
	return b, nil
}

// DecodeContent reads what [Content.Encode] wrote. Unknown fields are an
// error here; whoever relays an event never needs to decode it. It keeps a
// reference to plain.
func DecodeContent(plain []byte) (*Content, error) {
	var c Content
	if !c.read(plain) {
		return nil, fmt.Errorf("%w: content is not in deterministic form", ErrMalformed)
	}
	if len(c.ID) > MaxID || len(c.Type) > MaxType {
		return nil, fmt.Errorf("%w: id or type", ErrMalformed)
	}
	if len(c.Data) > 0 && (c.Data[0] != '{' || !json.Valid(c.Data)) {
		return nil, fmt.Errorf("%w: data is not a JSON object", ErrMalformed)
	}
	return &c, nil
}

// read reports whether plain is what a content is encoded to. A field that is empty is
// absent.
func (c *Content) read(plain []byte) bool {
	r := reader{rest: plain}
	last := uint64(0)
	for range r.many(majorMap, contentFields) {
		field := r.uint()
		if field <= last {
			return false
		}
		last = field
		if !c.readField(&r, field) {
			return false
		}
	}
	return r.whole() && c.ID != "" && c.Type != ""
}

// contentFields is how many fields a content has.
const contentFields = 8

// readField reports whether a field is known, and not empty.
func (c *Content) readField(r *reader, field uint64) bool {
	switch field {
	case 1:
		c.ID = r.text()
		return c.ID != ""
	case 2:
		c.Type = r.text()
		return c.Type != ""
	case 3:
		c.Team = r.text()
		return c.Team != ""
	case 4:
		period := r.uint()
		c.Period = uint32(period)
		return period > 0 && period <= math.MaxUint32
	case 5:
		ms := r.int()
		c.ClockMs = &ms
		return !r.bad
	case 6:
		c.Data = r.bytes()
		return len(c.Data) > 0
	case 7:
		c.Boxes = make([][]byte, r.many(majorArray, maxBoxes))
		for i := range c.Boxes {
			c.Boxes[i] = r.bytes()
		}
		return len(c.Boxes) > 0
	case 8:
		c.Audience = r.uint()
		return c.Audience > 0
	}
	return false
}

// maxBoxes is how many boxes are read. That many do not fit into an event.
const maxBoxes = 1024

// SameContent reports whether two events say the same: equal content under
// the same ID is one event (rule R4). It compares open payloads; what is sealed
// differs each time and has to be opened first.
func SameContent(a, b *Event) bool {
	return bytes.Equal(a.Payload, b.Payload) && a.Set == b.Set && equalRefs(a.Refs, b.Refs)
}

func equalRefs(a, b []Hash) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}
