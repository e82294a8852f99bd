package crdt

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

// referenceDecode is [Decode] by way of a general CBOR library, which knows that a
// form is the deterministic one by encoding again what it read.
func referenceDecode(b []byte) (*Event, error) {
	var s sign1
	if len(b) < 2 || b[0] != 0xc0|coseSign1Tag {
		return nil, ErrMalformed
	}
	if err := DecodeCBOR(b[1:], &s); err != nil {
		return nil, err
	}
	if len(s.Unprotected) != 0 || s.Unprotected == nil || s.Payload == nil || len(s.Signature) != ed25519.SignatureSize {
		return nil, ErrMalformed
	}
	var p protectedHeader
	if err := DecodeCBOR(s.Protected, &p); err != nil {
		return nil, err
	}
	f := &p.Fields
	e := &Event{Header: Header{
		Set: Set(f.Set), Seq: f.Seq, Time: Time(f.Time), OwnMs: f.OwnMs, Lane: Lane(f.Lane),
	}, Payload: s.Payload, Hash: Sum(b), envelope: b, protected: s.Protected, signature: s.Signature}
	if p.Alg != algEdDSA || f.Version != Version || f.Set >= uint64(NumSets) || f.Lane > uint64(Bulk) || f.Refs == nil {
		return nil, ErrMalformed
	}
	exactly := func(to, from []byte) bool { return copy(to, from) == len(to) && len(from) == len(to) }
	ok := exactly(e.Author[:], p.Kid) && exactly(e.Incarnation[:], f.Incarnation)
	for _, h := range []struct {
		to   *Hash
		from []byte
	}{{(*Hash)(&e.Log), f.Log}, {&e.Prev, f.Prev}, {&e.Grant, f.Grant}, {&e.Epoch, f.Epoch}} {
		ok = ok && h.from != nil && (len(h.from) == 0 || exactly(h.to[:], h.from) && !h.to.IsZero())
	}
	for _, ref := range f.Refs {
		var h Hash
		ok = ok && exactly(h[:], ref)
		e.Refs = append(e.Refs, h)
	}
	if !ok {
		return nil, ErrMalformed
	}
	return e, e.Header.check(len(e.Payload))
}

func referenceContent(b []byte) (*Content, error) {
	var c Content
	err := DecodeCBOR(b, &c)
	if err == nil && (c.ID == "" || c.Type == "" || slices.ContainsFunc(c.Boxes, func(b []byte) bool { return b == nil })) {
		err = ErrMalformed // the library takes null for a byte string
	}
	return &c, err
}

func sameEvent(t *testing.T, b []byte) {
	t.Helper()
	got, err := Decode(b)
	want, wantErr := referenceDecode(b)
	if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
		t.Fatalf("%x:\n%+v %v\nwanted\n%+v %v", b, got, err, want, wantErr)
	}
}

func sameContent(t *testing.T, b []byte) {
	t.Helper()
	var got Content
	ok := got.read(b)
	want, err := referenceContent(b)
	if ok != (err == nil) || ok && !reflect.DeepEqual(&got, want) {
		t.Fatalf("%x:\n%+v %v\nwanted\n%+v %v", b, got, ok, want, err)
	}
}

// disturbed yields what one wrong byte makes of bytes: another one, one more, one less,
// an end.
func disturbed(b []byte) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for i := range b {
			for v := range 256 {
				if !yield(bytes.Join([][]byte{b[:i], {byte(v)}, b[i+1:]}, nil)) || !yield(bytes.Join([][]byte{b[:i], {byte(v)}, b[i:]}, nil)) {
					return
				}
			}
			if !yield(b[:i]) || !yield(bytes.Join([][]byte{b[:i], b[i+1:]}, nil)) {
				return
			}
		}
	}
}

func referenceSamples(t testing.TB) (events, contents [][]byte) {
	key := ed25519.NewKeyFromSeed(make([]byte, 32))
	ms, behind := int64(1_380_000), int64(-70_000)
	for _, c := range []Content{
		{ID: "a", Type: "goal", Team: "home", Period: 1, ClockMs: &ms, Data: []byte(`{"player":"p7"}`)},
		{ID: "Ä", Type: "note", ClockMs: &behind, Boxes: [][]byte{{1, 2}, {}}, Audience: 70_000},
	} {
		contents = append(contents, EncodeCBOR(c))
	}
	payload, err := Pad(contents[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range []Header{
		{Set: Control, Seq: 1},
		{Set: Events, Log: LogID{1}, Grant: Hash{3}, Seq: 300, Prev: Hash{2}, Time: 1 << 50, OwnMs: 70_000, Refs: []Hash{{4}, {5}}, Lane: Bulk},
	} {
		e, err := Sign(key, h, payload)
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, e.Envelope())
	}
	return events, contents
}

// Our own reader of envelopes and contents and a general library are of one mind on
// whatever one wrong byte makes of real ones.
func TestReaderAgreesWithLibrary(t *testing.T) {
	events, contents := referenceSamples(t)
	for i, b := range events {
		t.Run(fmt.Sprint("event ", i), func(t *testing.T) {
			t.Parallel()
			sameEvent(t, b)
			for changed := range disturbed(b) {
				sameEvent(t, changed)
			}
		})
	}
	for _, b := range contents {
		sameContent(t, b)
		for changed := range disturbed(b) {
			sameContent(t, changed)
		}
	}
	for _, wrong := range [][]byte{
		EncodeCBOR(cbor.Tag{Number: coseSign1Tag, Content: []any{[]byte{}, map[int]int{1: 2}, []byte{}, make([]byte, 64)}}),
		EncodeCBOR(cbor.Tag{Number: coseSign1Tag, Content: []any{[]byte{}, map[int]int{}, nil, make([]byte, 64)}}),
		{0xd2}, {},
	} {
		sameEvent(t, wrong)
	}
}

func FuzzReader(f *testing.F) {
	events, contents := referenceSamples(f)
	for _, b := range append(events, contents...) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		sameEvent(t, b)
		sameContent(t, b)
	})
}
