package access

import "touchline.dev/touchline/crdt"

// Chains knows the places of events in their authors' chains: where a chain
// forked, and what lies before a place (rules R5, R6). It holds hashes only, and
// is a function of the events added, in whatever order. It is not safe for
// concurrent use.
type Chains struct {
	by map[chainID]*chain
}

// chainID names a chain. The author follows from the grant.
type chainID struct {
	grant       crdt.Hash
	incarnation crdt.Incarnation
	set         crdt.Set
}

// chain is one chain's bodies by place, usually one each.
type chain struct {
	places map[uint64][]link
	forked uint64                // lowest place with two bodies; 0: none
	paths  map[crdt.Hash]*runway // memo, by head; nil after a change
}

type link struct{ hash, prev crdt.Hash }

// placed is an event's place.
type placed struct {
	chain chainID
	seq   uint64
	link
}

func placeOf(e *crdt.Event) placed {
	return placed{chainID{e.Grant, e.Incarnation, e.Set}, e.Seq, link{e.Hash, e.Prev}}
}

// runway is what is known to lie at and before a head: hashes downwards from
// its place, until a link is missing.
type runway struct {
	top    uint64
	hashes []crdt.Hash // hashes[i] lies at place top-i
}

// NewChains returns an empty Chains.
func NewChains() *Chains { return &Chains{by: map[chainID]*chain{}} }

// Add takes note of an event's place. Adding twice changes nothing.
func (c *Chains) Add(e *crdt.Event) { c.add(placeOf(e)) }

func (c *Chains) add(p placed) {
	ch := c.by[p.chain]
	if ch == nil {
		ch = &chain{places: map[uint64][]link{}}
		c.by[p.chain] = ch
	}
	for _, l := range ch.places[p.seq] {
		if l.hash == p.hash {
			return
		}
	}
	ch.places[p.seq] = append(ch.places[p.seq], p.link)
	if len(ch.places[p.seq]) > 1 && (ch.forked == 0 || p.seq < ch.forked) {
		ch.forked = p.seq
	}
	ch.paths = nil
}

// forkedBelow reports whether the place or one before it has two bodies.
func (c *Chains) forkedBelow(p placed) bool {
	ch := c.by[p.chain]
	return ch != nil && ch.forked > 0 && ch.forked <= p.seq
}

// includes reports whether what lies at p is the head, or lies before it; while
// links between them are missing, an unforked place below counts (rule R6).
func (c *Chains) includes(grant crdt.Hash, h *Head, p placed) bool {
	id := chainID{grant, crdt.Incarnation(h.Incarnation), crdt.Set(h.Set)}
	if p.chain != id || p.seq > h.Seq {
		return false
	}
	ch := c.by[id]
	if ch == nil {
		return false
	}
	way := ch.runway(crdt.Hash(h.Hash), h.Seq)
	if down := int(way.top - p.seq); down < len(way.hashes) {
		return way.hashes[down] == p.hash
	}
	return p.seq < h.Seq && len(ch.places[p.seq]) == 1
}

func (c *chain) runway(head crdt.Hash, seq uint64) *runway {
	if way := c.paths[head]; way != nil && way.top == seq {
		return way
	}
	way := &runway{top: seq}
	for want := head; seq > 0 && !want.IsZero(); seq-- {
		l, ok := c.at(seq, want)
		if !ok {
			break
		}
		way.hashes = append(way.hashes, l.hash)
		want = l.prev
	}
	if c.paths == nil {
		c.paths = map[crdt.Hash]*runway{}
	}
	c.paths[head] = way
	return way
}

func (c *chain) at(seq uint64, h crdt.Hash) (link, bool) {
	for _, l := range c.places[seq] {
		if l.hash == h {
			return l, true
		}
	}
	return link{}, false
}
