package badgerstore_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
)

// Erased bytes are in no file of the folder, whether they lay in badger's log,
// in young tables or in old ones, while the store is open and afterwards.
func TestErasedBytesAreGone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, badgerstore.Options{Small: true})
	f := crdttest.NewEvents(t, 31)
	events := f.Make(300)
	append1(t, s, events)
	check(t, s.Close())
	s = open(t, dir, badgerstore.Options{Small: true})
	events = append(events, f.Make(30)...)
	append1(t, s, events[300:])
	for _, i := range []int{0, 1, 2, 3, 150, 299, 300, 301, 302, 329} {
		gone := events[i]
		if !inFiles(t, dir, gone) {
			t.Fatalf("event %d is in no file", i)
		}
		check(t, s.Erase(ctx, f.Log, gone.Hash))
		if inFiles(t, dir, gone) {
			t.Fatalf("event %d (%s) is in a file after its erasure", i, gone.Set)
		}
		if i == 299 {
			check(t, s.Close())
			s = open(t, dir, badgerstore.Options{Small: true})
		}
	}
	for _, i := range []int{4, 151, 303} {
		if got, err := s.Event(f.Log, events[i].Hash); err != nil || !bytes.Equal(got.Envelope(), events[i].Envelope()) {
			t.Fatalf("event %d went with the others: %v", i, err)
		}
	}
	verify(t, s, 0)
	check(t, s.Close())
	s = open(t, dir, badgerstore.Options{Small: true})
	if s.Doubted() {
		t.Fatal("doubted after erasures")
	}
	verify(t, s, 0)
	added, err := s.Append(ctx, f.Log, events[0], events[150])
	if err != nil || !added[0].Barred || !added[1].Barred || inFiles(t, dir, events[0]) || inFiles(t, dir, events[150]) {
		t.Fatalf("appended again: %+v %v", added, err)
	}
}

// What a crash between the transaction and the destruction leaves, and records
// that never got their entry, go at the next opening.
func TestErasureInterrupted(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, badgerstore.Options{Small: true})
	f := crdttest.NewEvents(t, 32)
	record, event, kept, loose := f.Event(crdt.Records, 100), f.Event(crdt.Events, 100), f.Event(crdt.Records, 100), f.Event(crdt.Records, 100)
	append1(t, s, []*crdt.Event{record, event, kept})
	check(t, s.EraseOnly(f.Log, record.Hash, event.Hash))
	check(t, s.WriteOnly(loose))
	check(t, os.WriteFile(filepath.Join(dir, "records", record.Hash.String()[:2], ".tmp-1"), loose.Envelope(), 0o600))
	image := filepath.Join(t.TempDir(), "killed")
	check(t, os.CopyFS(image, os.DirFS(dir)))
	for _, e := range []*crdt.Event{record, event, kept, loose} {
		if !inFiles(t, image, e) {
			t.Fatal("the image lacks what the test is about")
		}
	}
	s = open(t, image, badgerstore.Options{Small: true})
	if inFiles(t, image, event) {
		t.Fatal("an erased event is in a file after opening")
	}
	eventually(t, func() bool { return !inFiles(t, image, record) && !inFiles(t, image, loose) })
	if got, err := s.Event(f.Log, kept.Hash); err != nil || got.Hash != kept.Hash {
		t.Fatalf("a record went with the others: %v", err)
	}
	verify(t, s, 0)
}

// An append that is given up leaves nothing that an erasure could not reach.
func TestCancelledRecord(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, badgerstore.Options{Small: true})
	f := crdttest.NewEvents(t, 33)
	e := f.Event(crdt.Records, 100)
	over, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := s.Append(over, f.Log, e); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	eventually(t, func() bool { return !inFiles(t, dir, e) })
	append1(t, s, []*crdt.Event{e})
	if _, err := s.Event(f.Log, e.Hash); err != nil {
		t.Fatal(err)
	}
}

// A log that is built anew after a damage does not bring erased ones back.
func TestErasedStayGoneAfterRebuild(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, badgerstore.Options{Small: true})
	f := crdttest.NewEvents(t, 34)
	events := f.Make(40)
	append1(t, s, events)
	check(t, s.Erase(ctx, f.Log, events[0].Hash, events[1].Hash, events[2].Hash, crdt.Hash{7}))
	check(t, s.Close())
	lose(t, dir, events[20])
	s = open(t, dir, badgerstore.Options{Small: true})
	added, err := s.Append(ctx, f.Log, events...)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range added {
		if a.Barred != (i < 3) || a.New != (i == 20) {
			t.Fatalf("event %d: %+v", i, a)
		}
	}
	verify(t, s, 0)
}

// inFiles searches all files of a folder for the signature of an event, which is
// nowhere else.
func inFiles(t *testing.T, dir string, e *crdt.Event) (found bool) {
	t.Helper()
	b := e.Envelope()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		found = found || bytes.Contains(content, b[len(b)-64:])
		return err
	})
	check(t, err)
	return found
}

// lose takes an event out of a closed database and makes the next opening doubt.
func lose(t *testing.T, dir string, e *crdt.Event) {
	t.Helper()
	db, err := badger.Open(badger.DefaultOptions(filepath.Join(dir, "db")).WithCompression(options.None).WithLogger(nil))
	check(t, err)
	check(t, db.Update(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			v, err := it.Item().ValueCopy(nil)
			check(t, err)
			k := it.Item().KeyCopy(nil)
			if k[0] != 'c' && (bytes.HasSuffix(k, e.Hash[:]) || bytes.HasSuffix(v, e.Hash[:])) {
				check(t, txn.Delete(k))
			}
		}
		return nil
	}))
	check(t, db.Close())
	check(t, os.Remove(filepath.Join(dir, "state")))
}
