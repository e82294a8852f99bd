package crdttest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"touchline.dev/touchline/crdt"
)

// OpenStore returns a store that is empty and that closes itself when the
// test ends. It may be called many times in a test.
type OpenStore func(t testing.TB) crdt.Store

// TestStore holds an implementation to the contract in [crdt.Store].
func TestStore(t *testing.T, open OpenStore) {
	for _, c := range []struct {
		name string
		test func(*testing.T, crdt.Store)
	}{
		{"Append", testAppend},
		{"AppendTwice", testAppendTwice},
		{"AppendConcurrently", testAppendConcurrently},
		{"Since", testSince},
		{"SinceWithGaps", testSinceWithGaps},
		{"Elements", testElements},
		{"Find", testFind},
		{"Envelopes", testEnvelopes},
		{"UnknownLog", testUnknownLog},
		{"Erase", testErase},
		{"EraseBefore", testEraseBefore},
		{"EraseAll", testEraseAll},
		{"Retire", testRetire},
		{"ChangedBytes", testChangedBytes},
		{"Meta", testMeta},
		{"Cancelled", testCancelled},
		{"Closed", testClosed},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
	t.Run("Model", func(t *testing.T) { testModel(t, open) })
}

var ctx = context.Background()

func testAppend(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 1)
	events := f.Make(600)
	added := must(s.Append(ctx, f.Log, events...))(t)
	for i, a := range added {
		if !a.New || a.Arrival != crdt.Arrival(i+1) {
			t.Fatalf("event %d: %+v", i, a)
		}
		e := must(s.Event(f.Log, events[i].Hash))(t)
		if string(e.Envelope()) != string(events[i].Envelope()) {
			t.Fatalf("event %d came back different", i)
		}
	}
	checkDigests(t, s, f.Log, events)
	infos := must(s.Logs())(t)
	if len(infos) != 1 || infos[0].Log != f.Log || infos[0].Last != 600 || infos[0].Counts[crdt.Events] != count(events, crdt.Events) {
		t.Fatalf("logs: %+v", infos)
	}
	if err := s.Health(); err != nil {
		t.Fatal(err)
	}
	if len(must(s.Append(ctx, f.Log))(t)) != 0 {
		t.Fatal("an answer for no event")
	}
}

func testAppendTwice(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 2)
	e := f.Make(2)
	added := must(s.Append(ctx, f.Log, e[0], e[0], e[1]))(t)
	if !added[0].New || added[1].New || added[1].Arrival != 1 || added[2].Arrival != 2 {
		t.Fatalf("%+v", added)
	}
	again := must(s.Append(ctx, f.Log, e[1], e[0]))(t)
	if again[0] != (crdt.Added{Arrival: 2}) || again[1] != (crdt.Added{Arrival: 1}) {
		t.Fatalf("%+v", again)
	}
	checkDigests(t, s, f.Log, e)
}

func testAppendConcurrently(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 3)
	events := f.Make(400)
	var wg sync.WaitGroup
	for w := range 8 {
		wg.Go(func() {
			for i := w % 4; i < len(events); i += 4 { // each event twice
				added, err := s.Append(ctx, f.Log, events[i])
				if err != nil || added[0].Arrival == 0 {
					t.Errorf("%v %v", added, err)
					return
				}
				got, err := s.Since(f.Log, added[0].Arrival-1, 1)
				if err != nil || len(got) != 1 || got[0].Element != events[i].Element() {
					t.Errorf("an append that returned is not seen: %v %v", got, err)
				}
			}
		})
	}
	wg.Wait()
	for i, e := range must(s.Since(f.Log, 0, 1000))(t) {
		if e.Arrival != crdt.Arrival(i+1) {
			t.Fatalf("gap before arrival %d", e.Arrival)
		}
	}
	checkDigests(t, s, f.Log, events)
}

