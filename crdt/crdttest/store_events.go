package crdttest

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"touchline.dev/touchline/crdt"
)

// Events makes signed events of one log for tests of stores. The same seed
// makes the same log; each event is different.
type Events struct {
	Log crdt.LogID

	t    testing.TB
	key  ed25519.PrivateKey
	made uint64
}

// NewEvents returns a maker of events.
func NewEvents(t testing.TB, seed uint64) *Events {
	var s [ed25519.SeedSize]byte
	binary.BigEndian.PutUint64(s[:], seed)
	return &Events{Log: crdt.LogID(crdt.Sum(s[:])), t: t, key: ed25519.NewKeyFromSeed(s[:])}
}

// Make returns the next n events: of all sets, some with equal times, not in
// order of time, with a payload of 128 bytes.
func (f *Events) Make(n int) []*crdt.Event {
	events := make([]*crdt.Event, n)
	for i := range events {
		events[i] = f.Event(crdt.Set(f.made*7%10/4), 100)
	}
	return events
}

// Event returns the next event, of the given set and length of content.
func (f *Events) Event(set crdt.Set, size int) *crdt.Event {
	f.made++
	plain := make([]byte, size)
	binary.BigEndian.PutUint64(plain, f.made)
	payload, err := crdt.Pad(plain)
	if err != nil {
		f.t.Fatal(err)
	}
	if set == crdt.Records {
		payload = append(payload, make([]byte, crdt.RecordOverhead)...)
	}
	return f.sign(crdt.Header{Set: set, Time: crdt.MakeTime(1_760_000_000_000+f.made*7919%1000, 0)}, payload)
}

// Recorded returns the next event as many who record at once make it: each a bit
// later than the one before.
func (f *Events) Recorded(size int) *crdt.Event {
	f.made++
	payload, err := crdt.Pad(make([]byte, size))
	if err != nil {
		f.t.Fatal(err)
	}
	return f.sign(crdt.Header{Set: crdt.Events, Time: crdt.MakeTime(1_770_000_000_000+f.made, 0)}, payload)
}

func (f *Events) sign(h crdt.Header, payload []byte) *crdt.Event {
	h.Log, h.Seq, h.Grant, h.OwnMs = f.Log, 1, crdt.Hash{1}, 1
	binary.BigEndian.PutUint64(h.Incarnation[:], f.made)
	e, err := crdt.Sign(f.key, h, payload)
	if err != nil {
		f.t.Fatal(err)
	}
	return e
}

// checkDigests is checkSets for a log from which nothing was erased.
func checkDigests(t failer, s crdt.Store, log crdt.LogID, events []*crdt.Event) {
	t.Helper()
	checkSets(t, s, log, crdt.Arrival(len(events)), events)
}

// checkSets compares digests and order with a computation from nothing.
func checkSets(t failer, s crdt.Store, log crdt.LogID, arrivals crdt.Arrival, events []*crdt.Event) {
	t.Helper()
	digests, last, err := s.Digest(log)
	check(t, err)
	if last != arrivals {
		t.Fatalf("last arrival %d, want %d", last, arrivals)
	}
	counts, at, err := s.Counts(log)
	check(t, err)
	if at != last {
		t.Fatalf("counts are as of arrival %d, digests of %d", at, last)
	}
	for _, set := range crdt.Sets {
		if counts[set] != digests[set].Count() {
			t.Fatalf("%d of %s, the digest counts %d", counts[set], set, digests[set].Count())
		}
		var want crdt.Digest
		for _, e := range events {
			if e.Set == set {
				want.Add(e.Hash)
			}
		}
		if digests[set] != want {
			t.Fatalf("digest of %s differs from a computation from nothing", set)
		}
		if got := collect(t, s, log, set, crdt.Element{}); !slices.Equal(got, elements(events, set)) {
			t.Fatalf("elements of %s differ: %d", set, len(got))
		}
	}
}

func elements(events []*crdt.Event, set crdt.Set) (out []crdt.Element) {
	for _, e := range events {
		if e.Set == set {
			out = append(out, e.Element())
		}
	}
	slices.SortFunc(out, crdt.Element.Compare)
	return out
}

func collect(t failer, s crdt.Store, log crdt.LogID, set crdt.Set, from crdt.Element) (out []crdt.Element) {
	t.Helper()
	check(t, s.Elements(log, set, from, func(e crdt.Element) bool {
		out = append(out, e)
		return true
	}))
	return out
}

func count(events []*crdt.Event, set crdt.Set) uint64 { return uint64(len(elements(events, set))) }

// failer is what *testing.T and *rapid.T have in common.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func check(t failer, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func must[T any](v T, err error) func(failer) T {
	return func(t failer) T {
		t.Helper()
		check(t, err)
		return v
	}
}

func wantErr(t failer, want error) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		if !errors.Is(err, want) {
			t.Fatalf("error %v, want %v", err, want)
		}
	}
}
