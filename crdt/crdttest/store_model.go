package crdttest

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
	"touchline.dev/touchline/crdt"
)

// testModel does random things to a store and to a [crdt.MemStore], and
// demands the same answers.
func testModel(t *testing.T, open OpenStore) {
	makers := [2]*Events{NewEvents(t, 21), NewEvents(t, 22)}
	pools := [2][]*crdt.Event{makers[0].Make(40), makers[1].Make(40)}
	rapid.Check(t, func(r *rapid.T) {
		m := &storeMachine{makers: makers, pools: pools, store: open(t), model: crdt.NewMemStore()}
		defer m.store.Close()
		r.Repeat(rapid.StateMachineActions(m))
	})
}

type storeMachine struct {
	makers       [2]*Events
	pools        [2][]*crdt.Event
	store, model crdt.Store
}

// Append appends a few events of one log, repeats among them.
func (m *storeMachine) Append(t *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(t, "log")
	events := rapid.SliceOfN(rapid.SampledFrom(m.pools[i]), 0, 6).Draw(t, "events")
	got, err := m.store.Append(ctx, m.makers[i].Log, events...)
	want, wantErr := m.model.Append(ctx, m.makers[i].Log, events...)
	sameErr(t, err, wantErr)
	if !slices.Equal(got, want) {
		t.Fatalf("append: %v, want %v", got, want)
	}
}

// Erase erases a hash, present or not.
func (m *storeMachine) Erase(t *rapid.T) {
	i := rapid.IntRange(0, 1).Draw(t, "log")
	h := rapid.SampledFrom(m.pools[i]).Draw(t, "event").Hash
	sameErr(t, m.store.Erase(ctx, m.makers[i].Log, h), m.model.Erase(ctx, m.makers[i].Log, h))
}

// Retire retires the second log.
func (m *storeMachine) Retire(t *rapid.T) {
	sameErr(t, m.store.Retire(ctx, m.makers[1].Log), m.model.Retire(ctx, m.makers[1].Log))
}

// Unretire lifts that.
func (m *storeMachine) Unretire(t *rapid.T) {
	sameErr(t, m.store.Unretire(ctx, m.makers[1].Log), m.model.Unretire(ctx, m.makers[1].Log))
}

// SetMeta sets or deletes a value.
func (m *storeMachine) SetMeta(t *rapid.T) {
	key := rapid.SampledFrom([]string{"a", "b/1", "b/2"}).Draw(t, "key")
	value := rapid.SampledFrom([][]byte{nil, {}, {1}, {2}}).Draw(t, "value")
	sameErr(t, m.store.SetMeta(ctx, key, value), m.model.SetMeta(ctx, key, value))
}

// Check compares everything that can be read.
func (m *storeMachine) Check(t *rapid.T) {
	for i, f := range m.makers {
		m.checkLog(t, f.Log, m.pools[i])
	}
	for _, key := range []string{"a", "b/1", "b/2"} {
		got, err := m.store.Meta(key)
		want, wantErr := m.model.Meta(key)
		sameErr(t, err, wantErr)
		if !slices.Equal(got, want) {
			t.Fatalf("meta %s: %v, want %v", key, got, want)
		}
	}
	if got, want := must(m.store.MetaKeys("b/"))(t), must(m.model.MetaKeys("b/"))(t); !slices.Equal(got, want) {
		t.Fatalf("keys %v, want %v", got, want)
	}
	if got, want := logs(t, m.store), logs(t, m.model); !slices.Equal(got, want) {
		t.Fatalf("logs %v, want %v", got, want)
	}
}

func (m *storeMachine) checkLog(t *rapid.T, log crdt.LogID, pool []*crdt.Event) {
	got, last, err := m.store.Digest(log)
	want, wantLast, wantErr := m.model.Digest(log)
	sameErr(t, err, wantErr)
	if got != want || last != wantLast {
		t.Fatalf("digest differs, last %d, want %d", last, wantLast)
	}
	for _, e := range pool {
		_, err := m.store.Event(log, e.Hash)
		_, wantErr := m.model.Event(log, e.Hash)
		sameErr(t, err, wantErr)
	}
	if err != nil {
		return
	}
	for _, set := range crdt.Sets {
		if !slices.Equal(collect(t, m.store, log, set, crdt.Element{}), collect(t, m.model, log, set, crdt.Element{})) {
			t.Fatalf("elements of %s differ", set)
		}
	}
	after := crdt.Arrival(rapid.IntRange(0, 20).Draw(t, "after"))
	entries, wants := must(m.store.Since(log, after, 10))(t), must(m.model.Since(log, after, 10))(t)
	if !slices.EqualFunc(entries, wants, sameEntry) {
		t.Fatalf("since %d: %v, want %v", after, entries, wants)
	}
}

func sameEntry(a, b crdt.Entry) bool {
	return a.Arrival == b.Arrival && a.Set == b.Set && a.Element == b.Element && (a.Event == nil) == (b.Event == nil) &&
		(a.Event == nil || a.Event.Hash == b.Event.Hash)
}

func logs(t failer, s crdt.Store) []crdt.LogInfo {
	infos := must(s.Logs())(t)
	slices.SortFunc(infos, func(a, b crdt.LogInfo) int { return crdt.Hash(a.Log).Compare(crdt.Hash(b.Log)) })
	return infos
}

func sameErr(t *rapid.T, got, want error) {
	t.Helper()
	for _, sentinel := range []error{crdt.ErrGone, crdt.ErrNotFound, crdt.ErrClosed} {
		if errors.Is(got, sentinel) != errors.Is(want, sentinel) || (got == nil) != (want == nil) {
			t.Fatalf("error %v, want %v", got, want)
		}
	}
}
