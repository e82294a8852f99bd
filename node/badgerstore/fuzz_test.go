package badgerstore_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
)

// frames cuts bytes into frames: kind, length (2), content. Their checksums are
// then made right, so that a fuzzer gets past them.
func frames(b []byte) (out []byte) {
	var list []badgerstore.Frame
	for len(b) >= 3 {
		n := min(int(b[1])<<8|int(b[2]), len(b)-3)
		list = append(list, badgerstore.Frame{Kind: b[0], Content: b[3 : 3+n]})
		b = b[3+n:]
	}
	return badgerstore.WriteFrames(list)
}

// unframed is what frames reads, of a whole backup.
func unframed(t testing.TB, backup []byte) (out []byte) {
	list, err := badgerstore.ReadFrames(bytes.NewReader(backup))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		out = append(append(out, f.Kind, byte(len(f.Content)>>8), byte(len(f.Content))), f.Content...)
	}
	return out
}

// Whatever the file, reading a backup says that it is none, by name, or what is in
// it: the same however it is cut into reads, and nothing of what is cut short.
func FuzzReadBackup(f *testing.F) {
	s := open(f, f.TempDir(), badgerstore.Options{Small: true})
	a, b := crdttest.NewEvents(f, 1), crdttest.NewEvents(f, 2)
	events := a.Make(6)
	append1(f, s, events)
	append1(f, s, b.Make(2))
	check(f, s.Erase(ctx, a.Log, events[0].Hash))
	check(f, s.Retire(ctx, b.Log))
	var whole bytes.Buffer
	check(f, s.Backup(ctx, &whole))
	f.Add(whole.Bytes(), false)
	f.Add(whole.Bytes()[:whole.Len()-1], false)
	f.Add(unframed(f, whole.Bytes()), true)
	log := append([]byte{'L', 0, crdt.HashSize}, a.Log[:]...)
	f.Add(append(log, 'N', 0, 8, 255, 255, 255, 255, 255, 255, 255, 255, 'N', 0, 8, 0, 0, 0, 0, 0, 0, 0, 9), true)
	f.Add(append(append(log, 'M', 0, crdt.HashSize), events[1].Hash[:]...), true)
	f.Fuzz(func(t *testing.T, b []byte, framed bool) {
		if framed {
			b = frames(b)
		}
		what, err := badgerstore.ReadBackup(bytes.NewReader(b))
		if err != nil {
			if !errors.Is(err, badgerstore.ErrBackup) {
				t.Fatal(err)
			}
			return
		}
		if n := len(b) / (crdt.HashSize + 9); what.Events+what.Erased+what.Logs+what.Retired+missing(what) > n+what.Retired {
			t.Fatalf("%+v in %d bytes", what, len(b))
		}
		again, err := badgerstore.ReadBackup(iotest.OneByteReader(bytes.NewReader(b)))
		if err != nil || again.Events != what.Events || again.Logs != what.Logs || again.Lacking() != what.Lacking() {
			t.Fatalf("byte by byte: %+v, %v; at once: %+v", again, err, what)
		}
		for _, cut := range []int{1, 4, 9, 13} {
			if _, err := badgerstore.ReadBackup(bytes.NewReader(b[:len(b)-cut])); !errors.Is(err, badgerstore.ErrBackup) {
				t.Fatalf("cut by %d: %v", cut, err)
			}
		}
		if _, err := badgerstore.ReadBackup(io.MultiReader(bytes.NewReader(b), bytes.NewReader([]byte{0}))); !errors.Is(err, badgerstore.ErrBackup) {
			t.Fatalf("something follows: %v", err)
		}
	})
}

func missing(what badgerstore.BackupContent) (n int) {
	for _, m := range what.Missing {
		n += len(m.Hashes)
	}
	return n
}
