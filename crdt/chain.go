package crdt

import "crypto/rand"

// Chain is a place at which a device writes next: one key, one incarnation,
// one set, one grant (rule R5). Each start of a process that cannot prove it
// remembers the last place begins a new Chain, so that no counter has to
// survive a crash. The zero Chain is not valid; use [NewChain]. A Chain is not
// safe for concurrent use.
type Chain struct {
	incarnation Incarnation
	seq         uint64
	prev        Hash
}

// NewChain begins a chain with a random incarnation.
func NewChain() *Chain {
	c := &Chain{}
	rand.Read(c.incarnation[:])
	return c
}

// NewChainAt begins a chain with a known incarnation: for keys and events that
// are derived, so that whoever derives them signs the same bytes.
func NewChainAt(i Incarnation) *Chain { return &Chain{incarnation: i} }

// Place fills in the chain fields of h for the next event.
func (c *Chain) Place(h *Header) {
	h.Incarnation, h.Seq, h.Prev = c.incarnation, c.seq+1, c.prev
}

// Advance moves past e, which must have been placed by this chain and be
// durable. An event that failed to commit is not advanced past: its place is
// used again only if nobody can have seen it; otherwise begin a new Chain.
func (c *Chain) Advance(e *Event) { c.seq, c.prev = e.Seq, e.Hash }
