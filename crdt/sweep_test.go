package crdt_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// record is an erasable record, whose content is opaque here.
func (c *club) record(t testing.TB, m *access.Member, wrap byte, text string) *crdt.Event {
	t.Helper()
	cipher, err := crdt.Pad([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	payload := append(bytes.Repeat([]byte{wrap}, crdt.RecordKeySize), make([]byte, crdt.RecordOverhead-crdt.RecordKeySize)...)
	h := crdt.Header{Set: crdt.Records, Log: m.Log, Grant: m.Grant}
	h.Time, h.OwnMs = c.clock.Now()
	crdt.NewChain().Place(&h)
	e, err := crdt.Sign(m.Key(), h, append(payload, cipher...))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (c *club) ruling(t testing.TB, content []byte) *crdt.Event {
	t.Helper()
	e, err := c.founder.SignControl(c.clock, crdt.NewChain(), content)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// season is a match with names, an erasure of one of them and purges.
type season struct {
	*club
	all, gone, kept []*crdt.Event
	rulings         []*crdt.Event
}

func newSeason(t testing.TB) *season {
	c := newClub(t)
	s := &season{club: c}
	name, again := c.record(t, c.scorer, 1, "Mia"), c.record(t, c.founder, 2, "Mia")
	other := c.record(t, c.scorer, 1, "Ben")
	slander, goal := c.event(t, c.scorer, "slander", nil), c.event(t, c.scorer, "goal", nil)
	byFounder := c.event(t, c.founder, "kick-off", nil)
	s.rulings = []*crdt.Event{
		c.ruling(t, access.NewErasure([]access.RecordName{access.NameOfRecord(name)})),
		c.ruling(t, access.NewPurge([]crdt.Hash{slander.Hash}, crdt.Hash{}, nil)),
		c.ruling(t, access.NewPurge(nil, c.scorer.Grant, []crdt.Hash{goal.Hash, name.Hash})),
	}
	s.gone = []*crdt.Event{name, again, other, slander}
	s.kept = append([]*crdt.Event{goal, byFounder}, append(c.control, s.rulings...)...)
	s.all = append(append([]*crdt.Event{}, s.gone...), s.kept...)
	return s
}

func (s *season) check(t interface{ Fatalf(string, ...any) }, l *crdt.Log) {
	for _, e := range s.gone {
		if _, err := l.Event(e.Hash); err == nil {
			t.Fatalf("%s %s is still here", e.Set, e.Hash.Short())
		}
	}
	var want [crdt.NumSets]crdt.Digest
	for _, e := range s.kept {
		if _, err := l.Event(e.Hash); err != nil {
			t.Fatalf("%s %s: %v", e.Set, e.Hash.Short(), err)
		}
		want[e.Set].Add(e.Hash)
	}
	if got, _, err := l.Digest(); err != nil || got != want {
		t.Fatalf("digest is not that of what is kept (%v)", err)
	}
}

// In whatever order and grouping events, names, rights, erasures and purges come,
// what is left is the same, and what is barred is nowhere.
func TestOrderOfErasuresDoesNotMatter(t *testing.T) {
	s := newSeason(t)
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation(append(s.all, s.all[:3]...)).Draw(t, "order")
		group := rapid.IntRange(1, len(order)).Draw(t, "group")
		store := crdt.NewMemStore()
		added, erased := map[crdt.Hash]bool{}, map[crdt.Hash]bool{}
		l, err := crdt.OpenLog(store, s.founder.Log, access.NewControl(s.founder.Log), note(added), note(erased))
		if err != nil {
			t.Fatal(err)
		}
		for range 5 { // what waits for control events that wait themselves comes again
			for i := 0; i < len(order); i += group {
				admit(l, order[i:min(i+group, len(order))]...)
			}
		}
		s.check(t, l)
		for _, e := range s.gone {
			if o := admit(l, e)[0]; !errors.Is(o.Err, crdt.ErrGone) {
				t.Fatalf("offered again: %v", o.Err)
			}
			if added[e.Hash] != erased[e.Hash] {
				t.Fatalf("%s was added: %v, erased: %v", e.Hash.Short(), added[e.Hash], erased[e.Hash])
			}
		}
	})
}

func note(in map[crdt.Hash]bool) func([]*crdt.Event) {
	return func(events []*crdt.Event) {
		for _, e := range events {
			in[e.Hash] = true
		}
	}
}

// noErasing is a store that a crash stops before it has erased anything.
type noErasing struct{ crdt.Store }

func (noErasing) Erase(context.Context, crdt.LogID, ...crdt.Hash) error {
	return fmt.Errorf("%w: power cut", crdt.ErrReadOnly)
}

// An erasure whose effect was cut off is made good by the next opening, or by
// the next commit when the store takes writes again.
func TestErasureCutOff(t *testing.T) {
	s := newSeason(t)
	before := append(append([]*crdt.Event{}, s.control...), s.gone...)
	cut := func() *crdt.MemStore {
		store := crdt.NewMemStore()
		l := s.open(t, noErasing{store}, nil)
		admit(l, append(before, s.kept[0], s.kept[1])...)
		for _, o := range admit(l, s.rulings...) {
			if !errors.Is(o.Err, crdt.ErrReadOnly) {
				t.Fatalf("acknowledged without its effect: %v", o.Err)
			}
		}
		if _, err := l.Event(s.gone[0].Hash); err != nil {
			t.Fatal("erased all the same")
		}
		return store
	}
	s.check(t, s.open(t, cut(), nil))

	store := &switched{Store: cut(), broken: true}
	l := s.open(t, store, nil) // opens in spite of the disk
	store.broken = false
	more := s.event(t, s.founder, "later", nil)
	admit(l, more)
	s.kept = append(s.kept, more)
	s.check(t, l)
}

// switched is a store whose erasures fail while it is broken.
type switched struct {
	crdt.Store
	broken bool
}

func (s *switched) Erase(ctx context.Context, log crdt.LogID, hashes ...crdt.Hash) error {
	if s.broken {
		return crdt.ErrReadOnly
	}
	return s.Store.Erase(ctx, log, hashes...)
}

// Copies that are being committed while their erasure is, do not slip through.
func TestErasureRacesWithCopies(t *testing.T) {
	for round := range 20 {
		s := newSeason(t)
		l := s.open(t, crdt.NewMemStore(), nil)
		admit(l, s.control...)
		var g sync.WaitGroup
		for w := range 4 {
			order := append([]*crdt.Event{}, s.all...)
			rand.New(rand.NewPCG(uint64(round), uint64(w))).Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
			g.Go(func() {
				for _, e := range order {
					admit(l, e)
				}
			})
		}
		g.Wait()
		s.check(t, l)
	}
}
