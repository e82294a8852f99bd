package access_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

var schedules = flag.Int("schedules", 500, "how many seeded schedules of cuts under partition to try")

// Revocations, hand-overs, purges, forks and over-used invites raced with writes under
// partition: whatever the order in which pieces arrive, every replica has the
// same sets, the same verdicts and the same rights.
func TestSchedules(t *testing.T) {
	for seed := range uint64(*schedules) {
		if err := schedule(t, seed); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// schedule plays one story and delivers it to three replicas.
func schedule(t *testing.T, seed uint64) error {
	random := rand.New(rand.NewPCG(seed, 7))
	s := story{world: newWorld(t), random: random}
	s.founder.event()
	s.actors = []*actor{s.founder}
	for range 12 + random.IntN(14) {
		s.step()
	}
	first := s.deliver(s.all)
	for range 2 {
		if err := s.compare(first, s.deliver(shuffled(random, s.all))); err != nil {
			return err
		}
	}
	return nil
}

// story is a world in which things happen at random.
type story struct {
	*world
	random  *rand.Rand
	actors  []*actor
	invites []*access.Invite
	cuts    []*crdt.Event
}

// step lets one device do something, with or without knowledge of the rest.
func (s *story) step() {
	a := s.actors[s.random.IntN(len(s.actors))]
	switch s.random.IntN(10) {
	case 0, 1:
		if a.m.Role.MayGrant() && len(a.chain) < 6 {
			role := []access.Role{access.Coach, access.Scorer, access.Scorer}[s.random.IntN(3)]
			if role >= a.m.Role {
				s.tryInvite(a, role)
			}
		}
	case 2:
		if len(s.invites) > 0 {
			s.actors = append(s.actors, s.join(s.invites[s.random.IntN(len(s.invites))]))
		}
	case 3:
		s.cuts = append(s.cuts, a.revoke(s.anyRight(), s.anyHeads(), s.anyDevices(), s.anyCut()...))
	case 4:
		if a != s.founder {
			next, _ := a.handOver(s.anyHeads()...)
			s.actors = append(s.actors, next)
		}
	case 5:
		a.forked(crdt.Set(s.random.IntN(2)), func() *crdt.Event { return a.write(s.random) })
	case 6:
		a.chains = map[crdt.Set]*crdt.Chain{} // it lost its memory
	case 7:
		s.purge()
	default:
		a.event()
	}
}

// purge lets the founder take away what was written: one event, or a right's but some.
func (s *story) purge() {
	one := []crdt.Hash{s.all[s.random.IntN(len(s.all))].Hash}
	if under := s.anyRight(); s.random.IntN(3) == 0 && under != s.founder.m.Grant {
		s.founder.control(access.NewPurge(nil, under, one))
		return
	}
	s.founder.control(access.NewPurge(one, crdt.Hash{}, nil))
}

// write is an event, or a control event that does nothing.
func (a *actor) write(random *rand.Rand) *crdt.Event {
	if random.IntN(2) == 0 {
		return a.event()
	}
	return a.control(access.NewRevocation(crdt.Hash{1}, nil, nil))
}

// tryInvite makes an invite if a chain of grants that long may be made.
func (s *story) tryInvite(a *actor, role access.Role) {
	i, content := a.m.NewInvite(access.Terms{Role: role, Audiences: access.AudienceMatch, Uses: 1 + uint64(s.random.IntN(2))})
	e, err := a.m.SignControl(s.clock, a.chainOf(crdt.Control), content)
	if err != nil {
		s.t.Fatal(err)
	}
	if i.Complete(append(append([]*crdt.Event{}, a.chain...), e)) == nil {
		a.keep(e)
		s.invites = append(s.invites, i)
	}
}

func (s *story) anyRight() crdt.Hash { return s.actors[s.random.IntN(len(s.actors))].m.Grant }

func (s *story) anyHeads() (heads []access.Head) {
	for range s.random.IntN(4) {
		heads = append(heads, access.HeadOf(s.all[1+s.random.IntN(len(s.all)-1)]))
	}
	return heads
}

func (s *story) anyDevices() (list []crdt.Hash) {
	for range s.random.IntN(3) {
		list = append(list, s.anyRight())
	}
	return list
}

func (s *story) anyCut() (refs []crdt.Hash) {
	if len(s.cuts) > 0 && s.random.IntN(2) == 0 {
		refs = append(refs, s.cuts[s.random.IntN(len(s.cuts))].Hash)
	}
	return refs
}

func (s *story) compare(x, y replica) error {
	for i, e := range s.all {
		errX, errY := x.control.Check(e), y.control.Check(e)
		if fmt.Sprint(errX) != fmt.Sprint(errY) {
			return fmt.Errorf("event %d is a member for one: %v, %v", i, errX, errY)
		}
		if errX == nil && x.verdict(e) != y.verdict(e) {
			return fmt.Errorf("event %d: %+v and %+v", i, x.verdict(e), y.verdict(e))
		}
	}
	if !reflect.DeepEqual(x.control.Rights(), y.control.Rights()) {
		return fmt.Errorf("rights differ")
	}
	return nil
}

// A replica that asks for verdicts after every arrival ends with the same as one
// that asks at the end: nothing remembered in between shows.
func TestVerdictsDoNotRemember(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 8))
		s := story{world: newWorld(t), random: random}
		s.founder.event()
		s.actors = []*actor{s.founder}
		for range 25 {
			s.step()
		}
		asked := replica{access.NewControl(s.founder.m.Log), access.NewChains()}
		var members []*crdt.Event
		for pending, round := shuffled(random, s.all), 0; round < len(s.all); round++ {
			for _, e := range pending {
				if asked.control.Check(e) == nil {
					asked.control.Add(e)
					switch {
					case e.Set != crdt.Control:
						members = append(members, e)
						asked.chains.Add(e)
					case asked.control.Bars(e):
						asked.chains = asked.chainsOf(members)
					}
					asked.control.Rights()
					asked.verdict(s.all[random.IntN(len(s.all))])
				}
			}
		}
		if err := s.compare(asked, s.deliver(s.all)); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}
