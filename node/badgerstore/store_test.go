package badgerstore_test

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
)

var (
	ctx   = context.Background()
	quiet = slog.New(slog.NewTextHandler(io.Discard, nil))
)

func open(t testing.TB, dir string, opts badgerstore.Options) *badgerstore.Store {
	t.Helper()
	opts.Logger = quiet
	s, err := badgerstore.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestStore(t *testing.T) {
	crdttest.TestStore(t, func(t testing.TB) crdt.Store {
		return open(t, t.TempDir(), badgerstore.Options{Small: true, MinFree: 1})
	})
}

func TestReopen(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	s := open(t, dir, badgerstore.Options{})
	id := s.ID()
	f := crdttest.NewEvents(t, 1)
	events := f.Make(700)
	append1(t, s, events)
	if err := s.Erase(ctx, f.Log, events[3].Hash); err != nil {
		t.Fatal(err)
	}
	want, _, _ := s.Digest(f.Log)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, badgerstore.Options{})
	if s.Doubted() || s.ID() != id {
		t.Fatal("a clean close was doubted")
	}
	got, last, err := s.Digest(f.Log)
	if err != nil || last != 700 || got != want {
		t.Fatalf("digest after opening again: %d %v", last, err)
	}
	s.Trust() // nothing is looked for twice
	added, err := s.Append(ctx, f.Log, append(events[600:], events...)...)
	if err != nil {
		t.Fatal(err)
	}
	for i, a := range added {
		if a.New {
			t.Fatalf("event %d of %d, which was there, is new", i, len(added))
		}
	}
	if _, err := badgerstore.Open(dir, badgerstore.Options{Logger: quiet}); err == nil {
		t.Fatal("opened twice")
	}
	verify(t, s, 0)
}

func TestNoGoroutineLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	s := open(t, t.TempDir(), badgerstore.Options{})
	append1(t, s, crdttest.NewEvents(t, 1).Make(3))
	s.Close()
	for deadline := time.Now().Add(time.Minute); runtime.NumGoroutine() > before; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			buf := make([]byte, 1<<16)
			t.Fatalf("%d goroutines, %d before:\n%s", runtime.NumGoroutine(), before, buf[:runtime.Stack(buf, true)])
		}
	}
}

func append1(t testing.TB, s crdt.Store, events []*crdt.Event) {
	t.Helper()
	if _, err := s.Append(ctx, events[0].LogID(), events...); err != nil {
		t.Fatal(err)
	}
}

// verify demands a number of problems; -1 is any but none.
func verify(t testing.TB, s *badgerstore.Store, want int) {
	t.Helper()
	var found []badgerstore.Problem
	if err := s.Verify(ctx, func(p badgerstore.Problem) { found = append(found, p) }); err != nil {
		t.Fatal(err)
	}
	if len(found) != want && (want >= 0 || len(found) == 0) {
		t.Fatalf("%d problems, want %d: %+v", len(found), want, found)
	}
}
