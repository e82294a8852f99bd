package badgerstore_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
)

// TestReadOnFullDisk: a store whose process was killed, and whose disk another
// program filled to the last block then, is opened and read, twice; it takes no
// writes until there is space, and then by itself. One that was closed in peace
// keeps its name through all of that.
func TestReadOnFullDisk(t *testing.T) {
	image, dir := ext4Image(t), t.TempDir()
	mount(t, dir, "-o", "loop", image)
	store := filepath.Join(dir, "store")
	const seed = 1
	acked := acknowledged(t, store, seed, 6000, func(c *exec.Cmd) { c.Process.Kill() })
	more := crdttest.NewEvents(t, 77)
	openFull := func() *badgerstore.Store {
		s := open(t, store, badgerstore.Options{})
		if err := s.Health(); !errors.Is(err, crdt.ErrReadOnly) {
			t.Fatalf("health %v", err)
		}
		readAll(t, s, seed, acked)
		if _, err := s.Append(ctx, more.Log, more.Make(1)...); !errors.Is(err, crdt.ErrReadOnly) {
			t.Fatalf("append: %v", err)
		}
		return s
	}
	junk := fill(t, dir, 2<<20)
	fillRest(t, dir)
	check(t, openFull().Close())
	fillRest(t, dir) // what closing gave back, another program takes
	s := openFull()
	check(t, os.Remove(junk))
	eventually(t, func() bool { return s.Health() == nil })
	append1(t, s, more.Make(1))
	readAll(t, s, seed, acked)
	check(t, s.Close())
}

// TestNameOnFullDisk: a store that was closed in peace keeps its name though its
// disk is full when it is opened, and has space later.
func TestNameOnFullDisk(t *testing.T) {
	image, dir := ext4Image(t), t.TempDir()
	mount(t, dir, "-o", "loop", image)
	store, f := filepath.Join(dir, "store"), crdttest.NewEvents(t, 1)
	s := open(t, store, badgerstore.Options{})
	id, events := s.ID(), f.Make(100)
	append1(t, s, events)
	check(t, s.Close())
	junk := fill(t, dir, 2<<20)
	fillRest(t, dir)
	for range 2 {
		s = open(t, store, badgerstore.Options{})
		if _, err := s.Event(f.Log, events[99].Hash); err != nil || s.Health() == nil {
			t.Fatalf("%v, health %v", err, s.Health())
		}
		check(t, s.Close())
	}
	s = open(t, store, badgerstore.Options{})
	check(t, os.Remove(junk))
	eventually(t, func() bool { return s.Health() == nil })
	if s.ID() != id {
		t.Error("it doubts what nobody wrote to")
	}
	append1(t, s, f.Make(1))
	var st unix.Stat_t
	if err := unix.Stat(filepath.Join(store, "ballast"), &st); err != nil || st.Blocks*512 < 40<<20 {
		t.Errorf("%d bytes are put by for the next time, %v", st.Blocks*512, err)
	}
	check(t, s.Close())
}

func readAll(t *testing.T, s *badgerstore.Store, seed uint64, acked [writers]int) {
	t.Helper()
	for w := range uint64(writers) {
		f := crdttest.NewEvents(t, seed+w)
		for i, e := range f.Make(acked[w]) {
			if _, err := s.Event(f.Log, e.Hash); err != nil {
				t.Fatalf("writer %d, acknowledged event %d: %v", w, i, err)
			}
		}
		if _, last, err := s.Digest(f.Log); err != nil || int(last) < acked[w] {
			t.Fatalf("writer %d: last arrival %d, acknowledged %d, %v", w, last, acked[w], err)
		}
	}
}

// fillRest writes until there is no block left.
func fillRest(t *testing.T, dir string) {
	t.Helper()
	f, err := os.CreateTemp(dir, "rest")
	check(t, err)
	defer f.Close()
	for block := make([]byte, 1<<16); err == nil; {
		_, err = f.Write(block)
	}
	if !errors.Is(err, unix.ENOSPC) {
		t.Fatal(err)
	}
}
