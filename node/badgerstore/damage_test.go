package badgerstore_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
	"touchline.dev/touchline/node/badgerstore/badgerstoretest"
)

// image is a store of 400 events: as a clean close leaves it, or as a crash does.
func image(t *testing.T, clean bool) (dir string, events []*crdt.Event) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "store")
	s := open(t, dir, badgerstore.Options{Small: true})
	events = crdttest.NewEvents(t, 1).Make(400)
	for i := range 8 {
		append1(t, s, events[i*50:][:50])
	}
	if clean {
		check(t, s.Close())
		return dir, events
	}
	eventually(t, func() bool { return badgerstore.SeenIn(dir, events[0].LogID()) == 400 })
	to := filepath.Join(t.TempDir(), "store")
	check(t, os.CopyFS(to, os.DirFS(dir)))
	return to, events
}

func TestDamage(t *testing.T) {
	for _, c := range []struct {
		name     string
		clean    bool
		file     string
		damage   func(t *testing.T, path string)
		moved    bool
		harmless bool // nothing is lost and nothing to doubt
		least    int  // events that are read out of what is left
	}{
		{"flipped byte in log", false, "db/*.mem", flip(100_000), false, false, 350},
		{"cut log", false, "db/*.mem", cut(100_000), false, false, 100},
		{"empty log", false, "db/*.mem", cut(0), false, false, 0},
		{"empty value log", true, "db/*.vlog", cut(0), false, true, 400},
		{"empty manifest", true, "db/MANIFEST", cut(0), true, false, 400},
		{"no manifest", true, "db/MANIFEST", remove, true, false, 400},
		{"flipped byte in manifest", true, "db/MANIFEST", flip(20), true, false, 400},
		{"empty key registry", true, "db/KEYREGISTRY", cut(0), false, true, 400},
		{"cut table", true, "db/*.sst", cut(50_000), true, false, 40},
		{"empty table", true, "db/*.sst", cut(0), true, false, 0},
		{"no table", true, "db/*.sst", remove, true, false, 0},
		{"flipped byte of an index", true, "db/*.sst", flip(5_000), false, false, 300},
		{"flipped byte of a body", true, "db/*.sst", flip(100_000), false, false, 350},
		{"flipped byte at the end of table", true, "db/*.sst", flip(-3), true, false, 400},
		{"empty state", true, "state", cut(0), false, false, 400},
		{"old state", true, "state", func(t *testing.T, path string) {
			check(t, os.WriteFile(path, []byte(`{"version":1,"id":"00112233445566778899aabbccddeeff","clean":true,"heads":"x"}`), 0o600))
		}, false, false, 400},
		{"badger died opening it", true, "db", func(t *testing.T, path string) {
			check(t, os.WriteFile(filepath.Join(path, "..", "opening"), []byte("panic: oh\n\ngoroutine 1"), 0o600))
		}, true, false, 400},
		{"disk was full opening it", true, "db", func(t *testing.T, path string) {
			check(t, os.WriteFile(filepath.Join(path, "..", "opening"), []byte("fatal error: fault\n[signal SIGBUS: bus error"), 0o600))
		}, false, true, 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir, events := image(t, c.clean)
			paths, _ := filepath.Glob(filepath.Join(dir, c.file))
			if len(paths) == 0 {
				t.Fatalf("no %s", c.file)
			}
			c.damage(t, paths[0])
			s := open(t, dir, badgerstore.Options{Small: true})
			if c.harmless {
				if s.Doubted() {
					t.Fatal("doubted without need")
				}
			} else {
				eventually(t, s.Doubted)
			}
			what, moved := s.Repaired()
			if (moved != "") != c.moved {
				t.Fatalf("moved %q, repaired %q", moved, what)
			}
			if _, err := os.Stat(moved); moved != "" && err != nil {
				t.Fatal(err)
			}
			log := events[0].LogID()
			_, last, err := s.Digest(log)
			check(t, err)
			t.Logf("%d of 400 left; %s", last, what)
			lost, err := s.Lost(log)
			check(t, err)
			if last < crdt.Arrival(c.least) || uint64(last)+lost.Count() != 400 {
				t.Fatalf("%d left, not at least %d; %d and %d more are known to be lost", last, c.least, len(lost.Hashes), lost.Nameless)
			}
			if damages := s.Damages(); (last < 400 || moved != "") && len(damages) == 0 {
				t.Fatal("nobody is told")
			}
			append1(t, s, events) // as peers would
			_, last, err = s.Digest(log)
			if err != nil || last != 400 {
				t.Fatalf("healed: %d %v", last, err)
			}
			if lost, err := s.Lost(log); err != nil || lost.Count() != 0 {
				t.Fatalf("healed, but lacks %+v %v", lost, err)
			}
			for _, e := range events {
				if _, err := s.Event(log, e.Hash); err != nil {
					t.Fatal(err)
				}
			}
			check(t, s.Close())
			s = open(t, dir, badgerstore.Options{Small: true})
			if _, last, err := s.Digest(log); err != nil || last != 400 {
				t.Fatalf("healed and opened again: %d %v", last, err)
			}
		})
	}
}

