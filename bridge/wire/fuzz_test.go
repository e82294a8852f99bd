package wire

import (
	"bytes"
	"errors"
	"testing"

	"touchline.dev/touchline/crdt"
)

// Whatever comes, Decode says no with one of two errors or has found the one
// encoding of a frame.
func FuzzDecode(f *testing.F) {
	for _, s := range samples() {
		f.Add(Encode(s.frame))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := Decode(b)
		switch {
		case err == nil:
			if !bytes.Equal(Encode(frame), b) {
				t.Fatalf("another encoding of %#v was taken", frame)
			}
		case !errors.Is(err, crdt.ErrMalformed) && !errors.Is(err, crdt.ErrTooLarge):
			t.Fatal(err)
		}
	})
}
