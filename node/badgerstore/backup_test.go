package badgerstore_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
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
	check(t, badgerstore.Restore(ctx, bytes.NewReader(stream.Bytes()), dir))
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
	if err := badgerstore.Restore(ctx, &stream, dir); err == nil {
		t.Fatal("restored over a store")
	}
}

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
	spoil(t, filepath.Join(dir, "db"), events[7].Hash, events[290].Hash)

	s = open(t, dir, badgerstore.Options{Small: true})
	var stream bytes.Buffer
	err := s.Backup(ctx, &stream)
	if !errors.Is(err, crdt.ErrCorrupt) || !strings.Contains(err.Error(), " 2 events") {
		t.Fatalf("two unreadable events: %v", err)
	}
	to := filepath.Join(t.TempDir(), "new")
	check(t, badgerstore.Restore(ctx, &stream, to))
	r := open(t, to, badgerstore.Options{Small: true})
	if _, last, err := r.Digest(f.Log); err != nil || last != 297 {
		t.Fatalf("%d of 297 restored: %v", last, err)
	}
}

// spoil changes the last byte of the stored envelopes of events, checksums and all.
func spoil(t *testing.T, dir string, hashes ...crdt.Hash) {
	t.Helper()
	db, err := badger.Open(badger.DefaultOptions(dir).WithLogger(nil))
	check(t, err)
	check(t, db.Update(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			v, err := it.Item().ValueCopy(nil)
			check(t, err)
			for _, h := range hashes {
				if len(v) > 100 && bytes.HasSuffix(it.Item().Key(), h[:]) {
					v[len(v)-1] ^= 1
					check(t, txn.Set(it.Item().KeyCopy(nil), v))
				}
			}
		}
		return nil
	}))
	check(t, db.Close())
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
			err := badgerstore.Restore(ctx, bytes.NewReader(b), t.TempDir())
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
