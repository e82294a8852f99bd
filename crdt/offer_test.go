package crdt_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// batches is a match in a file: its control set and some events, 32 a batch,
// among them a forged one and one whose grant nobody has.
func batches(t *testing.T, c *club) (all [][][]byte) {
	var lines [][]byte
	for _, e := range c.control {
		lines = append(lines, e.Envelope())
	}
	for i := range 160 {
		lines = append(lines, c.event(t, c.scorer, fmt.Sprint(i), nil).Envelope())
	}
	lines[70] = append(slices.Clip(lines[70][:len(lines[70])-1]), lines[70][len(lines[70])-1]^1)
	lines[90] = c.event(t, c.scorer, "lost", func(h *crdt.Header) { h.Grant = crdt.Hash{1} }).Envelope()
	lines[120] = lines[40]
	return slices.Collect(slices.Chunk(lines, 32))
}

// counting counts appends, and lets each pass when before allows it.
type counting struct {
	crdt.Store
	mu      sync.Mutex
	appends int // guarded by mu
	before  func(events []*crdt.Event)
}

func (s *counting) Append(ctx context.Context, log crdt.LogID, events ...*crdt.Event) ([]crdt.Added, error) {
	s.mu.Lock()
	s.appends++
	s.mu.Unlock()
	if s.before != nil {
		s.before(events)
	}
	return s.Store.Append(ctx, log, events...)
}

// Judging ahead, before the grants in the first batch are known, comes to the
// verdicts of one batch after the other, and with hardly more commits.
func TestAdmitAllVerdicts(t *testing.T) {
	c := newClub(t)
	all := batches(t, c)
	one := c.open(t, crdt.NewMemStore(), nil)
	store := &counting{Store: crdt.NewMemStore()}
	ahead := c.open(t, store, nil)
	i := 0
	for got := range ahead.AdmitAll(context.Background(), "file", slices.Values(all)) {
		want := one.Admit(context.Background(), "file", all[i]...)
		for k := range want {
			if got[k].Added != want[k].Added || !errors.Is(got[k].Err, errors.Unwrap(want[k].Err)) && fmt.Sprint(got[k].Err) != fmt.Sprint(want[k].Err) {
				t.Errorf("batch %d, event %d: %+v, %v; one after the other: %+v, %v", i, k, got[k].Added, got[k].Err, want[k].Added, want[k].Err)
			}
		}
		i++
	}
	a, _, _ := one.Digest()
	b, _, _ := ahead.Digest()
	if i != len(all) || a != b {
		t.Errorf("%d of %d batches; same set %v", i, len(all), a == b)
	}
	if most := len(all) + len(c.control) + 1; store.appends > most {
		t.Errorf("%d commits of %d batches", store.appends, len(all))
	}
}

// looking tells of each event that is judged.
type looking struct {
	*access.Control
	looked func(*crdt.Event)
}

func (l looking) Check(e *crdt.Event) error {
	l.looked(e)
	return l.Control.Check(e)
}

// While a batch is committed, the next one is judged; who stops early leaves
// nothing behind that is still judging.
func TestAdmitAllJudgesAhead(t *testing.T) {
	c := newClub(t)
	all := batches(t, c)
	last := all[1][len(all[1])-1]
	seen := make(chan struct{})
	var once sync.Once
	control := looking{access.NewControl(c.founder.Log), func(e *crdt.Event) {
		if string(e.Envelope()) == string(last) {
			once.Do(func() { close(seen) })
		}
	}}
	store := &counting{Store: crdt.NewMemStore(), before: func([]*crdt.Event) {
		select {
		case <-seen:
		case <-time.After(20 * time.Second):
			t.Error("a commit began, and the next batch is never judged before it ends")
		}
	}}
	l, err := crdt.OpenLog(store, c.founder.Log, control, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range l.AdmitAll(context.Background(), "file", slices.Values(all)) {
		break
	}
	if digests, _, _ := l.Digest(); digests[crdt.Events].Count() == 0 || digests[crdt.Events].Count() > 32 {
		t.Errorf("%d events after the first batch", digests[crdt.Events].Count())
	}
}

// Of many events of one author in an offer, those with a damaged signature are refused
// and no others, wherever they stand.
func TestOfferOfOneAuthor(t *testing.T) {
	c := newClub(t)
	log := c.open(t, crdt.NewMemStore(), nil)
	var envelopes [][]byte
	for _, e := range c.control {
		envelopes = append(envelopes, e.Envelope())
	}
	log.Admit(context.Background(), "", envelopes...)
	envelopes = nil
	forged := func(i int) bool { return i%7 == 3 }
	for i := range 60 {
		b := slices.Clone(c.event(t, c.scorer, fmt.Sprint(i), nil).Envelope())
		if forged(i) {
			b[len(b)-1-i] ^= 4 // of the scalar, or the nonce
		}
		envelopes = append(envelopes, b)
	}
	for i, o := range log.Offer(nil, "", envelopes...).Admit(context.Background()) {
		if got := errors.Is(o.Err, crdt.ErrSignature); got != forged(i) || !got && o.Err != nil {
			t.Errorf("event %d, forged %v: %v", i, forged(i), o.Err)
		}
	}
}
