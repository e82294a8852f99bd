package access

import (
	"cmp"
	"slices"

	"touchline.dev/touchline/crdt"
)

// readers are the rights that are to be given an audience's key: devices that
// stand and invites that are open, of roles that read, in a fixed order. Who
// guards which child no grant says: guardians are those who hold a key of the
// child's line of epochs, directly or by their invite, and those in named. Who
// records for the child's team, and so knows what is told to guardians, seals for
// them: that takes the key.
func (c *Control) readers(j *judged, secret []byte, a Audience, named map[crdt.Hash]bool) []*right {
	if a.Bit == AudienceGuardians {
		named = c.guardians(j, a, named)
	}
	var out []*right
	for _, r := range c.rights {
		if r.reads(a.Bit) && !j.ended(r.hash) && r.belongs(secret, a, named) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b *right) int { return cmp.Or(cmp.Compare(a.level, b.level), a.hash.Compare(b.hash)) })
	return out
}

// reads reports whether the right's holder may have keys of this audience.
func (r *right) reads(bit uint64) bool {
	return r.kind != KindClient && r.role.MayRead() && r.audiences&bit != 0
}

// belongs reports whether a reader is one of this team's or this child's.
func (r *right) belongs(secret []byte, a Audience, named map[crdt.Hash]bool) bool {
	switch a.Bit {
	case AudienceStaff:
		return r.team == "" || staff(secret, r.team) == a
	case AudienceGuardians:
		if r.role.MayWrite() && (r.team == "" || a.looksAfter(secret, r.team)) {
			return true
		}
		return named[r.hash] || r.parent != nil && r.parent.enrols > 0 && named[r.parent.hash]
	}
	return true
}

// keeps reports whether a right may make keys of an audience and give them: only who
// is part of it by role and team. Else a coach of one team could make an epoch for the
// other's staff, and read what they seal under it.
func (c *Control) keeps(r *right, a Audience) bool {
	switch {
	case !r.reads(a.Bit):
		return false
	case a.Bit == AudienceMatch || r.team == "":
		return true
	}
	return staff(c.secret, r.team) == a || a.looksAfter(c.secret, r.team)
}

// guardians adds to the named grants those that hold a current key.
func (c *Control) guardians(j *judged, a Audience, named map[crdt.Hash]bool) map[crdt.Hash]bool {
	all := map[crdt.Hash]bool{}
	for g := range named {
		all[g] = true
	}
	current := c.headsOf(j, a).choice()
	for _, e := range c.rulings.epochs {
		if !slices.Contains(current, e.hash) {
			continue
		}
		for _, g := range c.holders(j, e) {
			all[g] = true
		}
	}
	return all
}

// epoch returns a present epoch; nil if there is none by that name.
func (c *Control) epoch(h crdt.Hash) *ruling[Epoch] {
	i := slices.IndexFunc(c.rulings.epochs, func(e *ruling[Epoch]) bool { return e.hash == h })
	if i < 0 {
		return nil
	}
	return c.rulings.epochs[i]
}

// lacking returns the readers of an epoch's audience that were not given its
// key: late ones, and those who did not fit. Devices whose invite has it can read.
func (c *Control) lacking(j *judged, secret []byte, e *ruling[Epoch]) []*right {
	have := map[crdt.Hash]bool{}
	for _, g := range c.holders(j, e) {
		have[g] = true
	}
	return slices.DeleteFunc(c.readers(j, secret, e.content.For(), nil), func(r *right) bool {
		return have[r.hash] || r.kind == KindEnrolment && have[r.parent.hash]
	})
}
