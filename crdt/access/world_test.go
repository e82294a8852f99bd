package access_test

import (
	"math/rand/v2"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// world is a log with several devices, for tests of verdicts. Its time stands
// still unless a test moves it, and every event is kept in all.
type world struct {
	t       testing.TB
	clock   *crdt.Clock
	founder *actor
	all     []*crdt.Event
}

// actor is a device that writes.
type actor struct {
	w      *world
	m      *access.Member
	chain  []*crdt.Event // the control events from the founding record to its own right
	chains map[crdt.Set]*crdt.Chain
	wrote  []*crdt.Event
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: crdt.NewClock(nil)}
	m, founding, err := access.Found(w.clock, access.PurposeMatch)
	if err != nil {
		t.Fatal(err)
	}
	w.all = append(w.all, founding)
	w.founder = w.actor(m, []*crdt.Event{founding})
	return w
}

func (w *world) actor(m *access.Member, chain []*crdt.Event) *actor {
	return &actor{w: w, m: m, chain: chain, chains: map[crdt.Set]*crdt.Chain{}}
}

func (a *actor) chainOf(set crdt.Set) *crdt.Chain {
	if a.chains[set] == nil {
		a.chains[set] = crdt.NewChain()
	}
	return a.chains[set]
}

// control writes a control event.
func (a *actor) control(content []byte, refs ...crdt.Hash) *crdt.Event {
	a.w.t.Helper()
	e, err := a.m.SignControl(a.w.clock, a.chainOf(crdt.Control), content, refs...)
	if err != nil {
		a.w.t.Fatal(err)
	}
	return a.keep(e)
}

// event writes a match event.
func (a *actor) event() *crdt.Event {
	a.w.t.Helper()
	payload, _ := crdt.Pad([]byte("tap"))
	h := crdt.Header{Set: crdt.Events, Log: a.m.Log, Grant: a.m.Grant}
	h.Time, h.OwnMs = a.w.clock.Now()
	chain := a.chainOf(crdt.Events)
	chain.Place(&h)
	e, err := crdt.Sign(a.m.Key(), h, payload)
	if err != nil {
		a.w.t.Fatal(err)
	}
	chain.Advance(e)
	return a.keep(e)
}

// forked lets the device write from an earlier state of its chain once more.
func (a *actor) forked(set crdt.Set, write func() *crdt.Event) *crdt.Event {
	saved := *a.chainOf(set)
	write()
	*a.chainOf(set) = saved
	return write()
}

func (a *actor) keep(e *crdt.Event) *crdt.Event {
	a.wrote = append(a.wrote, e)
	a.w.all = append(a.w.all, e)
	return e
}

// invite makes an invite.
func (a *actor) invite(role access.Role, uses uint64) (*access.Invite, *crdt.Event) {
	a.w.t.Helper()
	i, content := a.m.NewInvite(access.Terms{Role: role, Audiences: access.AudienceMatch, Uses: uses})
	e := a.control(content)
	if err := i.Complete(append(append([]*crdt.Event{}, a.chain...), e)); err != nil {
		a.w.t.Fatal(err)
	}
	return i, e
}

// handOver ends the actor's right behind the heads and returns its successor.
func (a *actor) handOver(heads ...access.Head) (*actor, *crdt.Event) {
	a.w.t.Helper()
	i, content := a.m.NewHandOver(heads, nil)
	e := a.control(content)
	if err := i.Complete(append(append([]*crdt.Event{}, a.chain...), e)); err != nil {
		a.w.t.Fatal(err)
	}
	return a.w.join(i), e
}

// join enrols a device.
func (w *world) join(i *access.Invite) *actor {
	w.t.Helper()
	m, control, err := i.Join(w.clock)
	if err != nil {
		w.t.Fatal(err)
	}
	w.all = append(w.all, control[len(control)-1])
	return w.actor(m, control)
}

// let is an invite and the device that came by it.
func (a *actor) let(role access.Role) *actor {
	a.w.t.Helper()
	i, _ := a.invite(role, 1)
	return a.w.join(i)
}

// revoke writes a revocation.
func (a *actor) revoke(target crdt.Hash, heads []access.Head, stand []crdt.Hash, refs ...crdt.Hash) *crdt.Event {
	a.w.t.Helper()
	return a.control(access.NewRevocation(target, heads, stand), refs...)
}

func head(e *crdt.Event) []access.Head { return []access.Head{access.HeadOf(e)} }

// replica is what somebody knows of a world.
type replica struct {
	control *access.Control
	chains  *access.Chains
}

func (w *world) deliver(events []*crdt.Event) replica { return deliver(w.founder.m.Log, events) }

// deliver gives events in this order to a new replica, the waiting again and
// again as a log does; what was purged has left it in the end.
func deliver(log crdt.LogID, events []*crdt.Event) replica {
	r := replica{control: access.NewControl(log)}
	var members []*crdt.Event
	for pending := events; len(pending) > 0; {
		var later []*crdt.Event
		for _, e := range pending {
			if r.control.Check(e) != nil {
				later = append(later, e)
				continue
			}
			r.control.Add(e)
			if e.Set != crdt.Control {
				members = append(members, e)
			}
		}
		if len(later) == len(pending) {
			break
		}
		pending = later
	}
	r.chains = r.chainsOf(members)
	return r
}

// chainsOf are the chains of those that are members still.
func (r replica) chainsOf(members []*crdt.Event) *access.Chains {
	chains := access.NewChains()
	for _, e := range members {
		if r.control.Check(e) == nil {
			chains.Add(e)
		}
	}
	return chains
}

func (r replica) verdict(e *crdt.Event) access.Verdict { return r.control.Verdict(e, r.chains) }

// shuffled returns the events in another order, some of them twice.
func shuffled(random *rand.Rand, events []*crdt.Event) []*crdt.Event {
	out := append([]*crdt.Event{}, events...)
	for range len(events) / 4 {
		out = append(out, events[random.IntN(len(events))])
	}
	random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out
}

// expect demands verdicts of a replica that has everything.
func (w *world) expect(why string, stands bool, events ...*crdt.Event) {
	w.t.Helper()
	r := w.deliver(w.all)
	for i, e := range events {
		v := r.verdict(e)
		if (v.State == access.Stands) != stands {
			w.t.Errorf("%s: event %d of %d is %v: %s", why, i+1, len(events), v.State, v.Why())
		}
	}
}