func testSince(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 4)
	events := f.Make(20)
	must(s.Append(ctx, f.Log, events...))(t)
	for _, c := range []struct {
		after       crdt.Arrival
		limit, want int
	}{{0, 100, 20}, {0, 3, 3}, {5, 3, 3}, {18, 3, 2}, {20, 3, 0}, {99, 3, 0}, {0, 0, 0}} {
		got := must(s.Since(f.Log, c.after, c.limit))(t)
		if len(got) != c.want {
			t.Fatalf("since %d limit %d: %d entries", c.after, c.limit, len(got))
		}
		for i, e := range got {
			want := events[int(c.after)+i]
			if e.Arrival != c.after+crdt.Arrival(i+1) || e.Set != want.Set || e.Element != want.Element() || e.Event.Hash != want.Hash {
				t.Fatalf("since %d limit %d: entry %d is %+v", c.after, c.limit, i, e)
			}
		}
	}
}

// Enough entries that a store may prefer to walk to looking each up.
func testSinceWithGaps(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 16)
	events := f.Make(100)
	must(s.Append(ctx, f.Log, events...))(t)
	var left []crdt.Entry
	var erased []crdt.Hash
	for i, e := range events {
		if i == 0 || i%3 == 1 || 40 <= i && i < 60 || i == 99 {
			erased = append(erased, e.Hash)
		} else {
			left = append(left, crdt.Entry{Arrival: crdt.Arrival(i + 1), Set: e.Set, Element: e.Element(), Event: e})
		}
	}
	check(t, s.Erase(ctx, f.Log, erased...))
	for after := crdt.Arrival(0); after <= 101; after++ {
		for len(left) > 0 && left[0].Arrival <= after {
			left = left[1:]
		}
		for _, limit := range []int{0, 1, 7, 17, 30, 1000} {
			got, want := must(s.Since(f.Log, after, limit))(t), left[:min(limit, len(left))]
			if !slices.EqualFunc(got, want, sameEntry) {
				t.Fatalf("since %d limit %d: %+v, want %+v", after, limit, got, want)
			}
		}
	}
}

func testElements(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 5)
	events := f.Make(60)
	must(s.Append(ctx, f.Log, events...))(t)
	for _, set := range crdt.Sets {
		want := elements(events, set)
		if got := collect(t, s, f.Log, set, crdt.Element{}); !slices.Equal(got, want) {
			t.Fatalf("%s: %d elements, want %d in order", set, len(got), len(want))
		}
		mid := len(want) / 2
		if got := collect(t, s, f.Log, set, want[mid]); !slices.Equal(got, want[mid:]) {
			t.Fatalf("%s: from the middle", set)
		}
		n := 0
		s.Elements(f.Log, set, crdt.Element{}, func(crdt.Element) bool { n++; return n < 2 })
		if n != 2 {
			t.Fatalf("%s: yield returned false and was called %d times", set, n)
		}
	}
}

func testFind(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 6)
	events := f.Make(60)
	must(s.Append(ctx, f.Log, events...))(t)
	for _, e := range events {
		got := must(s.Find(f.Log, e.Set, e.Time, e.Hash[:3]))(t)
		if !slices.Contains(got, e.Element()) {
			t.Fatalf("%s not found", e.Hash.Short())
		}
		if len(must(s.Find(f.Log, e.Set, e.Time+1<<20, e.Hash[:3]))(t)) != 0 {
			t.Fatal("found at another time")
		}
		if slices.Contains(must(s.Find(f.Log, e.Set, e.Time, []byte{e.Hash[0] + 1}))(t), e.Element()) {
			t.Fatal("found under another prefix")
		}
	}
	if got := must(s.Find(f.Log, events[0].Set, events[0].Time, nil))(t); len(got) == 0 {
		t.Fatal("the empty prefix finds nothing")
	}
}

