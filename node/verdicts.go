package node

import (
	"fmt"
	"sync"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// places knows where a log's events lie in their authors' chains, from the
// first time somebody asks for a verdict.
type places struct {
	mu     sync.Mutex
	chains *access.Chains // guarded by mu; nil until asked for

	begun *access.Chains // guarded by mu; while chains is nil, of what Entries read
	upTo  crdt.Arrival   // guarded by mu; of begun, by the order of arrival of
	store crdt.StoreID   // guarded by mu; this store
}

// note takes note of events that became members.
func (p *places) note(events []*crdt.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.chains == nil {
		return
	}
	for _, e := range events {
		if e.Set != crdt.Control {
			p.chains.Add(e)
		}
	}
}

// forget makes the next verdict look at what is left after an erasure.
func (p *places) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chains, p.begun = nil, nil
}

// from is where what was begun goes on. The caller holds mu.
func (p *places) from(store crdt.StoreID) (*access.Chains, crdt.Arrival) {
	if p.begun == nil || p.store != store {
		p.begun, p.upTo, p.store = access.NewChains(), 0, store
	}
	return p.begun, p.upTo
}

// Entries is [crdt.Log.Since] of a followed log. Who reads a log from its beginning and
// asks for verdicts on what it reads has each event read once: its place is noted on the way.
func (n *Node) Entries(id crdt.LogID, after crdt.Arrival, limit int) ([]crdt.Entry, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil, err
	}
	p := &r.places
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.chains != nil {
		return r.log.Since(after, limit)
	}
	chains, at := p.from(n.store.ID())
	entries, err := r.log.Since(after, limit)
	if err != nil || at != after || len(entries) == 0 {
		return entries, err
	}
	for _, en := range entries {
		if en.Event != nil && en.Set != crdt.Control {
			chains.Add(en.Event)
		}
	}
	p.upTo = entries[len(entries)-1].Arrival
	return entries, nil
}

// withChains calls f with all that is known. f must not keep the chains.
func (r *replica) withChains(f func(*access.Chains)) error {
	p := &r.places
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.chains == nil {
		chains, at := p.from(r.node.store.ID())
		_, err := r.eachEntryAfter(at, func(e *crdt.Event) {
			if e.Set != crdt.Control {
				chains.Add(e)
			}
		})
		p.begun = nil
		if err != nil {
			return fmt.Errorf("chains of match %s: %w", r.log.ID().Short(), err)
		}
		p.chains = chains
	}
	f(p.chains)
	return nil
}

// Verdict says whether a member of a followed log counts (rule R1). It is
// exact for what was asked about before, too: an event is in the store a little
// before its place is noted.
func (n *Node) Verdict(e *crdt.Event) (v access.Verdict, err error) {
	r, err := n.mustReplica(e.LogID())
	if err != nil {
		return v, err
	}
	err = r.withChains(func(c *access.Chains) {
		if e.Set != crdt.Control {
			c.Add(e)
		}
		v = r.control.Verdict(e, c)
	})
	return v, err
}
