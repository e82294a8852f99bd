package badgerstore_test

import (
	"bytes"
	"errors"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
	"touchline.dev/touchline/node/badgerstore/badgerstoretest"
)

func TestBackup(t *testing.T) {
	s := open(t, t.TempDir(), badgerstore.Options{Small: true})
	f, g, h := crdttest.NewEvents(t, 1), crdttest.NewEvents(t, 2), crdttest.NewEvents(t, 3)
	events := f.Make(600)
	append1(t, s, events)
	append1(t, s, g.Make(3))
	append1(t, s, h.Make(3))
	check(t, s.Erase(ctx, f.Log, events[0].Hash, crdt.Hash{9}))
	check(t, s.Retire(ctx, h.Log))
	check(t, s.SetMeta(ctx, "secret", []byte("do not copy")))
	var stream bytes.Buffer
	check(t, s.Backup(ctx, &stream))

	dir := filepath.Join(t.TempDir(), "new")
	_, err := badgerstore.Restore(ctx, bytes.NewReader(stream.Bytes()), dir)
	check(t, err)
	r := open(t, dir, badgerstore.Options{Small: true})
	if r.ID() == s.ID() {
		t.Fatal("a restored store kept its name")
	}
	for i, e := range events {
		got, err := r.Event(f.Log, e.Hash)
		switch {
		case i == 0:
			if !errors.Is(err, crdt.ErrGone) {
				t.Fatal(err)
			}
		case e.Set == crdt.Records:
			if !errors.Is(err, crdt.ErrNotFound) {
				t.Fatalf("a record is in the backup: %v", err)
			}
		case err != nil || !bytes.Equal(got.Envelope(), e.Envelope()):
			t.Fatal(err)
		}
	}
	if _, err := r.Since(h.Log, 0, 1); !errors.Is(err, crdt.ErrGone) {
		t.Fatal(err)
	}
	if _, err := r.Meta("secret"); !errors.Is(err, crdt.ErrNotFound) {
		t.Fatal(err)
	}
	verify(t, r, 0)
	if _, err := badgerstore.Restore(ctx, &stream, dir); err == nil {
		t.Fatal("restored over a store")
	}
}

// TestBackupUnreadable: bodies are damaged, and an event is gone with all its
// entries. The backup holds the rest and says what it lacks.
func TestBackupUnreadable(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, badgerstore.Options{Small: true})
	f := crdttest.NewEvents(t, 1)
	var events []*crdt.Event
	for range 300 {
		events = append(events, f.Event(crdt.Events, 200))
	}
	append1(t, s, events)
	check(t, s.Erase(ctx, f.Log, events[0].Hash))
	check(t, s.Close())
	check(t, badgerstoretest.Spoil(dir, events[7].Hash, events[290].Hash))
	check(t, badgerstoretest.Lose(dir, events[100].Hash))

	s = open(t, dir, badgerstore.Options{Small: true})
	var stream bytes.Buffer
	err := s.Backup(ctx, &stream)
	if !errors.Is(err, crdt.ErrCorrupt) || !strings.Contains(err.Error(), " 3 events") {
		t.Fatalf("three unreadable events: %v", err)
	}
	what, err := badgerstore.ReadBackup(bytes.NewReader(stream.Bytes()))
	check(t, err)
	want := badgerstore.BackupContent{Logs: 1, Events: 296, Erased: 1, Missing: []badgerstore.Missing{
		{Log: f.Log, Hashes: []crdt.Hash{events[7].Hash, events[290].Hash}, Nameless: 1},
	}}
	if what.Logs != want.Logs || what.Events != want.Events || what.Erased != want.Erased || !reflect.DeepEqual(what.Missing, want.Missing) {
		t.Fatalf("the backup says\n%+v, want\n%+v", what, want)
	}

	to := filepath.Join(t.TempDir(), "new")
	said, err := badgerstore.Restore(ctx, &stream, to)
	check(t, err)
	if said.Lacking() != 3 {
		t.Fatalf("restoring says that %d are missing", said.Lacking())
	}
	r := open(t, to, badgerstore.Options{Small: true})
	if _, last, err := r.Digest(f.Log); err != nil || last != 296 {
		t.Fatalf("%d of 296 restored: %v", last, err)
	}
	append1(t, r, events) // as a peer would
	verify(t, r, 0)
	if _, last, err := r.Digest(f.Log); err != nil || last != 299 {
		t.Fatalf("healed: %d %v", last, err)
	}
}

// TestBackupSaysNothingMore: a frame that no store writes is no backup.
func TestBackupSaysNothingMore(t *testing.T) {
	s := open(t, t.TempDir(), badgerstore.Options{Small: true})
	append1(t, s, crdttest.NewEvents(t, 1).Make(3))
	var stream bytes.Buffer
	check(t, s.Backup(ctx, &stream))
	if _, err := badgerstore.ReadBackup(io.MultiReader(&stream, strings.NewReader("x"))); !errors.Is(err, badgerstore.ErrBackup) {
		t.Fatalf("something after the end: %v", err)
	}
}

func TestDamagedBackup(t *testing.T) {
	s := open(t, t.TempDir(), badgerstore.Options{Small: true})
	append1(t, s, crdttest.NewEvents(t, 1).Make(20))
	var stream bytes.Buffer
	check(t, s.Backup(ctx, &stream))
	whole := stream.Bytes()
	for i := 0; i < len(whole); i += len(whole)/12 + 1 {
		flipped := bytes.Clone(whole)
		flipped[i] ^= 1
		for _, b := range [][]byte{whole[:i], flipped} {
			_, err := badgerstore.Restore(ctx, bytes.NewReader(b), t.TempDir())
			if _, readErr := badgerstore.ReadBackup(bytes.NewReader(b)); !errors.Is(readErr, badgerstore.ErrBackup) {
				t.Fatalf("at %d: reading: %v", i, readErr)
			}
			if !errors.Is(err, badgerstore.ErrBackup) {
				t.Fatalf("at %d: %v", i, err)
			}
		}
	}
}

// TestRetireMany drops a whole season and follows it again.
func TestRetireMany(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, badgerstore.Options{Small: true})
	f := crdttest.NewEvents(t, 1)
	events := f.Make(3000)
	append1(t, s, events)
	check(t, s.Retire(ctx, f.Log))
	if left, _ := filepath.Glob(filepath.Join(dir, "records", "*", "*")); len(left) > 0 {
		t.Fatalf("%d records are still on disk", len(left))
	}
	check(t, s.Close())
	s = open(t, dir, badgerstore.Options{Small: true})
	if _, err := s.Append(ctx, f.Log, events[0]); !errors.Is(err, crdt.ErrGone) || s.Doubted() {
		t.Fatalf("%v doubted %v", err, s.Doubted())
	}
	check(t, s.Unretire(ctx, f.Log))
	append1(t, s, events[:100])
	verify(t, s, 0)
}