func testEnvelopes(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 15)
	events := f.Make(60)
	must(s.Append(ctx, f.Log, events...))(t)
	gone, unknown := events[0], crdt.Name{Prefix: make([]byte, 16)}
	check(t, s.Erase(ctx, f.Log, gone.Hash))
	read := func(most int, names ...crdt.Name) []crdt.Found {
		t.Helper()
		found := must(s.Envelopes(f.Log, most, names...))(t)
		if len(found) != len(names) {
			t.Fatalf("%d answers for %d names", len(found), len(names))
		}
		return found
	}
	is := func(found crdt.Found, e *crdt.Event) {
		t.Helper()
		if found.Err != nil || found.Left || len(found.Envelopes) != 1 || string(found.Envelopes[0]) != string(e.Envelope()) {
			t.Fatalf("%s %s: %d envelopes, left %v, %v", e.Set, e.Hash.Short(), len(found.Envelopes), found.Left, found.Err)
		}
	}
	nothing := func(what string, found crdt.Found) {
		t.Helper()
		if len(found.Envelopes) > 0 || found.Left || found.Err != nil {
			t.Fatalf("%s: %+v", what, found)
		}
	}
	names := []crdt.Name{unknown, nameOf(gone)}
	for _, e := range events[1:] {
		names = append(names, nameOf(e), nameOf(e)) // twice
		is(read(0, nameOf(e))[0], e)                // one is always read
	}
	all := read(1<<30, names...)
	nothing("no event", all[0])
	nothing("an erased event", all[1])
	for i, found := range all[2:] {
		is(found, events[1+i/2])
	}
	few := names[:0:0] // not near each other
	for _, e := range events[1:4] {
		few = append(few, nameOf(e))
	}
	for i, found := range read(1<<30, few...) {
		is(found, events[1+i])
	}
	read(0)

	// With a limit all are read in the end, and none twice.
	got, rounds := 0, 0
	for left := names[2:]; len(left) > 0; rounds++ {
		var more []crdt.Name
		size := 0
		for i, found := range read(2000, left...) {
			if found.Left {
				more = append(more, left[i])
				continue
			}
			got++
			size += len(found.Envelopes[0])
		}
		if size >= 2000+crdt.MaxEvent {
			t.Fatalf("%d bytes, asked for 2,000", size)
		}
		left = more
	}
	if got != len(names)-2 || rounds < 5 {
		t.Fatalf("%d of %d read in %d rounds", got, len(names)-2, rounds)
	}
}

func nameOf(e *crdt.Event) crdt.Name {
	return crdt.Name{Set: e.Set, Time: e.Time, Prefix: e.Hash[:16]}
}

func testUnknownLog(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 7)
	d, last, err := s.Digest(f.Log)
	if err != nil || last != 0 || d != [crdt.NumSets]crdt.Digest{} {
		t.Fatalf("a log never heard of is not the empty log: %d %v", last, err)
	}
	if got := must(s.Since(f.Log, 0, 10))(t); len(got) != 0 {
		t.Fatalf("%v", got)
	}
	collect(t, s, f.Log, crdt.Control, crdt.Element{})
	wantErr(t, crdt.ErrNotFound)(s.Event(f.Log, crdt.Hash{1}))
	if infos := must(s.Logs())(t); len(infos) != 0 {
		t.Fatalf("reading made a log: %v", infos)
	}
}

func testErase(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 8)
	events := f.Make(9)
	must(s.Append(ctx, f.Log, events...))(t)
	for _, e := range events[:6] {
		check(t, s.Erase(ctx, f.Log, e.Hash))
		wantErr(t, crdt.ErrGone)(s.Event(f.Log, e.Hash))
	}
	check(t, s.Erase(ctx, f.Log, events[0].Hash))
	checkSets(t, s, f.Log, 9, events[6:])
	for i, a := range must(s.Append(ctx, f.Log, events...))(t) {
		want := crdt.Added{Barred: true}
		if i >= 6 {
			want = crdt.Added{Arrival: crdt.Arrival(i + 1)}
		}
		if a != want {
			t.Fatalf("event %d: %+v", i, a)
		}
	}
	for i, entry := range must(s.Since(f.Log, 0, 2))(t) {
		if entry.Element != events[6+i].Element() || entry.Arrival != crdt.Arrival(7+i) || entry.Event == nil {
			t.Fatalf("entry %d: %+v", i, entry)
		}
	}
	for _, e := range events[:6] {
		if slices.Contains(must(s.Find(f.Log, e.Set, e.Time, nil))(t), e.Element()) {
			t.Fatal("an erased event is found")
		}
	}
	more := f.Make(1)
	if added := must(s.Append(ctx, f.Log, more...))(t); added[0].Arrival != 10 {
		t.Fatalf("an arrival was given out twice: %+v", added)
	}
	checkSets(t, s, f.Log, 10, append(events[6:], more...))
}

