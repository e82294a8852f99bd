package access

import (
	"cmp"
	"slices"

	"touchline.dev/touchline/crdt"
)

// judged is what the control set as a whole says about each right: the verdicts
// of rules R5 and R6. It is computed anew after a change, from the set alone,
// so that the order of arrival cannot matter. Rights are judged from the
// founder down: what decides about one was written under rights above it.
type judged struct {
	chains   *Chains // of the control set
	rights   map[crdt.Hash]*right
	standing map[crdt.Hash]*standing
	closes   map[crdt.Hash][]*ruling[Revocation] // by invite
	heads    map[Audience]*heads                 // computed when asked for
}

// standing is the verdict about one right.
type standing struct {
	Verdict
	cuts []cut // all of them must include what is to stand; none: no cut
}

// cut is where one revocation or hand-over ends a right.
type cut struct {
	by    crdt.Hash
	heads []Head
	own   bool // a hand-over: it stands itself, where it ends its own grant
}

// judge computes the standing of every right.
func (c *Control) judge() *judged {
	j := &judged{chains: c.chains, rights: c.rights, standing: make(map[crdt.Hash]*standing, len(c.rights)), heads: map[Audience]*heads{}}
	order := make([]*right, 0, len(c.rights))
	for _, r := range c.rights {
		order = append(order, r)
	}
	slices.SortFunc(order, func(a, b *right) int { return cmp.Or(cmp.Compare(a.level, b.level), a.hash.Compare(b.hash)) })
	targets, closes := c.rulings.aims(c.rights)
	j.closes = closes
	for _, r := range order {
		s := &standing{Verdict: j.control(r.place, r.kind == KindFounding)}
		j.standing[r.hash] = s
		if r.enrols > 0 {
			continue // an invite is closed: its devices stand or fall by lists
		}
		s.cuts = j.revoked(r, targets[r.hash], closes)
		if s.cuts == nil {
			s.cuts = j.handedOver(r, c.rulings.handOvers[r.hash])
		}
	}
	j.countUses(order)
	return j
}

// aims sorts revocations by the right they target and by the invites they close.
func (s *rulings) aims(rights map[crdt.Hash]*right) (targets, closes map[crdt.Hash][]*ruling[Revocation]) {
	targets, closes = map[crdt.Hash][]*ruling[Revocation]{}, map[crdt.Hash][]*ruling[Revocation]{}
	issued := map[crdt.Hash][]*right{}
	for _, r := range rights {
		if r.enrols > 0 {
			issued[r.parent.hash] = append(issued[r.parent.hash], r)
		}
	}
	for _, rev := range s.revocations {
		t := rights[crdt.Hash(rev.content.Target)]
		if t == nil || t.parent == nil || !t.parent.within(rev.by.hash) {
			continue // not known yet, or its author is no strict ancestor
		}
		targets[t.hash] = append(targets[t.hash], rev)
		if t.enrols > 0 {
			closes[t.hash] = append(closes[t.hash], rev)
		}
		if t.kind == KindEnrolment {
			closes[t.parent.hash] = append(closes[t.parent.hash], rev)
		}
		for _, i := range issued[t.hash] {
			closes[i.hash] = append(closes[i.hash], rev)
		}
	}
	return targets, closes
}

// control is the verdict about a control event: its author's right must stand,
// and no cut may leave it out. A fork of control events is flagged only.
func (j *judged) control(p placed, founding bool) Verdict {
	if founding {
		return Verdict{State: Stands}
	}
	return j.at(p, j.chains, true)
}

// at is the verdict about what lies at a place; chains knows its chain.
func (j *judged) at(p placed, chains *Chains, control bool) Verdict {
	s := j.standing[p.chain.grant]
	switch {
	case s == nil:
		return Verdict{State: Unconfirmed, Reason: BecauseGrant}
	case s.State != Stands:
		return Verdict{State: Unconfirmed, Reason: BecauseGrant, By: s.By}
	}
	for _, c := range s.cuts {
		if c.own && c.by == p.hash {
			return Verdict{State: Stands, Overused: len(s.cuts) > 1}
		}
	}
	for _, c := range s.cuts {
		if !c.includes(chains, p) {
			return Verdict{State: Unconfirmed, Reason: BecauseCut, By: c.by}
		}
	}
	v := Verdict{State: Stands}
	if len(s.cuts) == 0 && chains.forkedBelow(p) {
		if control {
			v.Forked = true
		} else {
			v = Verdict{State: Unconfirmed, Reason: BecauseFork}
		}
	}
	return v
}

