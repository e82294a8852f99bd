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
	p.chains = nil
}

// withChains calls f with all that is known. f must not keep the chains.
func (r *replica) withChains(f func(*access.Chains)) error {
	p := &r.places
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.chains == nil {
		chains := access.NewChains()
		err := r.eachEntry(func(e *crdt.Event) {
			if e.Set != crdt.Control {
				chains.Add(e)
			}
		})
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
