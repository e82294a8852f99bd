package node

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
)

var t0 = time.UnixMilli(1_700_000_000_000)

func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

func info(id peer.ID) peer.AddrInfo {
	return peer.AddrInfo{ID: id, Addrs: []multiaddr.Multiaddr{multiaddr.StringCast("/ip4/10.0.0.1/tcp/4001")}}
}

// Every trigger begins an exchange, with its own reason.
func TestEveryTriggerBeginsAnExchange(t *testing.T) {
	for _, why := range []reason{becauseSubscribed, becauseDropped, becauseNoGrant, becauseNetwork, becauseAsked} {
		p := settled("a")
		p.trigger(t0, "a", why)
		expectDue(t, p, t0, why)
	}
	p := newSyncPlan(seeded())
	p.connected(t0, "a", false)
	expectDue(t, p, t0, becauseConnected)

	p = settled("a")
	for i := range mismatchBeats {
		if len(p.due(t0.Add(time.Hour))) != 0 {
			t.Fatalf("due after %d differing beats", i)
		}
		p.beat(t0, "a", false, false)
	}
	expectDue(t, p, t0.Add(beatEvery), becauseMismatch)

	p = settled("a")
	p.trigger(t0, "a", becauseAsked)
	p.due(t0)
	p.finished(t0, "a", errors.New("broken"), false, false)
	expectDue(t, p, t0.Add(syncRetry), becauseRetry)
}

// What beats show while an exchange runs is what it is about to mend.
func TestRunningExchangeIsEnough(t *testing.T) {
	p := settled("a")
	p.trigger(t0, "a", becauseAsked)
	expectDue(t, p, t0, becauseAsked)
	for range 2 * fluxBeats {
		p.beat(t0, "a", false, false)
	}
	p.finished(t0, "a", nil, true, true)
	if due := p.due(t0.Add(time.Hour)); len(due) != 0 {
		t.Errorf("due %v after an exchange that made both equal", due)
	}
}

// Whose exchanges fail one after the other is asked less often, up to a bound, and
// at once again after one that worked.
func TestFailuresBackOff(t *testing.T) {
	p, now := settled("a"), t0
	p.trigger(now, "a", becauseAsked)
	for _, pause := range []time.Duration{1, 2, 4, 8, 0, 0} {
		p.due(now)
		p.finished(now, "a", errors.New("broken"), false, false)
		want := syncRetryMost
		if pause != 0 {
			want = pause * syncRetry
		}
		if got := p.wake().Sub(now); got != want {
			t.Errorf("tried again after %v, want %v", got, want)
		}
		now = p.wake()
	}
	p.due(now)
	p.finished(now, "a", nil, true, true)
	p.trigger(now, "a", becauseAsked)
	p.due(now)
	p.finished(now, "a", errors.New("broken"), false, false)
	if got := p.wake().Sub(now); got != syncRetry {
		t.Errorf("after one that worked: tried again after %v, want %v", got, syncRetry)
	}
}

func settled(ids ...peer.ID) *syncPlan {
	p := newSyncPlan(seeded())
	for _, id := range ids {
		p.connected(t0, id, false)
		p.due(t0)
		p.finished(t0, id, nil, true, true)
	}
	return p
}

func expectDue(t *testing.T, p *syncPlan, now time.Time, why reason) {
	t.Helper()
	due := p.due(now)
	if len(due) != 1 || due[0].why != why {
		t.Errorf("due %v, want one because %q", due, why)
	}
	if len(p.due(now)) != 0 {
		t.Errorf("%q: begun twice", why)
	}
}

func TestOneSideGoesFirst(t *testing.T) {
	p := newSyncPlan(seeded())
	p.connected(t0, "a", true)
	if len(p.due(t0)) != 0 {
		t.Error("the other side did not wait")
	}
	p.served("a")
	if len(p.due(t0.Add(time.Hour))) != 0 {
		t.Error("a second exchange though the peer's served both")
	}
	p.connected(t0, "b", true)
	expectDue(t, p, t0.Add(waitForFirst), becauseConnected)
}