func testEraseBefore(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 9)
	e := f.Make(3)
	check(t, s.Erase(ctx, f.Log, e[1].Hash, e[2].Hash))
	wantErr(t, crdt.ErrGone)(s.Event(f.Log, e[1].Hash))
	added := must(s.Append(ctx, f.Log, e[1], e[0], e[2]))(t)
	if want := []crdt.Added{{Barred: true}, {Arrival: 1, New: true}, {Barred: true}}; !slices.Equal(added, want) {
		t.Fatalf("%+v", added)
	}
	wantErr(t, crdt.ErrGone)(s.Event(f.Log, e[2].Hash))
	checkDigests(t, s, f.Log, e[:1])
}

// A log of which nothing is left remembers what arrived.
func testEraseAll(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 14)
	events := f.Make(300)
	must(s.Append(ctx, f.Log, events...))(t)
	var all []crdt.Hash
	for _, e := range events {
		all = append(all, e.Hash)
	}
	check(t, s.Erase(ctx, f.Log, all...))
	checkSets(t, s, f.Log, 300, nil)
	if got := must(s.Since(f.Log, 0, 10))(t); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
	if infos := must(s.Logs())(t); len(infos) != 1 || infos[0].Last != 300 || infos[0].Counts != [crdt.NumSets]uint64{} {
		t.Fatalf("%+v", infos)
	}
}

func testRetire(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 10)
	e := f.Make(50)
	must(s.Append(ctx, f.Log, e...))(t)
	check(t, s.Erase(ctx, f.Log, e[4].Hash))
	for range 2 {
		check(t, s.Retire(ctx, f.Log))
		wantErr(t, crdt.ErrGone)(s.Append(ctx, f.Log, e[0]))
		wantErr(t, crdt.ErrGone)(s.Event(f.Log, e[0].Hash))
		wantErr(t, crdt.ErrGone)(s.Since(f.Log, 0, 1))
		_, _, err := s.Digest(f.Log)
		wantErr(t, crdt.ErrGone)(0, err)
		_, _, err = s.Counts(f.Log)
		wantErr(t, crdt.ErrGone)(0, err)
		if infos := must(s.Logs())(t); len(infos) != 1 || !infos[0].Retired || infos[0].Last != 0 {
			t.Fatalf("%+v", infos)
		}
	}
	for range 2 {
		check(t, s.Unretire(ctx, f.Log))
	}
	wantErr(t, crdt.ErrNotFound)(s.Event(f.Log, e[0].Hash))
	checkDigests(t, s, f.Log, nil)
	added := must(s.Append(ctx, f.Log, e[3], e[4]))(t)
	if !added[0].New || added[0].Arrival != 1 || !added[1].Barred {
		t.Fatalf("followed again from nothing, erasures stay: %+v", added)
	}
	checkDigests(t, s, f.Log, e[3:4])
	other := NewEvents(t, 11)
	check(t, s.Retire(ctx, other.Log))
	wantErr(t, crdt.ErrGone)(s.Append(ctx, other.Log, other.Make(1)...))
}

