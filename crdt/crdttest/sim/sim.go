// Package sim plays seeded scenarios with many replicas in memory: loss,
// repeats, overtaking messages, partitions, crashes, wrong clocks and forks. It
// drives the real admission path, the real stores of maps and the real sessions
// of crdt/recon under a virtual clock. Same seed, same play, but for the keys,
// and so hashes, which are fresh each time.
package sim

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Scenario says what a simulation does to its replicas. All randomness comes
// from Seed: the same scenario does the same things.
type Scenario struct {
	Seed     uint64
	Replicas int
	Writers  int           // the first so many replicas are enrolled; others hold and pass on, as relays and families do
	Events   int           // written in all, by random writers
	Span     time.Duration // virtual time in which they are written
	Loss     float64       // of messages
	Repeat   float64       // messages delivered twice
	Delay    time.Duration // longest; messages overtake each other
	Cuts     int           // partitions into two groups, each healed later
	Crashes  int           // replicas that lose what they had not committed
	Forks    int           // writers that write two events at one place
	Erasures int           // of one record each, by an organiser who has seen it; the same ciphertext is signed anew afterwards
	Purges   int           // by the founder: of single events, or of all that one writer wrote
}

// RandomScenario is a scenario of 2 to most replicas: half of them are of a
// handful, one in 25 has more than half of most.
func RandomScenario(seed uint64, most int) Scenario {
	r := rand.New(rand.NewPCG(seed, 1))
	n := int(2 * math.Pow(float64(most)/2, math.Pow(r.Float64(), 3)))
	return Scenario{
		Seed: seed, Replicas: n, Writers: 2 + r.IntN(15), Events: 10 + r.IntN(40), Span: time.Minute,
		Loss: r.Float64() / 2, Repeat: r.Float64() / 4, Delay: time.Duration(r.IntN(3000)) * time.Millisecond,
		Cuts: r.IntN(4), Crashes: r.IntN(4), Forks: r.IntN(3), Erasures: r.IntN(6), Purges: r.IntN(3),
	}
}

// Reconciler makes the logs of two replicas equal, as far as messages get
// through: send loses some. It is what the simulation puts to the test.
type Reconciler func(a, b *Replica, lost func() bool) error

// Replica is one simulated device. It survives a crash with what its store
// acknowledged.
type Replica struct {
	ID     int
	Store  crdt.Store
	Log    *crdt.Log
	Member *access.Member // nil: may not write

	clock  *crdt.Clock
	chain  *crdt.Chain
	offset time.Duration // of a wrong clock
	acked  map[crdt.Hash]bool
	group  int // who can be reached: those of the same group
}

// Simulation is a run of a scenario.
type Simulation struct {
	Scenario
	random   *rand.Rand
	now      time.Time
	replicas []*Replica
	queue    deliveries
	order    int
	log      crdt.LogID
	written  map[crdt.Hash]bool // acknowledged by their authors
	events   map[crdt.Hash]*crdt.Event
	made     []*crdt.Event // the same, in order
	barred   barred
}

// delivery is something that happens at a virtual time.
type delivery struct {
	at    time.Time
	order int
	do    func() error
}

type deliveries []delivery

func (d deliveries) Len() int { return len(d) }
func (d deliveries) Less(i, j int) bool {
	if d[i].at.Equal(d[j].at) {
		return d[i].order < d[j].order
	}
	return d[i].at.Before(d[j].at)
}
func (d deliveries) Swap(i, j int) { d[i], d[j] = d[j], d[i] }
func (d *deliveries) Push(x any)   { *d = append(*d, x.(delivery)) }
func (d *deliveries) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}

