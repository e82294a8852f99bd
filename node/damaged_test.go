package node_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// A device whose database was damaged in whatever way still follows its matches,
// heals from the other to equal digests, keeps the names that it held, writes on
// at places of its chains that nobody has used, and says what was wrong.
func TestDamagedDeviceHeals(t *testing.T) {
	for name, c := range map[string]struct {
		crash  bool // the node was killed
		file   string
		damage func([]byte) []byte
	}{
		"broken manifest": {false, "MANIFEST", func(b []byte) []byte { b[20] ^= 1; return b }},
		"broken table":    {false, "*.sst", func(b []byte) []byte { b[len(b)/3] ^= 1; return b[:len(b)/2] }},
		"no bytes at all": {false, "*", func([]byte) []byte { return nil }},
		"log cut off":     {true, "*.mem", func(b []byte) []byte { return b[:30_000] }},
		"hole in the log": {true, "*.mem", func(b []byte) []byte { clear(b[30_000:31_000]); return b }},
	} {
		t.Run(name, func(t *testing.T) { healsFrom(t, c.crash, c.file, c.damage) })
	}
}

func healsFrom(t *testing.T, crash bool, file string, damage func([]byte) []byte) {
	dir := filepath.Join(t.TempDir(), "b")
	a := newDevice(t, nil).run()
	id := a.found()
	b := newFolder(t, dir, a.Addrs()...)
	b.join(a.invite(id, access.Scorer))
	b.run()
	b.name(id, "home-7", "Mia Muster")
	for i := range 20 {
		a.record(id, fmt.Sprint("goal ", i))
		b.record(id, fmt.Sprint("shot ", i))
	}
	equal(t, id, a, b.device)
	was := b.membership(id)
	if crash {
		copied := filepath.Join(t.TempDir(), "b")
		if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
			t.Fatal(err)
		}
		dir = copied
	}
	b.stop()
	if err := b.store.Close(); err != nil {
		t.Fatal(err)
	}
	spoil(t, filepath.Join(dir, "db", file), damage)
	a.record(id, "while it was away")

	b = newFolder(t, dir, a.Addrs()...)
	if m := b.membership(id); m == nil || m.Grant != was.Grant || string(m.Seed) != string(was.Seed) {
		t.Fatalf("membership after the damage: %+v", m)
	}
	b.record(id, "before it meets anybody")
	b.run()
	equal(t, id, a, b.device)
	b.record(id, "after")
	equal(t, id, a, b.device)
	if got := b.names(id)["home-7"]; got != "Mia Muster" {
		t.Errorf("the name is %q", got)
	}
	if lost, err := b.store.Lost(id); err != nil || lost.Count() > 0 {
		t.Errorf("still lost: %+v %v", lost, err)
	}
	if damages := b.store.Damages(); len(damages) == 0 && !crash { // a log that was cut is noticed if there was time to look
		t.Error("nobody is told of the damage")
	}
	oncePerPlace(t, b.device, id)
}

func (d *device) membership(id crdt.LogID) *access.Member {
	for _, m := range d.Members() {
		if m.Log == id {
			return m
		}
	}
	return nil
}

func spoil(t *testing.T, pattern string, damage func([]byte) []byte) {
	t.Helper()
	paths, _ := filepath.Glob(pattern)
	if len(paths) == 0 {
		t.Fatalf("no %s", pattern)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		if err == nil && len(b) > 0 {
			err = os.WriteFile(p, damage(b), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// oncePerPlace demands that no place of a chain was used twice (rule R5).
func oncePerPlace(t *testing.T, d *device, id crdt.LogID) {
	t.Helper()
	type place struct {
		author      crdt.Key
		incarnation crdt.Incarnation
		set         crdt.Set
		seq         uint64
	}
	used := map[place]bool{}
	log, err := d.Log(id)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := log.Since(0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	for _, en := range entries {
		e := en.Event
		p := place{e.Author, e.Incarnation, e.Set, e.Seq}
		if used[p] {
			t.Errorf("a place was used twice: %+v", p)
		}
		used[p] = true
	}
	if len(used) < 43 {
		t.Errorf("%d entries", len(used))
	}
}
