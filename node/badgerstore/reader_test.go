package badgerstore_test

import (
	"context"
	"sync"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
)

// Who reads while others write sees every arrival, in order and with its
// event, and the store does not take what is under way for damage.
func TestReadWhileWriting(t *testing.T) {
	st, err := badgerstore.Open(t.TempDir(), badgerstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	const n, writers = 2000, 16
	events := crdttest.NewEvents(t, 1)
	all := events.Make(n)
	before := st.ID()
	var g sync.WaitGroup
	for i := range writers {
		g.Go(func() {
			for k := i; k < n; k += writers {
				if _, err := st.Append(context.Background(), events.Log, all[k]); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	for at := crdt.Arrival(0); at < n && !t.Failed(); {
		entries, err := st.Since(events.Log, at, 256)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if at++; e.Arrival != at || e.Event == nil {
				t.Fatalf("arrival %d after %d, event %v", e.Arrival, at-1, e.Event)
			}
		}
		var count uint64
		for _, set := range crdt.Sets {
			if err := st.Elements(events.Log, set, crdt.Element{}, func(crdt.Element) bool { count++; return true }); err != nil {
				t.Fatal(err)
			}
		}
		if count < uint64(at) {
			t.Fatalf("%d elements after %d arrivals", count, at)
		}
	}
	g.Wait()
	if st.ID() != before {
		t.Error("the store doubted itself")
	}
}