// Run plays a scenario and returns nil if, all along, nothing acknowledged was
// lost but what was erased or purged, and nothing appeared that nobody wrote;
// and if, once everything is healed, all replicas become equal within a bound of
// exchanges and none holds anything that is erased or purged.
func Run(s Scenario, reconcile Reconciler) error {
	sim, err := newSimulation(s)
	if err != nil {
		return err
	}
	sim.schedule(reconcile)
	for len(sim.queue) > 0 {
		next := heap.Pop(&sim.queue).(delivery)
		sim.now = next.at
		if err := next.do(); err != nil {
			return fmt.Errorf("at %v: %w", sim.now.Sub(epoch), err)
		}
	}
	if err := sim.converge(reconcile); err != nil {
		return err
	}
	return sim.check()
}

var epoch = time.UnixMilli(1_700_000_000_000)

func newSimulation(s Scenario) (*Simulation, error) {
	sim := &Simulation{
		Scenario: s, random: rand.New(rand.NewPCG(s.Seed, 2)), now: epoch,
		written: map[crdt.Hash]bool{}, events: map[crdt.Hash]*crdt.Event{}, barred: newBarred(),
	}
	clock := crdt.NewClock(func() time.Time { return sim.now })
	founder, founding, err := access.Found(clock, access.PurposeMatch)
	if err != nil {
		return nil, err
	}
	sim.log = founder.Log
	invite, grant, err := founder.Invite(clock, []*crdt.Event{founding}, access.Scorer, uint64(s.Writers), 0)
	if err != nil {
		return nil, err
	}
	for i := range s.Replicas {
		r := &Replica{ID: i, Store: crdt.NewMemStore(), offset: time.Duration(sim.random.IntN(7)-3) * time.Hour, acked: map[crdt.Hash]bool{}}
		r.clock = crdt.NewClock(func() time.Time { return sim.now.Add(r.offset) })
		control := []*crdt.Event{founding, grant}
		switch {
		case i == 0:
			r.Member = founder
		case i < s.Writers:
			var err error
			if r.Member, control, err = invite.Join(r.clock); err != nil {
				return nil, err
			}
		}
		if err := r.open(sim.log); err != nil {
			return nil, err
		}
		for _, e := range control {
			if err := sim.commit(r, e); err != nil {
				return nil, err
			}
		}
		sim.replicas = append(sim.replicas, r)
	}
	return sim, nil
}

// open begins a process on what the store kept, with a fresh chain.
func (r *Replica) open(id crdt.LogID) (err error) {
	r.chain = crdt.NewChain()
	r.Log, err = crdt.OpenLog(r.Store, id, access.NewControl(id), func(events []*crdt.Event) {
		for _, e := range events {
			r.clock.Observe(e.Time)
		}
	}, nil)
	return err
}

// commit is an acknowledgement: from now on r must never be without e.
func (sim *Simulation) commit(r *Replica, e *crdt.Event) error {
	if sim.events[e.Hash] == nil {
		sim.events[e.Hash] = e
		sim.made = append(sim.made, e)
	}
	if out := r.Log.Commit(context.Background(), "", e); errors.Is(out[0].Err, crdt.ErrGone) {
		return nil // its author knows already
	} else if out[0].Err != nil {
		return out[0].Err
	}
	r.acked[e.Hash] = true
	sim.written[e.Hash] = true
	return nil
}

func (sim *Simulation) at(t time.Time, do func() error) {
	sim.order++
	heap.Push(&sim.queue, delivery{t, sim.order, do})
}

func (sim *Simulation) later(most time.Duration) time.Time {
	return sim.now.Add(time.Duration(sim.random.Int64N(int64(most) + 1)))
}

