package badgerstore_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
)

// What was replaced or deleted before a Rewrite is in no file after it, whether
// it lay in badger's log, in young tables or in old ones; all else is as before.
func TestRewriteLeavesNothingBehind(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, badgerstore.Options{Small: true})
	f := crdttest.NewEvents(t, 41)
	events := f.Make(300)
	secrets := map[string]string{}
	for i, key := range []string{"old", "young", "logged"} { // one more opening each
		secrets[key] = "secret-" + key + "-of-this-test"
		check(t, s.SetMeta(ctx, key, []byte(secrets[key])))
		append1(t, s, events[i*100:][:100])
		if key != "logged" {
			check(t, s.Close())
			s = open(t, dir, badgerstore.Options{Small: true})
		}
	}
	check(t, s.SetMeta(ctx, "old", []byte("sealed")))
	check(t, s.SetMeta(ctx, "young", nil))
	check(t, s.SetMeta(ctx, "logged", []byte("sealed")))
	for _, secret := range secrets {
		if !textInFiles(t, dir, secret) {
			t.Fatalf("%s is in no file before", secret)
		}
	}
	before, id := digestOf(t, s, f.Log), s.ID()
	check(t, s.Rewrite())
	for _, when := range []string{"open", "closed", "opened again"} {
		for _, secret := range secrets {
			if textInFiles(t, dir, secret) {
				t.Errorf("%s: %s is in a file", when, secret)
			}
		}
		if when == "open" {
			check(t, s.Close())
			continue
		}
		if when == "closed" {
			s = open(t, dir, badgerstore.Options{Small: true})
		}
		if s.ID() != id || s.Doubted() || digestOf(t, s, f.Log) != before {
			t.Errorf("%s: the store is another one", when)
		}
	}
	if v, err := s.Meta("logged"); err != nil || string(v) != "sealed" {
		t.Errorf("meta: %q %v", v, err)
	}
	if _, err := s.Meta("young"); !errors.Is(err, crdt.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
	verify(t, s, 0)
	append1(t, s, f.Make(3))
	verify(t, s, 0)
}

// Wherever a crash cuts a Rewrite off, the next opening has all events and
// neither folder beside the database.
func TestRewriteInterrupted(t *testing.T) {
	for _, at := range []string{"half written", "between the names", "old one left"} {
		t.Run(at, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, dir, badgerstore.Options{Small: true})
			f := crdttest.NewEvents(t, 42)
			append1(t, s, f.Make(50))
			want := digestOf(t, s, f.Log)
			check(t, s.Close())
			db, fresh, old := filepath.Join(dir, "db"), filepath.Join(dir, "db.new"), filepath.Join(dir, "db.old")
			switch at {
			case "half written":
				check(t, os.Mkdir(fresh, 0o700))
				check(t, os.WriteFile(filepath.Join(fresh, "000001.sst"), []byte("half"), 0o600))
			case "between the names":
				check(t, os.CopyFS(fresh, os.DirFS(db)))
				check(t, os.Rename(db, old))
			case "old one left":
				check(t, os.CopyFS(old, os.DirFS(db)))
			}
			s = open(t, dir, badgerstore.Options{Small: true})
			if digestOf(t, s, f.Log) != want || s.Doubted() {
				t.Error("events are missing")
			}
			verify(t, s, 0)
			for _, left := range []string{fresh, old} {
				if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("%s is left: %v", left, err)
				}
			}
		})
	}
}

func TestRewriteNeedsRoom(t *testing.T) {
	s := open(t, t.TempDir(), badgerstore.Options{MinFree: 1 << 60})
	if err := s.RoomToRewrite(); !errors.Is(err, crdt.ErrReadOnly) {
		t.Errorf("no room: %v", err)
	}
	if err := s.Rewrite(); !errors.Is(err, crdt.ErrReadOnly) {
		t.Errorf("rewritten without room: %v", err)
	}
	check(t, s.Close())
	if err := s.Rewrite(); !errors.Is(err, crdt.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
}

func digestOf(t *testing.T, s *badgerstore.Store, log crdt.LogID) [crdt.NumSets]crdt.Hash {
	t.Helper()
	d, _, err := s.Digest(log)
	check(t, err)
	var sums [crdt.NumSets]crdt.Hash
	for i := range d {
		sums[i] = d[i].Sum()
	}
	return sums
}

// textInFiles searches all files of a folder.
func textInFiles(t *testing.T, dir, text string) (found bool) {
	t.Helper()
	check(t, filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		found = found || bytes.Contains(b, []byte(text))
		return err
	}))
	return found
}
