package badgerstore_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
)

func mount(t *testing.T, dir string, args ...string) {
	t.Helper()
	if os.Getuid() != 0 {
		crdttest.Lacking(t, "mounting needs root")
	}
	if out, err := exec.Command("mount", append(args, dir)...).CombinedOutput(); err != nil {
		crdttest.Lacking(t, "mount:", err, string(out))
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
}

// ext4Image is a file with an empty filesystem of 400 MB.
func ext4Image(t *testing.T) string {
	t.Helper()
	image := filepath.Join(t.TempDir(), "image")
	check(t, os.WriteFile(image, nil, 0o600))
	check(t, os.Truncate(image, 400<<20))
	if out, err := exec.Command("mkfs.ext4", "-q", "-m", "0", image).CombinedOutput(); err != nil {
		crdttest.Lacking(t, "mkfs.ext4:", err, string(out))
	}
	return image
}

// TestPowerCut stops an ext4 filesystem without flushing its journal, as a
// power cut would, mounts it again and looks for what was acknowledged.
func TestPowerCut(t *testing.T) {
	const ext4IocShutdown, noLogFlush = 0x8004587d, 2
	image, dir := ext4Image(t), t.TempDir()
	for round := range rounds(10, 2) {
		mount(t, dir, "-o", "loop", image)
		seed := uint64(1000 * (round + 1))
		store := filepath.Join(dir, "store")
		acked := acknowledged(t, store, seed, 500+300*round, func(c *exec.Cmd) {
			d, err := os.Open(dir)
			check(t, err)
			defer d.Close()
			check(t, unix.IoctlSetPointerInt(int(d.Fd()), ext4IocShutdown, noLogFlush))
			time.Sleep(20 * time.Millisecond)
			c.Process.Kill()
		})
		check(t, unix.Unmount(dir, 0))
		mount(t, dir, "-o", "loop", image)
		checkAcknowledged(t, store, seed, acked)
		check(t, unix.Unmount(dir, 0))
	}
}

func TestDiskFull(t *testing.T) {
	dir := t.TempDir()
	mount(t, dir, "-t", "tmpfs", "-o", "size=128m", "tmpfs")
	s := open(t, filepath.Join(dir, "store"), badgerstore.Options{})
	f := crdttest.NewEvents(t, 1)
	first := f.Make(100)
	append1(t, s, first)

	junk := fill(t, dir, 8<<20)
	_, err := s.Append(ctx, f.Log, f.Make(1)...)
	if !errors.Is(err, crdt.ErrReadOnly) || !errors.Is(s.Health(), crdt.ErrReadOnly) {
		t.Fatalf("on a full disk: %v, health %v", err, s.Health())
	}
	if _, err := s.Event(f.Log, first[99].Hash); err != nil {
		t.Fatal(err)
	}
	check(t, os.Remove(junk))
	append1(t, s, f.Make(1))

	for err = nil; err == nil; { // our own writing fills it
		e := f.Event(crdt.Events, 14000)
		_, err = s.Append(ctx, f.Log, e)
	}
	if !errors.Is(err, crdt.ErrReadOnly) {
		t.Fatal(err)
	}
	verify(t, s, 0)
	check(t, s.Close())
}

func TestOpenOnFullDisk(t *testing.T) {
	dir := t.TempDir()
	mount(t, dir, "-t", "tmpfs", "-o", "size=128m", "tmpfs")
	store := filepath.Join(dir, "store")
	s := open(t, store, badgerstore.Options{})
	f := crdttest.NewEvents(t, 1)
	events := f.Make(100)
	append1(t, s, events)
	id := s.ID()
	check(t, s.Close())

	junk := fill(t, dir, 0)
	s = open(t, store, badgerstore.Options{})
	if s.ID() != id || !errors.Is(s.Health(), crdt.ErrReadOnly) {
		t.Fatalf("health %v", s.Health())
	}
	if _, err := s.Event(f.Log, events[0].Hash); !errors.Is(err, crdt.ErrReadOnly) {
		t.Fatal(err)
	}
	check(t, os.Remove(junk))
	eventually(t, func() bool { return s.Health() == nil })
	append1(t, s, f.Make(1))
	if _, err := s.Event(f.Log, events[0].Hash); err != nil || s.ID() != id {
		t.Fatalf("%v, same ID %v", err, s.ID() == id)
	}
}

// TestLogHasItsBlocks: what is being written when another program takes the
// last block, after the look at the free space, has a place.
func TestLogHasItsBlocks(t *testing.T) {
	for name, options := range map[string][]string{
		"tmpfs": {"-t", "tmpfs", "-o", "size=128m", "tmpfs"},
		"ext4":  {"-o", "loop", ext4Image(t)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			mount(t, dir, options...)
			s := open(t, filepath.Join(dir, "store"), badgerstore.Options{MinFree: 1})
			f := crdttest.NewEvents(t, 1)
			append1(t, s, []*crdt.Event{f.Event(crdt.Events, 200)})
			junk := fill(t, dir, 8192)
			for range 200 {
				append1(t, s, []*crdt.Event{f.Event(crdt.Events, 200)})
			}
			check(t, os.Remove(junk))
			verify(t, s, 0)
			check(t, s.Close())
			if left, _ := filepath.Glob(filepath.Join(dir, "store", "db", "*.mem")); len(left) > 0 {
				t.Fatalf("closed, and %v are there", left)
			}
		})
	}
}

// TestLeftoversOnFullDisk: dying in a compaction must not keep the disk full.
func TestLeftoversOnFullDisk(t *testing.T) {
	dir := t.TempDir()
	mount(t, dir, "-t", "tmpfs", "-o", "size=128m", "tmpfs")
	store := filepath.Join(dir, "store")
	s := open(t, store, badgerstore.Options{})
	f := crdttest.NewEvents(t, 1)
	events := f.Make(100)
	append1(t, s, events)
	check(t, s.Close())
	check(t, os.Rename(fill(t, dir, 0), filepath.Join(store, "db", "000999.sst")))
	s = open(t, store, badgerstore.Options{})
	check(t, s.Health())
	verify(t, s, 0)
	append1(t, s, f.Make(1))
}

// fill leaves so much free.
func fill(t *testing.T, dir string, leave uint64) string {
	t.Helper()
	path := filepath.Join(dir, "junk")
	f, err := os.Create(path)
	check(t, err)
	defer f.Close()
	var st unix.Statfs_t
	check(t, unix.Statfs(dir, &st))
	n := st.Bavail*uint64(st.Bsize) - leave
	check(t, unix.Fallocate(int(f.Fd()), 0, 0, int64(n)))
	return path
}
