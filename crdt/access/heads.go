package access

import (
	"cmp"
	"maps"
	"slices"

	"touchline.dev/touchline/crdt"
)

// heads are the current epochs of one audience, as the control set has them.
type heads struct {
	clean []crdt.Hash // not wrapped to a grant that was cut; ascending
	leaky []crdt.Hash // the others; ascending
	loose []crdt.Hash // no heads, since they do not stand, and yet followed by none; ascending

	foreign  map[crdt.Hash]bool // no epochs at all: their authors are not part of the audience
	present  map[crdt.Hash]*ruling[Epoch]
	followed map[crdt.Hash]bool // by a present epoch
	leaking  map[crdt.Hash]bool // wrapped to a grant that was cut
}

// choice is the order in which writers prefer the heads (rule R9): the smallest
// hash not wrapped to a cut grant, else the smallest.
func (h *heads) choice() []crdt.Hash { return slices.Concat(h.clean, h.leaky) }

// Heads returns the current epochs of an audience, the one to write with first.
// It is a function of the control set. Only epochs that stand are heads, unless
// none stands.
func (c *Control) Heads(a Audience) []crdt.Hash {
	j, done := c.judgement()
	defer done()
	return c.headsOf(j, a).choice()
}

// Audiences lists the audiences that have epochs.
func (c *Control) Audiences() []Audience {
	c.mu.RLock()
	defer c.mu.RUnlock()
	seen := map[Audience]bool{}
	for _, e := range c.rulings.epochs {
		seen[e.content.For()] = true
	}
	return slices.SortedFunc(maps.Keys(seen), Audience.compare)
}

func (a Audience) compare(b Audience) int {
	return cmp.Or(cmp.Compare(a.Bit, b.Bit), cmp.Compare(a.Scope, b.Scope))
}

// headsOf computes the heads once after each change. The lock is held.
func (c *Control) headsOf(j *judged, a Audience) *heads {
	if h := j.heads[a]; h != nil {
		return h
	}
	h := &heads{foreign: map[crdt.Hash]bool{}, present: map[crdt.Hash]*ruling[Epoch]{}, leaking: map[crdt.Hash]bool{}}
	standing := map[crdt.Hash]*ruling[Epoch]{}
	for _, e := range c.rulings.epochs {
		if e.content.For() != a {
			continue
		}
		if !c.keeps(e.by, a) {
			h.foreign[e.hash] = true
			continue
		}
		h.present[e.hash], h.leaking[e.hash] = e, c.leaks(j, e)
		if j.control(e.placed, false).State == Stands {
			standing[e.hash] = e
		}
	}
	h.followed = followed(h.present)
	for _, hash := range newest(standing, followed(standing)) {
		if h.leaking[hash] {
			h.leaky = append(h.leaky, hash)
		} else {
			h.clean = append(h.clean, hash)
		}
	}
	for _, hash := range newest(h.present, h.followed) {
		switch {
		case standing[hash] != nil:
		case len(standing) == 0:
			h.leaky = append(h.leaky, hash)
		default:
			h.loose = append(h.loose, hash)
		}
	}
	j.heads[a] = h
	return h
}

// followed are the epochs whose keys the given ones carry.
func followed(epochs map[crdt.Hash]*ruling[Epoch]) map[crdt.Hash]bool {
	out := map[crdt.Hash]bool{}
	for _, e := range epochs {
		for i := range e.content.Follows {
			out[crdt.Hash(e.content.Follows[i].Epoch)] = true
		}
	}
	return out
}

// newest returns the epochs that none follows, ascending.
func newest(epochs map[crdt.Hash]*ruling[Epoch], followed map[crdt.Hash]bool) []crdt.Hash {
	var out []crdt.Hash
	for h := range epochs {
		if !followed[h] {
			out = append(out, h)
		}
	}
	slices.SortFunc(out, crdt.Hash.Compare)
	return out
}

// leaks reports whether a grant that was cut off was given the epoch's key.
func (c *Control) leaks(j *judged, e *ruling[Epoch]) bool {
	return slices.ContainsFunc(c.holders(j, e), func(grant crdt.Hash) bool { return j.ended(grant) })
}

// holders are the grants to which an epoch's key was wrapped. Wraps that do not
// stand are not believed, nor those of strangers to the audience: who was cut off could
// claim to have a key, and so have a say in the choice, or name a guardian.
func (c *Control) holders(j *judged, e *ruling[Epoch]) (grants []crdt.Hash) {
	for i := range e.content.Wraps {
		grants = append(grants, crdt.Hash(e.content.Wraps[i].Grant))
	}
	for _, w := range c.rulings.wraps {
		if crdt.Hash(w.content.Epoch) != e.hash || !c.keeps(w.by, e.content.For()) || j.control(w.placed, false).State != Stands {
			continue
		}
		for i := range w.content.Wraps {
			grants = append(grants, crdt.Hash(w.content.Wraps[i].Grant))
		}
	}
	return grants
}

// ended reports whether a right is known and its holder belongs to the log no
// more: it does not stand, was revoked, or is an invite that was closed. Who
// handed a right over still reads.
func (j *judged) ended(grant crdt.Hash) bool {
	r := j.rights[grant]
	if r == nil {
		return false
	}
	s := j.standing[grant]
	revoked := slices.ContainsFunc(s.cuts, func(c cut) bool { return !c.own })
	return s.State != Stands || revoked || r.enrols > 0 && !j.closed(r).IsZero()
}

// endedBy are the control events that ended a right.
func (j *judged) endedBy(grant crdt.Hash) (by []crdt.Hash) {
	s := j.standing[grant]
	if s.State != Stands {
		by = append(by, s.By)
	}
	for _, c := range s.cuts {
		by = append(by, c.by)
	}
	if r := j.rights[grant]; r.enrols > 0 {
		by = append(by, j.closed(r))
	}
	return by
}
