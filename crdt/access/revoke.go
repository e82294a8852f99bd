package access

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"touchline.dev/touchline/crdt"
)

// Keep says what of a cut right's past stands.
type Keep uint8

const (
	// KeepSeen lets stand what is known here when the cut is made.
	KeepSeen Keep = iota
	// KeepNothing leaves all that was written under the right unconfirmed.
	KeepNothing
)

// Heads returns the ends of the chains that were written under a right, as far as
// they are known; of a forked chain, the place below the fork. Chains of
// control events are among them if chains knows them.
func (c *Chains) Heads(grant crdt.Hash) (heads []Head) {
	for id, ch := range c.by {
		if id.grant != grant {
			continue
		}
		var top uint64
		for seq := range ch.places {
			if seq > top && (ch.forked == 0 || seq < ch.forked) {
				top = seq
			}
		}
		if top > 0 {
			h := ch.places[top][0].hash
			heads = append(heads, Head{Incarnation: bytes.Clone(id.incarnation[:]), Set: uint64(id.set), Seq: top, Hash: bytes.Clone(h[:])})
		}
	}
	slices.SortFunc(heads, func(a, b Head) int {
		return cmp.Or(cmp.Compare(a.Set, b.Set), bytes.Compare(a.Incarnation, b.Incarnation))
	})
	return heads
}

// PlanRevocation returns the content of a revocation of target by the holder of
// the right by, and what it should reference to supersede that holder's earlier
// ones. chains must know the log's events. The devices that came by an invite
// that the revocation closes stand, except the target. It refuses what would
// have no effect.
func (c *Control) PlanRevocation(by, target crdt.Hash, chains *Chains, keep Keep) (content []byte, refs []crdt.Hash, err error) {
	j, done := c.judgement()
	defer done()
	author, t := c.rights[by], c.rights[target]
	switch {
	case t == nil:
		return nil, nil, fmt.Errorf("right %s: %w", target.Short(), crdt.ErrNotFound)
	case author == nil || j.standing[by].State != Stands || len(j.standing[by].cuts) > 0:
		return nil, nil, fmt.Errorf("%w: this device's own right does not stand", crdt.ErrForbidden)
	case t.parent == nil || !t.parent.within(by):
		return nil, nil, fmt.Errorf("%w: only those who gave a right, or gave it to the giver, may revoke it", crdt.ErrForbidden)
	}
	var heads []Head
	if keep == KeepSeen {
		heads = append(chains.Heads(target), c.chains.Heads(target)...)
	}
	if len(heads) > maxHeads {
		return nil, nil, fmt.Errorf("%w: the right has %d chains, a revocation names %d", crdt.ErrTooLarge, len(heads), maxHeads)
	}
	stand := j.devicesOf(c.closedBy(t), target)
	if len(stand) > maxListed {
		return nil, nil, fmt.Errorf("%w: the closed invites have let in %d devices, a revocation lists %d", crdt.ErrTooLarge, len(stand), maxListed)
	}
	for _, rev := range c.rulings.revocations {
		if rev.by == author && bytes.Equal(rev.content.Target, target[:]) && len(refs) < crdt.MaxRefs {
			refs = append(refs, rev.hash)
		}
	}
	return NewRevocation(target, heads, stand), refs, nil
}

// closedBy returns the invites that a revocation of t closes: t itself, the one
// its device came by, and those its holder issued.
func (c *Control) closedBy(t *right) (invites []*right) {
	if t.enrols > 0 {
		invites = append(invites, t)
	}
	if t.kind == KindEnrolment {
		invites = append(invites, t.parent)
	}
	for _, r := range c.rights {
		if r.parent == t && r.enrols > 0 {
			invites = append(invites, r)
		}
	}
	return invites
}

// devicesOf returns the enrolments by the invites that stand and are not cut
// off, without one.
func (j *judged) devicesOf(invites []*right, without crdt.Hash) (list []crdt.Hash) {
	for _, r := range j.rights {
		s := j.standing[r.hash]
		if r.kind == KindEnrolment && r.hash != without && slices.Contains(invites, r.parent) && s.State == Stands && !s.cutOff() {
			list = append(list, r.hash)
		}
	}
	slices.SortFunc(list, crdt.Hash.Compare)
	return list
}

// HandOverHeads are the heads with which the holder of a right hands it over:
// all that is known of its chains.
func (c *Control) HandOverHeads(grant crdt.Hash, chains *Chains) []Head {
	_, done := c.judgement()
	defer done()
	heads := append(chains.Heads(grant), c.chains.Heads(grant)...)
	return heads[:min(len(heads), maxHeads)]
}