// Two exchanges at once between two nodes would carry everything twice: what
// both see at the same moment begins at the first, and while it is
// served the other side begins none, unless it failed or more is wanted.
func TestOneExchangeAtATime(t *testing.T) {
	p := newSyncPlan(seeded())
	p.connected(t0, "a", true)
	p.trigger(t0, "a", becauseSubscribed)
	if len(p.due(t0)) != 0 {
		t.Error("both sides begin when they see each other on a topic")
	}
	late := t0.Add(time.Hour)
	p.serving("a", true)
	if wake := p.wake(); len(p.due(late)) != 0 || !wake.IsZero() {
		t.Errorf("a second exchange while the peer's is served, or a wake-up for it at %v", wake)
	}
	p.serving("a", false)
	expectDue(t, p, late, becauseConnected) // it had failed
	p.finished(late, "a", nil, true, true)

	p.serving("a", true)
	p.trigger(late, "a", becauseDropped)
	p.served("a")
	p.serving("a", false)
	expectDue(t, p, late, becauseDropped)
}

// Live traffic makes digests differ all the time; exchanges that move nothing
// become rare, and a beat that agrees ends the count.
func TestFruitlessExchangesBecomeRare(t *testing.T) {
	p := settled("a")
	var at []time.Duration
	for now := t0; now.Before(t0.Add(5 * time.Minute)); now = now.Add(beatEvery) {
		p.beat(now, "a", false, false)
		for range p.due(now) {
			at = append(at, now.Sub(t0))
			p.finished(now, "a", nil, false, false)
		}
	}
	if n := len(at); n < 20 || n > 60 {
		t.Errorf("%d exchanges in five minutes", n)
	}
	p.beat(t0, "a", true, false)
	if p.peers["a"].fruitless != 0 {
		t.Error("agreement did not reset the pause")
	}
}

// While events arrive a difference has longer to close by itself, but not for ever.
func TestFluxIsGivenTime(t *testing.T) {
	p := settled("a")
	for i := range fluxBeats {
		if len(p.due(t0.Add(time.Hour))) != 0 {
			t.Fatalf("due after %d beats", i)
		}
		p.beat(t0, "a", false, true)
	}
	expectDue(t, p, t0.Add(beatEvery), becauseMismatch)
}

func TestExchangesAreBounded(t *testing.T) {
	p := newSyncPlan(seeded())
	for i := range 20 {
		p.connected(t0, peer.ID(fmt.Sprint(i)), false)
	}
	if n := len(p.due(t0)); n != maxSyncs {
		t.Errorf("%d at once, want %d", n, maxSyncs)
	}
	if n := len(p.due(t0)); n != 0 {
		t.Errorf("%d more", n)
	}
}

func TestDegreeIsCapped(t *testing.T) {
	b := newDialBook("self", seeded())
	for i := range 50 {
		b.found(t0, info(peer.ID(fmt.Sprint("z", i))), fromMDNS)
	}
	b.found(t0, info("given"), fromFlag)
	now := t0.Add(time.Hour)
	first := b.due(now)
	if len(first) != maxDialing || first[0].id != "given" {
		t.Errorf("%d dialled, a given peer first: %v", len(first), first[0].id == "given")
	}
	if wake := b.wake(now); !wake.IsZero() {
		t.Errorf("would wake at %v while it dials", wake)
	}
	all := 0
	for due := first; len(due) > 0; due = b.due(now) {
		all += len(due)
		for _, c := range due {
			b.connected(now, c.id, false)
		}
	}
	if all != wantDegree {
		t.Errorf("%d dialled, want %d", all, wantDegree)
	}
}

