package access_test

import (
	"errors"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// revokePlanned lets an actor revoke as a node does: with what it knows.
func (a *actor) revokePlanned(target crdt.Hash, keep access.Keep) *crdt.Event {
	a.w.t.Helper()
	r := a.w.deliver(a.w.all)
	content, refs, err := r.control.PlanRevocation(a.m.Grant, target, r.chains, keep)
	if err != nil {
		a.w.t.Fatal(err)
	}
	return a.control(content, refs...)
}

func TestPlannedRevocation(t *testing.T) {
	w := newWorld(t)
	coach := w.founder.let(access.Coach)
	invite, grant := coach.invite(access.Scorer, 3)
	one, two := w.join(invite), w.join(invite)
	a, b := one.event(), two.event()
	coach.revokePlanned(one.m.Grant, access.KeepSeen)
	w.expect("what was seen of the device, and the other device", true, a, b, two.event())
	w.expect("what it writes later", false, one.event())
	w.expect("who uses its invite later", false, w.join(invite).event())
	coach.revokePlanned(one.m.Grant, access.KeepNothing)
	w.expect("superseded: nothing of it stands", false, a)
	coach.revokePlanned(one.m.Grant, access.KeepSeen)
	w.expect("and superseded again", true, a)

	fresh, freshGrant := coach.invite(access.Scorer, 3)
	three := w.join(fresh)
	coach.revokePlanned(freshGrant.Hash, access.KeepSeen)
	w.expect("a closed invite's device", true, three.event())
	w.expect("one that comes later", false, w.join(fresh).event())
	_ = grant

	r := w.deliver(w.all)
	for name, try := range map[string]struct{ by, target crdt.Hash }{
		"its own right":       {coach.m.Grant, coach.m.Grant},
		"a right above":       {three.m.Grant, coach.m.Grant},
		"a right beside":      {two.m.Grant, three.m.Grant},
		"by a revoked device": {one.m.Grant, three.m.Grant},
		"the founder's":       {coach.m.Grant, w.founder.m.Grant},
	} {
		if _, _, err := r.control.PlanRevocation(try.by, try.target, r.chains, access.KeepSeen); !errors.Is(err, crdt.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, _, err := r.control.PlanRevocation(coach.m.Grant, crdt.Hash{1}, r.chains, access.KeepSeen); !errors.Is(err, crdt.ErrNotFound) {
		t.Errorf("unknown right: %v", err)
	}
}

func TestPlannedRevocationOfAFork(t *testing.T) {
	w := newWorld(t)
	d := w.founder.let(access.Scorer)
	low := d.event()
	d.forked(crdt.Events, d.event)
	w.founder.revokePlanned(d.m.Grant, access.KeepSeen)
	w.expect("below the fork", true, low)
	w.expect("above", false, d.wrote[1:]...)
}