func (c *cut) includes(chains *Chains, p placed) bool {
	for i := range c.heads {
		if chains.includes(p.chain.grant, &c.heads[i], p) {
			return true
		}
	}
	return false
}

// revoked returns the cuts that standing revocations make in a right: those of
// the highest author, without those that another of them references.
func (j *judged) revoked(r *right, targets []*ruling[Revocation], closes map[crdt.Hash][]*ruling[Revocation]) []cut {
	var all []*ruling[Revocation]
	heads := map[crdt.Hash][]Head{}
	take := func(rev *ruling[Revocation], h []Head) {
		if j.at(rev.placed, j.chains, true).State == Stands {
			all = append(all, rev)
			heads[rev.hash] = h
		}
	}
	for _, rev := range targets {
		take(rev, rev.content.Heads)
	}
	if r.kind == KindEnrolment {
		for _, rev := range closes[r.parent.hash] {
			if crdt.Hash(rev.content.Target) != r.hash && !lists(rev.content.Stand, r.hash) {
				take(rev, nil)
			}
		}
	}
	if len(all) == 0 {
		return nil
	}
	highest := slices.MinFunc(all, func(a, b *ruling[Revocation]) int { return cmp.Compare(a.by.level, b.by.level) }).by.level
	all = slices.DeleteFunc(all, func(a *ruling[Revocation]) bool { return a.by.level > highest })
	var cuts []cut
	for _, rev := range all {
		superseded := slices.ContainsFunc(all, func(o *ruling[Revocation]) bool { return slices.Contains(o.refs, rev.hash) })
		if !superseded {
			cuts = append(cuts, cut{by: rev.hash, heads: heads[rev.hash]})
		}
	}
	return sortedCuts(cuts)
}

// handedOver returns the cuts of a holder's own hand-overs. One that comes
// after another, in its chain or by reference, is past the cut of that one and
// has no effect; concurrent ones all count, and intersect.
func (j *judged) handedOver(r *right, list []*ruling[HandOver]) []cut {
	if j.standing[r.hash].State != Stands {
		return nil
	}
	var cuts []cut
	for _, h := range list {
		later := slices.ContainsFunc(list, func(o *ruling[HandOver]) bool {
			return o.chain == h.chain && o.seq < h.seq || slices.Contains(h.refs, o.hash)
		})
		if !later {
			cuts = append(cuts, cut{by: h.hash, heads: h.content.Heads, own: true})
		}
	}
	return sortedCuts(cuts)
}

// closed returns the least hash of the standing revocations that close an
// invite; zero if none does.
func (j *judged) closed(invite *right) (by crdt.Hash) {
	for _, rev := range j.closes[invite.hash] {
		if j.at(rev.placed, j.chains, true).State == Stands && (by.IsZero() || rev.hash.Compare(by) < 0) {
			by = rev.hash
		}
	}
	return by
}

func sortedCuts(cuts []cut) []cut {
	slices.SortFunc(cuts, func(a, b cut) int { return a.by.Compare(b.by) })
	return cuts
}

// countUses flags the devices of invites that let in more than they may: nobody
// can prevent it offline, so all count until a revocation lists who stands.
func (j *judged) countUses(order []*right) {
	devices := map[*right][]*standing{}
	for _, r := range order {
		if s := j.standing[r.hash]; r.kind == KindEnrolment && s.State == Stands && !s.cutOff() {
			devices[r.parent] = append(devices[r.parent], s)
		}
	}
	for invite, list := range devices {
		if uint64(len(list)) <= invite.enrols {
			continue
		}
		for _, s := range list {
			s.Overused = true
		}
	}
}

// cutOff reports whether a revocation leaves nothing of the right.
func (s *standing) cutOff() bool {
	return slices.ContainsFunc(s.cuts, func(c cut) bool { return !c.own && len(c.heads) == 0 })
}

func lists(hashes [][]byte, h crdt.Hash) bool {
	return slices.ContainsFunc(hashes, func(b []byte) bool { return crdt.Hash(b) == h })
}