// While a log lacks neighbours the book looks further, but not at those that
// were given up, unless there is nobody else.
func TestLonelyLooksFurther(t *testing.T) {
	b := newDialBook("self", seeded())
	for i := range wantDegree {
		b.connected(t0, peer.ID(fmt.Sprint("n", i)), true)
	}
	b.found(t0, info("useless"), fromMDNS)
	b.found(t0, info("untried"), fromMDNS)
	b.avoid(t0, "useless")
	now := t0.Add(time.Minute)
	if len(b.due(now)) != 0 {
		t.Error("dials beyond the wanted degree without need")
	}
	b.lonely = true
	if due := b.due(now); len(due) != 1 || due[0].id != "untried" {
		t.Errorf("dials %v", due)
	}
	b.connected(now, "untried", false)
	if wake := b.wake(now); !wake.IsZero() {
		t.Errorf("would wake at %v for nobody", wake)
	}
	for i := range 3 {
		b.lost(now, peer.ID(fmt.Sprint("n", i)))
	}
	if due := b.due(now.Add(time.Second)); len(due) != 1 || due[0].id != "useless" {
		t.Errorf("with too few neighbours it dials %v", due)
	}
}

// Of many peers that left, each is tried in its turn: those that will not come back
// do not keep the book from one that does.
func TestWhoDoesNotAnswerTakesTurns(t *testing.T) {
	b := newDialBook("self", seeded())
	for i := range 12 {
		id := peer.ID(fmt.Sprint("p", i))
		b.connected(t0, id, false)
		b.found(t0, info(id), fromMDNS)
		b.lost(t0, id)
	}
	tried := map[peer.ID]int{}
	for now := t0.Add(time.Second); now.Before(t0.Add(time.Minute)); now = now.Add(dialTimeout) {
		for _, c := range b.due(now) {
			tried[c.id]++
			b.failed(now.Add(dialTimeout), c.id, errors.New("no route"))
		}
	}
	for i := range 12 {
		if id := peer.ID(fmt.Sprint("p", i)); tried[id] < 2 {
			t.Errorf("%s was tried %d times in a minute: %v", id, tried[id], tried)
		}
	}
}

// Two nodes that found each other by mDNS dial one after the other, the lower
// peer ID first: both at once would break each other's handshake.
func TestOnlyOneSideDialsAtOnce(t *testing.T) {
	low, high := newDialBook("a", seeded()), newDialBook("b", seeded())
	low.found(t0, info("b"), fromMDNS)
	high.found(t0, info("a"), fromMDNS)
	if len(low.due(t0)) != 1 || len(high.due(t0)) != 0 {
		t.Error("both dial, or none")
	}
	if len(high.due(t0.Add(tieBreak))) != 1 {
		t.Error("the higher ID never dials")
	}
}

// A lost peer is dialled again within a second, again and again, also at the end of a
// cut of five minutes; much later less often; and at once when the network changed.
func TestRedial(t *testing.T) {
	b := newDialBook("self", seeded())
	b.found(t0, info("p"), fromMDNS)
	b.due(t0)
	b.connected(t0, "p", false)
	b.lost(t0, "p")
	now := t0
	for now.Before(t0.Add(5 * time.Minute)) {
		wake := b.wake(now)
		if pause := wake.Sub(now); pause > 1250*time.Millisecond {
			t.Fatalf("after %v a pause of %v", now.Sub(t0), pause)
		}
		now = wake
		if len(b.due(now)) != 1 {
			t.Fatal("not due at its wake")
		}
		b.failed(now, "p", errors.New("no route"))
	}
	now = t0.Add(2 * time.Hour)
	b.due(now)
	b.failed(now, "p", errors.New("no route"))
	if pause := b.wake(now).Sub(now); pause < 10*time.Second || pause > 20*time.Second {
		t.Errorf("gone for hours and dialled again after %v", pause)
	}
	b.networkChanged(now)
	if pause := b.wake(now).Sub(now); pause > time.Second {
		t.Errorf("network changed and nothing for %v", pause)
	}
	if b.peers["p"].lastError == "" {
		t.Error("nobody will know why")
	}
}