// What was erased before a damage is not missing after it, whether or not the
// damage took the marks that bar it.
func TestErasedIsNotLost(t *testing.T) {
	for name, damage := range map[string]func(*testing.T, string){
		"marks are left": func(t *testing.T, db string) { cut(0)(t, filepath.Join(db, "MANIFEST")) },
		"marks are gone": func(t *testing.T, db string) { each(t, filepath.Join(db, "*"), cut(0)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "store")
			s := open(t, dir, hinted)
			f := crdttest.NewEvents(t, 1)
			events := f.Make(100)
			append1(t, s, events)
			check(t, s.Erase(ctx, f.Log, events[7].Hash, events[90].Hash))
			check(t, s.Close())
			damage(t, filepath.Join(dir, "db"))
			s = open(t, dir, hinted)
			_, _, err := s.Digest(f.Log)
			check(t, err)
			infos, err := s.Logs()
			check(t, err)
			var here uint64
			for _, l := range infos {
				here += l.Counts[0] + l.Counts[1] + l.Counts[2]
			}
			lost, err := s.Lost(f.Log)
			if err != nil || lost.Count()+here != 98 {
				t.Fatalf("%d here, %+v lost, %v", here, lost, err)
			}
			for i, e := range events {
				if i != 7 && i != 90 {
					append1(t, s, []*crdt.Event{e})
				}
			}
			if lost, err := s.Lost(f.Log); err != nil || lost.Count() != 0 {
				t.Fatalf("healed, but lacks %+v %v", lost, err)
			}
		})
	}
}

func TestNoRepair(t *testing.T) {
	dir, _ := image(t, true)
	cut(0)(t, filepath.Join(dir, "db", "MANIFEST"))
	if _, err := badgerstore.Open(dir, badgerstore.Options{NoRepair: true, Logger: quiet}); err == nil {
		t.Fatal("opened")
	} else {
		t.Log(err)
	}
}

func TestDamagedRecord(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, badgerstore.Options{Small: true})
	f := crdttest.NewEvents(t, 1)
	e := f.Event(crdt.Records, 500)
	append1(t, s, []*crdt.Event{e})
	path := filepath.Join(dir, "records", e.Hash.String()[:2], e.Hash.String())
	flip(100)(t, path)
	if _, err := s.Event(f.Log, e.Hash); err == nil {
		t.Fatal("damage was not noticed")
	}
	verify(t, s, 1)
	append1(t, s, []*crdt.Event{e})
	verify(t, s, 0)
	check(t, s.Erase(ctx, f.Log, e.Hash))
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Fatal("an erased record is still on disk")
	}
	append1(t, s, []*crdt.Event{e})
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Fatal("an erased record came back")
	}
	verify(t, s, 0)
}

// What is damaged is handed to nobody as the bytes of an event.
func TestEnvelopesOfDamaged(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, badgerstore.Options{Small: true})
	f := crdttest.NewEvents(t, 1)
	whole, spoilt, record := f.Event(crdt.Events, 200), f.Event(crdt.Events, 200), f.Event(crdt.Records, 500)
	append1(t, s, []*crdt.Event{whole, spoilt, record})
	check(t, s.Close())
	check(t, badgerstoretest.Spoil(dir, spoilt.Hash))
	flip(100)(t, filepath.Join(dir, "records", record.Hash.String()[:2], record.Hash.String()))
	s = open(t, dir, badgerstore.Options{Small: true})
	want := []struct {
		e   *crdt.Event
		err error
	}{{whole, nil}, {spoilt, crdt.ErrCorrupt}, {record, crdt.ErrCorrupt}}
	var names []crdt.Name
	for _, c := range want {
		names = append(names, crdt.Name{Set: c.e.Set, Time: c.e.Time, Prefix: c.e.Hash[:16]})
	}
	all, err := s.Envelopes(f.Log, 1<<20, names...)
	check(t, err)
	for i, got := range all {
		if c := want[i]; !errors.Is(got.Err, c.err) || len(got.Envelopes) > 0 != (c.err == nil) {
			t.Errorf("%s: %d envelopes, %v; want %v", c.e.Set, len(got.Envelopes), got.Err, c.err)
		}
	}
}

func flip(at int64) func(*testing.T, string) {
	return func(t *testing.T, path string) {
		b, err := os.ReadFile(path)
		check(t, err)
		i := at
		if i < 0 {
			i += int64(len(b))
		}
		b[i] ^= 0x10
		check(t, os.WriteFile(path, b, 0o600))
	}
}

func cut(n int64) func(*testing.T, string) {
	return func(t *testing.T, path string) { check(t, os.Truncate(path, n)) }
}

func remove(t *testing.T, path string) { check(t, os.Remove(path)) }

func eventually(t *testing.T, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !f(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited for a minute")
		}
	}
}