// What a store gave back and was changed is no event any more, whichever byte it was:
// what is kept is read by its hash, without its signature.
func testChangedBytes(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 17)
	e := f.Make(1)[0]
	must(s.Append(ctx, f.Log, e))(t)
	kept := must(s.Envelopes(f.Log, 0, nameOf(e)))(t)[0].Envelopes[0]
	if got := must(crdt.DecodeKnown(kept, e.Hash))(t); got.Hash != e.Hash {
		t.Fatalf("%s became %s", e.Hash.Short(), got.Hash.Short())
	}
	for i := range kept {
		kept[i] ^= 1
		wantErr(t, crdt.ErrCorrupt)(crdt.DecodeKnown(kept, e.Hash))
		kept[i] ^= 1
	}
	wantErr(t, crdt.ErrCorrupt)(crdt.DecodeKnown(kept[:len(kept)-1], e.Hash))
	wantErr(t, crdt.ErrCorrupt)(crdt.DecodeKnown(kept, crdt.Hash{1}))
	noEvent := []byte("no event")
	wantErr(t, crdt.ErrCorrupt)(crdt.DecodeKnown(noEvent, crdt.Sum(noEvent)))
}

func testMeta(t *testing.T, s crdt.Store) {
	wantErr(t, crdt.ErrNotFound)(s.Meta("a"))
	for _, k := range []string{"peer/b", "peer/a", "peer", "q"} {
		check(t, s.SetMeta(ctx, k, []byte(k)))
	}
	check(t, s.SetMeta(ctx, "peer/b", []byte("again")))
	check(t, s.SetMeta(ctx, "q", nil))
	check(t, s.SetMeta(ctx, "empty", []byte{}))
	if v := must(s.Meta("peer/b"))(t); string(v) != "again" {
		t.Fatalf("%q", v)
	}
	must(s.Meta("empty"))(t)
	wantErr(t, crdt.ErrNotFound)(s.Meta("q"))
	if keys := must(s.MetaKeys("peer/"))(t); strings.Join(keys, " ") != "peer/a peer/b" {
		t.Fatalf("%q", keys)
	}
	if keys := must(s.MetaKeys(""))(t); len(keys) != 4 {
		t.Fatalf("%q", keys)
	}
}

func testCancelled(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 12)
	over, cancel := context.WithCancel(ctx)
	cancel()
	wantErr(t, context.Canceled)(s.Append(over, f.Log, f.Make(1)...))
	for _, err := range []error{
		s.Erase(over, f.Log, crdt.Hash{1}), s.Retire(over, f.Log), s.Unretire(over, f.Log), s.SetMeta(over, "k", []byte("v")),
	} {
		wantErr(t, context.Canceled)(0, err)
	}
	must(s.Append(ctx, f.Log, f.Make(1)...))(t)
}

func testClosed(t *testing.T, s crdt.Store) {
	f := NewEvents(t, 13)
	e := f.Make(1)
	must(s.Append(ctx, f.Log, e...))(t)
	check(t, s.Close())
	wantErr(t, crdt.ErrClosed)(s.Append(ctx, f.Log, e...))
	wantErr(t, crdt.ErrClosed)(s.Event(f.Log, e[0].Hash))
	wantErr(t, crdt.ErrClosed)(s.Find(f.Log, 0, 0, nil))
	wantErr(t, crdt.ErrClosed)(s.Since(f.Log, 0, 1))
	wantErr(t, crdt.ErrClosed)(s.Logs())
	wantErr(t, crdt.ErrClosed)(s.Meta("k"))
	wantErr(t, crdt.ErrClosed)(s.MetaKeys(""))
	wantErr(t, crdt.ErrClosed)(s.Envelopes(f.Log, 0, crdt.Name{Prefix: make([]byte, 16)}))
	_, _, noDigest := s.Digest(f.Log)
	_, _, noCounts := s.Counts(f.Log)
	for _, err := range []error{
		noDigest, noCounts, s.Elements(f.Log, 0, crdt.Element{}, nil), s.Erase(ctx, f.Log), s.Retire(ctx, f.Log), s.Unretire(ctx, f.Log),
		s.SetMeta(ctx, "k", nil), s.Health(), s.Close(),
	} {
		if !errors.Is(err, crdt.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
}
