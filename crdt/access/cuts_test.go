package access_test

import (
	"errors"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

func TestRevocationEndsAtNamedPlaces(t *testing.T) {
	w := newWorld(t)
	d := w.founder.let(access.Scorer)
	before := []*crdt.Event{d.event(), d.event()}
	named := d.event()
	after := d.event()
	w.expect("before the cut", true, append(before, named, after)...)
	cut := w.founder.revoke(d.m.Grant, head(named), nil)
	w.expect("named, and what lies before", true, append(before, named)...)
	w.expect("past the place", false, after, d.event())
	d.chains = map[crdt.Set]*crdt.Chain{}
	w.expect("a chain that is not named", false, d.event())
	v := w.deliver(w.all).verdict(after)
	if v.Reason != access.BecauseCut || v.By != cut.Hash || v.Why() == "" {
		t.Errorf("verdict %+v", v)
	}
}

// A head that has not come lets stand what lies below it, and so do missing links.
func TestCutStandsWhileLinksAreMissing(t *testing.T) {
	w := newWorld(t)
	d := w.founder.let(access.Scorer)
	one, two, three, four := d.event(), d.event(), d.event(), d.event()
	w.founder.revoke(d.m.Grant, head(three), nil)
	without := func(missing ...*crdt.Event) (out []*crdt.Event) {
		for _, e := range w.all {
			keep := true
			for _, m := range missing {
				keep = keep && e != m
			}
			if keep {
				out = append(out, e)
			}
		}
		return out
	}
	for name, missing := range map[string][]*crdt.Event{"head": {three}, "link": {two}, "both": {two, three}} {
		r := w.deliver(without(missing...))
		if v := r.verdict(one); v.State != access.Stands {
			t.Errorf("without %s: the first is %s", name, v.Why())
		}
		if v := r.verdict(four); v.State == access.Stands {
			t.Errorf("without %s: the one past the cut stands", name)
		}
	}
	// Another body at a place below: with the links it is left out; without them
	// nobody can tell, and neither stands.
	d.chains[crdt.Events] = crdt.NewChain()
	_ = two
	w2 := newWorld(t)
	d = w2.founder.let(access.Scorer)
	d.event()
	var a *crdt.Event
	b := d.forked(crdt.Events, func() *crdt.Event {
		e := d.event()
		if a == nil {
			a = e
		}
		return e
	})
	top := d.event()
	w2.founder.revoke(d.m.Grant, head(top), nil)
	w2.expect("on the named branch", true, b, top)
	w2.expect("on the other branch", false, a)
}

func TestForksAreUnconfirmedUnlessACutIncludesThem(t *testing.T) {
	w := newWorld(t)
	d := w.founder.let(access.Scorer)
	low := d.event()
	var first *crdt.Event
	second := d.forked(crdt.Events, func() *crdt.Event {
		e := d.event()
		if first == nil {
			first = e
		}
		return e
	})
	high := d.event()
	w.expect("below the fork", true, low)
	w.expect("at the fork and above", false, first, second, high)
	w.founder.revoke(d.m.Grant, head(high), nil)
	w.expect("the branch that the cut names", true, low, second, high)
	w.expect("the other branch", false, first)
}

func TestForkedControlEventsCountFlagged(t *testing.T) {
	w := newWorld(t)
	coach := w.founder.let(access.Coach)
	var seen []*crdt.Event
	var invites []*access.Invite
	coach.forked(crdt.Control, func() *crdt.Event {
		i, e := coach.invite(access.Scorer, 1)
		seen, invites = append(seen, e), append(invites, i)
		return e
	})
	w.expect("both grants", true, seen...)
	if v := w.deliver(w.all).verdict(seen[1]); !v.Forked {
		t.Error("the fork is not flagged")
	}
	w.expect("events of both devices", true, w.join(invites[0]).event(), w.join(invites[1]).event())
}

func TestOnlyStrictAncestorsRevoke(t *testing.T) {
	w := newWorld(t)
	coach, other := w.founder.let(access.Coach), w.founder.let(access.Coach)
	d := coach.let(access.Scorer)
	e := d.event()
	other.revoke(d.m.Grant, nil, nil)
	d.revoke(coach.m.Grant, nil, nil)
	d.revoke(d.m.Grant, nil, nil)
	w.expect("nobody above has spoken", true, e)
	coach.revoke(d.m.Grant, nil, nil)
	w.expect("the issuer has", false, e)
}

func TestTheHighestStandingAuthorDecides(t *testing.T) {
	w := newWorld(t)
	coach := w.founder.let(access.Coach)
	d := coach.let(access.Scorer)
	one, two := d.event(), d.event()
	low := coach.revoke(d.m.Grant, head(one), nil)
	w.expect("the coach's cut", false, two)
	high := w.founder.revoke(d.m.Grant, head(two), nil)
	w.expect("the founder's cut decides", true, one, two)
	// One supersedes those it references; concurrent ones intersect.
	w.founder.revoke(d.m.Grant, head(one), nil, high.Hash)
	w.expect("superseded", false, two)
	w.expect("superseded", true, one)
	w.founder.revoke(d.m.Grant, head(two), nil)
	w.expect("concurrent cuts intersect", false, two)
	w.expect("concurrent cuts intersect", true, one)
	_ = low
}

// A revoked manager: what it did before the cut stands, its invites are closed,
// and what it does later has no effect, however it is dated.
func TestRevokedManager(t *testing.T) {
	w := newWorld(t)
	coach := w.founder.let(access.Coach)
	invite, _ := coach.invite(access.Scorer, 5)
	listed, unlisted := w.join(invite), w.join(invite)
	e1, e2 := listed.event(), unlisted.event()
	last := coach.wrote[len(coach.wrote)-1]
	w.founder.revoke(coach.m.Grant, head(last), []crdt.Hash{listed.m.Grant})
	w.expect("a device that is listed", true, e1)
	w.expect("a device that is not", false, e2)
	w.expect("a device that comes later", false, w.join(invite).event())
	w.expect("a device let in by a later invite", false, coach.let(access.Scorer).event())
	coach.revoke(listed.m.Grant, nil, nil)
	w.expect("a revocation past the cut", true, e1)
	for _, r := range w.deliver(w.all).control.Rights() {
		if r.Hash == listed.m.Grant && !r.Writes() {
			t.Error("the listed device may not write")
		}
		if r.Subject == coach.m.Device() && r.Writes() {
			t.Error("the revoked coach may write")
		}
		if r.Enrols > 0 && r.Parent == coach.m.Grant && r.Open() {
			t.Error("a revoked coach's invite is open")
		}
	}
}

func TestOverusedInvite(t *testing.T) {
	w := newWorld(t)
	invite, grant := w.founder.invite(access.Scorer, 2)
	devices := []*actor{w.join(invite), w.join(invite), w.join(invite)}
	events := []*crdt.Event{devices[0].event(), devices[1].event(), devices[2].event()}
	w.expect("all count", true, events...)
	if v := w.deliver(w.all).verdict(events[0]); !v.Overused {
		t.Error("too many devices, not flagged")
	}
	w.founder.revoke(grant.Hash, nil, []crdt.Hash{devices[0].m.Grant, devices[2].m.Grant})
	w.expect("listed", true, events[0], events[2])
	w.expect("not listed", false, events[1])
	if v := w.deliver(w.all).verdict(events[0]); v.Overused {
		t.Error("flagged after a list")
	}
}

func TestHandOver(t *testing.T) {
	w := newWorld(t)
	coach := w.founder.let(access.Coach)
	d := coach.let(access.Scorer)
	one := d.event()
	next, over := d.handOver(access.HeadOf(one))
	w.expect("before", true, one, over)
	w.expect("the successor's", true, next.event())
	w.expect("after", false, d.event())
	second, again := d.handOver(access.HeadOf(one))
	w.expect("a second hand-over in the chain has no effect", false, again, second.event())
	d.revoke(next.m.Grant, nil, nil)
	w.expect("the old holder cannot revoke the new", true, next.event())

	// Concurrent hand-overs, by a device that lost its memory: all count, flagged.
	d.chains = map[crdt.Set]*crdt.Chain{}
	third, concurrent := d.handOver(access.HeadOf(one))
	w.expect("concurrent", true, over, concurrent, next.event(), third.event(), one)
	if v := w.deliver(w.all).verdict(concurrent); !v.Overused {
		t.Error("two hand-overs, not flagged")
	}
	coach.revoke(d.m.Grant, []access.Head{access.HeadOf(one), access.HeadOf(over)}, []crdt.Hash{next.m.Grant})
	w.expect("the coach says who stands", true, one, over, next.event())
	w.expect("the coach says who stands", false, concurrent, third.event())
	if next.m.Role != access.Scorer {
		t.Errorf("the successor is %v", next.m.Role)
	}
}

func TestExpiryOnlyFlags(t *testing.T) {
	w := newWorld(t)
	i, content := w.founder.m.NewInvite(access.Terms{Role: access.Scorer, Audiences: access.AudienceMatch, NotAfter: 1})
	e := w.founder.control(content)
	if err := i.Complete(append(append([]*crdt.Event{}, w.founder.chain...), e)); err != nil {
		t.Fatal(err)
	}
	late := w.join(i).event()
	w.expect("late", true, late)
	if v := w.deliver(w.all).verdict(late); !v.Expired || v.Why() == "" {
		t.Errorf("expiry is not flagged: %+v", v)
	}
}

func TestPurgeAndErasureBar(t *testing.T) {
	w := newWorld(t)
	coach := w.founder.let(access.Coach)
	d := coach.let(access.Scorer)
	e1, e2, mine := d.event(), d.event(), coach.event()
	if err := w.deliver(append(w.all, coachPurge(t, coach))).control.Check(e1); err != nil {
		t.Error("a coach cannot purge:", err)
	}
	w.founder.control(access.NewPurge(nil, d.m.Grant, []crdt.Hash{e2.Hash}))
	c := w.deliver(w.all).control
	if !errors.Is(c.Check(e1), crdt.ErrGone) || c.Check(e2) != nil || c.Check(mine) != nil {
		t.Error("purge beneath a grant:", c.Check(e1), c.Check(e2), c.Check(mine))
	}
	w.founder.control(access.NewPurge([]crdt.Hash{mine.Hash}, crdt.Hash{}, nil))
	if c := w.deliver(w.all).control; !errors.Is(c.Check(mine), crdt.ErrGone) {
		t.Error("purge by hash:", c.Check(mine))
	}
	record := write(t, d.m, crdt.Records)
	w.all = append(w.all, record)
	if err := w.deliver(w.all).control.Check(record); !errors.Is(err, crdt.ErrGone) {
		t.Error("a record beneath the purged grant:", err)
	}
	record = write(t, coach.m, crdt.Records)
	coach.control(access.NewErasure([]access.RecordName{access.NameOfRecord(record)}))
	w.founder.revoke(coach.m.Grant, nil, nil)
	if err := w.deliver(w.all).control.Check(record); !errors.Is(err, crdt.ErrGone) {
		t.Error("an erasure outlives its author's right:", err)
	}
}

// coachPurge is a purge signed by somebody who may not.
func coachPurge(t *testing.T, coach *actor) *crdt.Event {
	t.Helper()
	e, err := coach.m.SignControl(coach.w.clock, crdt.NewChain(), access.NewPurge(nil, coach.w.founder.m.Grant, nil))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestClientsWriteAndNothingElse(t *testing.T) {
	w := newWorld(t)
	d := w.founder.let(access.Coach)
	key, content := d.m.NewClient(access.Right{}, "")
	grant := d.control(content)
	m := *d.m
	m.Seed, m.Grant = key.Seed(), grant.Hash
	client := w.actor(&m, nil)
	e := client.event()
	w.expect("a client's event", true, e)
	c := w.deliver(w.all).control
	if c.Role(grant.Hash) != access.Scorer {
		t.Errorf("a coach's client is %v", c.Role(grant.Hash))
	}
	_, invite := m.NewInvite(access.Terms{Role: access.Spectator, Audiences: access.AudienceMatch})
	bad, err := m.SignControl(w.clock, crdt.NewChain(), invite)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Check(bad); !errors.Is(err, crdt.ErrForbidden) {
		t.Error("a client signs a grant:", err)
	}
	w.founder.revoke(d.m.Grant, nil, nil)
	w.expect("its node's right has ended", false, e)
}