// schedule lays out writes, cuts, crashes and exchanges over the span.
func (sim *Simulation) schedule(reconcile Reconciler) {
	for range sim.Events {
		sim.at(sim.later(sim.Span), func() error { return sim.write(false) })
	}
	for range sim.Forks {
		sim.at(sim.later(sim.Span), func() error { return sim.write(true) })
	}
	for range sim.Erasures {
		sim.at(sim.later(sim.Span), sim.erase)
	}
	for range sim.Purges {
		sim.at(sim.later(sim.Span), sim.purge)
	}
	for range sim.Cuts {
		from := sim.later(sim.Span)
		sim.at(from, func() error { sim.cut(); return nil })
		sim.at(from.Add(time.Duration(sim.random.Int64N(int64(sim.Span)/2))), func() error { sim.heal(); return nil })
	}
	for range sim.Crashes {
		sim.at(sim.later(sim.Span), func() error { return sim.pick().open(sim.log) })
	}
	for range sim.Replicas {
		sim.at(sim.later(sim.Span), func() error {
			a, b := sim.pick(), sim.pick()
			if a == b || a.group != b.group {
				return nil
			}
			return reconcile(a, b, func() bool { return sim.random.Float64() < sim.Loss/10 })
		})
	}
}

func (sim *Simulation) pick() *Replica { return sim.replicas[sim.random.IntN(len(sim.replicas))] }

// write lets a replica record, and gossips. A fork writes two events at one
// place of the chain and shows one half of the replicas each.
func (sim *Simulation) write(fork bool) error {
	r := sim.writer()
	set := crdt.Set(1 + sim.random.IntN(2))
	copies := 1
	if fork {
		copies = 2
	}
	for i := range copies {
		payload, err := crdt.Pad(fmt.Appendf(nil, "%d", sim.random.Uint64()))
		if err != nil {
			return err
		}
		if set == crdt.Records {
			payload = append(make([]byte, crdt.RecordOverhead), payload...)
		}
		e, err := sim.sign(r, set, payload)
		if err != nil {
			return err
		}
		if err := sim.commit(r, e); err != nil {
			return err
		}
		if i == copies-1 {
			r.chain.Advance(e)
		}
		sim.gossip(r, e, i)
	}
	return nil
}

func (sim *Simulation) writer() *Replica {
	return sim.replicas[sim.random.IntN(min(sim.Writers, len(sim.replicas)))]
}

// sign places an event at the next place of a replica's chain, which stays there.
func (sim *Simulation) sign(r *Replica, set crdt.Set, payload []byte) (*crdt.Event, error) {
	header := crdt.Header{Set: set, Log: sim.log, Grant: r.Member.Grant}
	header.Time, header.OwnMs = r.clock.Now()
	r.chain.Place(&header)
	return crdt.Sign(r.Member.Key(), header, payload)
}

// gossip sends e to every replica that can be reached: lost, late, twice.
func (sim *Simulation) gossip(from *Replica, e *crdt.Event, half int) {
	for _, to := range sim.replicas {
		if to == from || half > 0 && to.ID%2 == 0 || sim.random.IntN(len(sim.replicas)) > 16 {
			continue
		}
		copies := 1
		if sim.random.Float64() < sim.Repeat {
			copies = 2
		}
		for range copies {
			if sim.random.Float64() < sim.Loss {
				continue
			}
			sim.at(sim.later(sim.Delay), func() error {
				if to.group != from.group {
					return nil
				}
				return sim.receive(from, to, e)
			})
		}
	}
}

// receive judges like every path. Signatures were made by the simulation and
// are not verified again: that is measured elsewhere.
func (sim *Simulation) receive(from, to *Replica, e *crdt.Event) error {
	err := to.Log.Access(e)
	if errors.Is(err, crdt.ErrNoGrant) {
		to.Log.Admit(context.Background(), fmt.Sprint(from.ID), e.Envelope())
		return nil
	}
	if errors.Is(err, crdt.ErrGone) {
		return nil
	}
	if err != nil {
		return err
	}
	if out := to.Log.Commit(context.Background(), fmt.Sprint(from.ID), e); out[0].Err != nil {
		return out[0].Err
	}
	to.acked[e.Hash] = true
	return nil
}

func (sim *Simulation) cut() {
	for _, r := range sim.replicas {
		r.group = sim.random.IntN(2)
	}
}

func (sim *Simulation) heal() {
	for _, r := range sim.replicas {
		r.group = 0
	}
}
