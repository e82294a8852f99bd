package crdt_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// club is a match with its founder, a scorer and a watcher.
type club struct {
	founder, scorer, watcher *access.Member
	control                  []*crdt.Event // everything that lets them in
	clock                    *crdt.Clock
}

func newClub(t testing.TB) *club {
	t.Helper()
	c := &club{clock: crdt.NewClock(nil)}
	var err error
	var founding *crdt.Event
	if c.founder, founding, err = access.Found(c.clock, access.PurposeMatch); err != nil {
		t.Fatal(err)
	}
	c.control = append(c.control, founding)
	enrol := func(role access.Role) *access.Member {
		i, _, err := c.founder.Invite(c.clock, []*crdt.Event{founding}, role, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		m, events, err := i.Join(c.clock)
		if err != nil {
			t.Fatal(err)
		}
		c.control = append(c.control, events[1:]...)
		return m
	}
	c.scorer, c.watcher = enrol(access.Scorer), enrol(access.Spectator)
	return c
}

func (c *club) event(t testing.TB, m *access.Member, text string, change func(*crdt.Header)) *crdt.Event {
	t.Helper()
	payload, err := crdt.Pad([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	h := crdt.Header{Set: crdt.Events, Log: m.Log, Grant: m.Grant}
	h.Time, h.OwnMs = c.clock.Now()
	crdt.NewChain().Place(&h)
	if change != nil {
		change(&h)
	}
	e, err := crdt.Sign(m.Key(), h, payload)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (c *club) open(t testing.TB, store crdt.Store, onAdded func([]*crdt.Event)) *crdt.Log {
	t.Helper()
	l, err := crdt.OpenLog(store, c.founder.Log, access.NewControl(c.founder.Log), onAdded, nil)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func admit(l *crdt.Log, events ...*crdt.Event) []crdt.Outcome {
	var b [][]byte
	for _, e := range events {
		b = append(b, e.Envelope())
	}
	return l.Admit(context.Background(), "peer", b...)
}

// Every way of being wrong has its reason, and nothing wrong gets in.
func TestAdmission(t *testing.T) {
	c := newClub(t)
	l := c.open(t, crdt.NewMemStore(), nil)
	for _, o := range admit(l, c.control...) {
		if o.Err != nil {
			t.Fatal(o.Err)
		}
	}
	good := c.event(t, c.scorer, "goal", nil)
	other := newClub(t)
	badSig := bytes.Clone(good.Envelope())
	badSig[len(badSig)-1] ^= 1
	changed := bytes.Clone(good.Envelope())
	changed[len(changed)-80] ^= 1
	for name, c := range map[string]struct {
		envelope []byte
		err      error
	}{
		"good":             {good.Envelope(), nil},
		"again":            {good.Envelope(), nil},
		"bad signature":    {badSig, crdt.ErrSignature},
		"changed body":     {changed, crdt.ErrSignature},
		"not an event":     {[]byte("goal!"), crdt.ErrMalformed},
		"too large":        {make([]byte, crdt.MaxEvent+1), crdt.ErrTooLarge},
		"other match":      {other.event(t, other.scorer, "goal", nil).Envelope(), crdt.ErrWrongLog},
		"by a watcher":     {c.event(t, c.watcher, "goal", nil).Envelope(), crdt.ErrForbidden},
		"another's grant":  {c.event(t, c.watcher, "goal", func(h *crdt.Header) { h.Grant = c.scorer.Grant }).Envelope(), crdt.ErrForbidden},
		"unknown grant":    {c.event(t, c.scorer, "goal", func(h *crdt.Header) { h.Grant = crdt.Hash{1} }).Envelope(), crdt.ErrNoGrant},
		"other founding":   {other.control[0].Envelope(), crdt.ErrWrongLog},
		"control, watcher": {c.event(t, c.watcher, "\xa1\x00\x14", func(h *crdt.Header) { h.Set = crdt.Control }).Envelope(), crdt.ErrForbidden},
	} {
		if o := l.Admit(context.Background(), "peer", c.envelope)[0]; !errors.Is(o.Err, c.err) {
			t.Errorf("%s: %v, want %v", name, o.Err, c.err)
		}
	}
	digests, _, _ := l.Digest()
	if n := digests[crdt.Events].Count(); n != 1 {
		t.Errorf("%d events in the set", n)
	}
}

// failing is a store whose disk does not take anything.
type failing struct{ crdt.Store }

func (failing) Append(context.Context, crdt.LogID, ...*crdt.Event) ([]crdt.Added, error) {
	return nil, crdt.ErrReadOnly
}

// Nobody hears of an event before the store has it (promise 1).
func TestCommitComesFirst(t *testing.T) {
	c := newClub(t)
	store := crdt.NewMemStore()
	admit(c.open(t, store, nil), c.control...)
	told := 0
	l := c.open(t, failing{store}, func([]*crdt.Event) { told++ })
	changed := l.Changed()
	o := admit(l, c.event(t, c.scorer, "goal", nil))[0]
	if !errors.Is(o.Err, crdt.ErrReadOnly) || told != 0 {
		t.Errorf("outcome %v, %d told", o.Err, told)
	}
	select {
	case <-changed:
		t.Error("readers were woken")
	default:
	}
	l = c.open(t, store, func(events []*crdt.Event) {
		told++
		if _, err := store.Event(c.founder.Log, events[0].Hash); err != nil {
			t.Error("told before it was stored")
		}
	})
	if o := admit(l, c.event(t, c.scorer, "goal", nil))[0]; o.Err != nil || told != 1 {
		t.Errorf("outcome %v, %d told", o.Err, told)
	}
}

// unsure is a store that says nothing of what it did: its appends are there, and fail.
type unsure struct {
	crdt.Store
	during func()
}

func (u unsure) Append(ctx context.Context, id crdt.LogID, events ...*crdt.Event) ([]crdt.Added, error) {
	u.during()
	added, err := u.Store.Append(context.WithoutCancel(ctx), id, events...)
	if err == nil {
		err = ctx.Err()
	}
	return added, err
}

// What became a member is known as one, though who brought it is gone by then, or
// was told that it failed: else nobody could write under a grant until the log is opened again.
func TestMemberIsKnownAfterFailure(t *testing.T) {
	c := newClub(t)
	for name, fail := range map[string]bool{"source gone": false, "store unsure": true} {
		ctx, cancel := context.WithCancel(context.Background())
		var store crdt.Store = unsure{crdt.NewMemStore(), func() { cancel() }}
		if fail {
			store = failsAfter{store}
		}
		told := map[crdt.Hash]bool{}
		l := c.open(t, store, func(events []*crdt.Event) {
			for _, e := range events {
				told[e.Hash] = true
			}
		})
		for _, e := range c.control {
			l.Admit(ctx, "peer", e.Envelope())
			ctx, cancel = context.WithCancel(context.Background())
		}
		digests, _, err := l.Digest()
		if n := int(digests[crdt.Control].Count()); err != nil || n != len(c.control) || len(told) != n {
			t.Errorf("%s: %d of %d are there and %d told: %v", name, n, len(c.control), len(told), err)
		}
		if err := l.Access(c.event(t, c.scorer, "goal", nil)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		cancel()
	}
}

// failsAfter is a store that does what it is asked and says that it failed.
type failsAfter struct{ crdt.Store }

func (f failsAfter) Append(ctx context.Context, id crdt.LogID, events ...*crdt.Event) ([]crdt.Added, error) {
	if _, err := f.Store.Append(ctx, id, events...); err != nil {
		return nil, err
	}
	return nil, crdt.ErrReadOnly
}

// Whatever the order, the repetition and the grouping in which events come,
// the same set comes out (promise 2, rule R1).
func TestOrderOfArrivalDoesNotMatter(t *testing.T) {
	c := newClub(t)
	all := append([]*crdt.Event{}, c.control...)
	for i := range 6 {
		all = append(all, c.event(t, c.scorer, fmt.Sprint(i), nil))
	}
	all = append(all, c.event(t, c.watcher, "not allowed", nil))
	admitAll := func(order []*crdt.Event, group int) [crdt.NumSets]crdt.Hash {
		l := c.open(t, crdt.NewMemStore(), nil)
		for i := 0; i < len(order); i += group {
			admit(l, order[i:min(i+group, len(order))]...)
		}
		// What waits for control events that wait themselves comes again.
		for range 4 {
			admit(l, order...)
		}
		digests, _, err := l.Digest()
		if err != nil {
			t.Fatal(err)
		}
		var sums [crdt.NumSets]crdt.Hash
		for i := range digests {
			sums[i] = digests[i].Sum()
		}
		return sums
	}
	want := admitAll(all, len(all))
	rapid.Check(t, func(t *rapid.T) {
		order := rapid.Permutation(append(all, all[:3]...)).Draw(t, "order")
		if got := admitAll(order, rapid.IntRange(1, len(order)).Draw(t, "group")); got != want {
			t.Fatal("another set")
		}
	})
}

// What waits is bounded per deliverer, says so, and is not acknowledged.
func TestWaitingIsBounded(t *testing.T) {
	c := newClub(t)
	l := c.open(t, crdt.NewMemStore(), nil)
	admit(l, c.control[0])
	busy := 0
	for i := range 600 {
		o := admit(l, c.event(t, c.scorer, fmt.Sprint(i), nil))[0]
		if errors.Is(o.Err, crdt.ErrBusy) {
			busy++
		} else if !errors.Is(o.Err, crdt.ErrNoGrant) {
			t.Fatal(o.Err)
		}
	}
	if busy != 88 || l.Waiting() != 512 {
		t.Errorf("%d refused, %d wait", busy, l.Waiting())
	}
	if o := l.Admit(context.Background(), "another", c.event(t, c.scorer, "x", nil).Envelope())[0]; !errors.Is(o.Err, crdt.ErrNoGrant) {
		t.Errorf("one deliverer crowds out another: %v", o.Err)
	}
	admit(l, c.control...)
	if l.Waiting() != 0 {
		t.Errorf("%d still wait", l.Waiting())
	}
}

// A grant that comes while an event is being judged, after it was found
// lacking and before it waits, still lets that event in.
func TestGrantWhileJudging(t *testing.T) {
	c := newClub(t)
	var l *crdt.Log
	late := &lateAccess{Control: access.NewControl(c.founder.Log), comes: func() {
		admit(l, c.control...)
	}}
	l, err := crdt.OpenLog(crdt.NewMemStore(), c.founder.Log, late, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	e := c.event(t, c.scorer, "goal", nil)
	late.on = e.Hash
	if out := l.Admit(context.Background(), "peer", e.Envelope())[0]; out.Err != nil || !out.Added.New {
		t.Errorf("%v, new %v", out.Err, out.Added.New)
	}
	if l.Waiting() != 0 {
		t.Errorf("%d wait for a grant that is there", l.Waiting())
	}
}

// lateAccess lets something come once it has found one event lacking a grant.
type lateAccess struct {
	*access.Control
	on    crdt.Hash
	comes func()
}

func (a *lateAccess) Check(e *crdt.Event) error {
	err := a.Control.Check(e)
	if errors.Is(err, crdt.ErrNoGrant) && e.Hash == a.on {
		a.on = crdt.Hash{}
		a.comes()
	}
	return err
}

// Many envelopes are judged on all processors and answered in order, and a
// grant in front of what needs it is in time.
func TestAdmitInOrder(t *testing.T) {
	c := newClub(t)
	l := c.open(t, crdt.NewMemStore(), nil)
	var envelopes [][]byte
	for _, e := range c.control {
		envelopes = append(envelopes, e.Envelope())
	}
	for i := range 200 {
		b := bytes.Clone(c.event(t, c.scorer, fmt.Sprint(i), nil).Envelope())
		if i%7 == 3 {
			b[len(b)-1] ^= 1
		}
		envelopes = append(envelopes, b)
	}
	for i, o := range l.Admit(context.Background(), "peer", envelopes...) {
		bad := i >= len(c.control) && (i-len(c.control))%7 == 3
		if bad != errors.Is(o.Err, crdt.ErrSignature) || !bad && o.Err != nil || !bytes.Equal(o.Event.Envelope(), envelopes[i]) {
			t.Fatalf("event %d: %v", i, o.Err)
		}
	}
}

// full is a gate with room for so many events of anybody.
type full struct{ room, took int }

func (f *full) Room(*crdt.Event) error {
	if f.took >= f.room {
		return fmt.Errorf("%w: enough", crdt.ErrBusy)
	}
	return nil
}

func (f *full) Took(*crdt.Event) { f.took++ }

// What finds no room is refused with ErrBusy and is taken later; forgeries use
// up no room.
func TestGate(t *testing.T) {
	c := newClub(t)
	l := c.open(t, crdt.NewMemStore(), nil)
	admit(l, c.control...)
	gate := &full{room: 2}
	forged := bytes.Clone(c.event(t, c.scorer, "forged", nil).Envelope())
	forged[len(forged)-1] ^= 1
	for range 5 {
		if o := l.AdmitAt(context.Background(), gate, "peer", forged)[0]; !errors.Is(o.Err, crdt.ErrSignature) {
			t.Fatalf("forged: %v", o.Err)
		}
	}
	for i, want := range []error{nil, nil, crdt.ErrBusy} {
		e := c.event(t, c.scorer, fmt.Sprint(i), nil)
		if o := l.AdmitAt(context.Background(), gate, "peer", e.Envelope())[0]; !errors.Is(o.Err, want) {
			t.Errorf("event %d: %v, not %v", i, o.Err, want)
		}
		if want != nil {
			gate.room++
			if o := l.AdmitAt(context.Background(), gate, "peer", e.Envelope())[0]; o.Err != nil {
				t.Errorf("later: %v", o.Err)
			}
		}
	}
}

// Admission costs little beside the signature: judging an
// event, as a multiple of verifying one Ed25519 signature over as many bytes.
func BenchmarkAdmission(b *testing.B) {
	c := newClub(b)
	l := c.open(b, crdt.NewMemStore(), nil)
	admit(l, c.control...)
	e := c.event(b, c.scorer, "goal", nil).Envelope()
	public, key, _ := ed25519.GenerateKey(nil)
	signature := ed25519.Sign(key, e)
	var judging, verifying time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := l.Judge(e); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		if !ed25519.Verify(public, e, signature) {
			b.Fatal()
		}
		judging, verifying = judging+middle.Sub(start), verifying+time.Since(middle)
	}
	b.ReportMetric(float64(judging)/float64(verifying), "x-one-verification")
}

// What another offer has on its way into the log is known by its hash too, and
// is not when that was abandoned.
func TestOnItsWayUsesNoRoom(t *testing.T) {
	c := newClub(t)
	l := c.open(t, crdt.NewMemStore(), nil)
	admit(l, c.control...)
	gate := &full{room: 2}
	e, abandoned := c.event(t, c.scorer, "goal", nil), c.event(t, c.scorer, "shot", nil)
	first := l.Offer(gate, "peer", e.Envelope())
	l.Offer(gate, "peer", abandoned.Envelope()).Abandon()
	for i, copy := range []*crdt.Offer{l.Offer(gate, "another", e.Envelope()), first} {
		if o := copy.Admit(context.Background())[0]; o.Err != nil || o.Added.New != (i == 0) {
			t.Errorf("copy %d: new %v, %v", i, o.Added.New, o.Err)
		}
	}
	if o := l.AdmitAt(context.Background(), gate, "peer", abandoned.Envelope())[0]; !errors.Is(o.Err, crdt.ErrBusy) {
		t.Errorf("known by an offer that was abandoned: %v", o.Err)
	}
}

// BenchmarkImport offers 1,000 events at once.
func BenchmarkImport(b *testing.B) {
	c := newClub(b)
	var envelopes [][]byte
	for i := range 1000 {
		envelopes = append(envelopes, c.event(b, c.scorer, fmt.Sprint(i), nil).Envelope())
	}
	for b.Loop() {
		l := c.open(b, crdt.NewMemStore(), nil)
		admit(l, c.control...)
		for _, o := range l.Admit(context.Background(), "file", envelopes...) {
			if o.Err != nil {
				b.Fatal(o.Err)
			}
		}
	}
	b.ReportMetric(float64(b.N)*float64(len(envelopes))/b.Elapsed().Seconds(), "events/s")
}

// What is held already is judged by its hash: it uses up nobody's room, though
// several peers bring it at once, and a full gate does not refuse it.
func TestHeldUsesNoRoom(t *testing.T) {
	c := newClub(t)
	l := c.open(t, crdt.NewMemStore(), nil)
	admit(l, c.control...)
	e := c.event(t, c.scorer, "goal", nil)
	gate := &full{room: 1}
	for i := range 3 {
		o := l.AdmitAt(context.Background(), gate, fmt.Sprint("peer", i), e.Envelope())[0]
		if o.Err != nil || o.Added.New != (i == 0) {
			t.Errorf("copy %d: new %v, %v", i, o.Added.New, o.Err)
		}
	}
	if gate.took != 1 {
		t.Errorf("%d copies took room", gate.took)
	}
	forged := bytes.Clone(c.event(t, c.scorer, "goal", nil).Envelope())
	forged[len(forged)-1] ^= 1
	if o := l.Admit(context.Background(), "peer", forged)[0]; !errors.Is(o.Err, crdt.ErrSignature) {
		t.Errorf("forged: %v", o.Err)
	}
}
