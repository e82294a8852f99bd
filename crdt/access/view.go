package access

import (
	"cmp"
	"slices"

	"touchline.dev/touchline/crdt"
)

// Right is one right that the control set gives, for people and programs.
type Right struct {
	Hash      crdt.Hash // of the control event that gives it
	Parent    crdt.Hash // the right it was given under; zero for the founder's
	Kind      Kind
	Subject   crdt.Key
	Role      Role
	Team      string
	Audiences uint64
	NotAfter  int64  // milliseconds since 1970; 0: never
	Depth     int    // grants between it and the founder
	Enrols    uint64 // an invite: how many devices
	Devices   int    // an invite: how many it has let in that stand
	Verdict   Verdict
	CutBy     crdt.Hash // the revocation or hand-over that ended it; zero while it goes on
	// HandedOver says that its holder ended it, by a hand-over: nothing more is
	// written under it, but its holder still belongs to the match.
	HandedOver bool
}

// Live reports whether the holder still belongs to the match: may read, and
// may be connected to.
func (r *Right) Live() bool {
	return r.Verdict.State == Stands && (r.CutBy.IsZero() || r.HandedOver)
}

// OfClient reports whether a device gave the right to the key of a page or of
// another client, and not to a device.
func (r *Right) OfClient() bool {
	return r.Kind == KindClient || r.Kind == KindGrant && r.Enrols == 0
}

// Past reports whether a page's right is over, or has no end, which no page's may
// have. now is in milliseconds since 1970. What is written later is flagged and no
// more (rule R11), but doors shut then, as they do to the token that the page came by.
func (r *Right) Past(now int64) bool { return r.OfClient() && now >= r.NotAfter }

// Ended says in words why a right is not live; empty when it is.
func (r *Right) Ended() string {
	switch {
	case r.Live():
		return ""
	case r.Verdict.State != Stands:
		return r.Verdict.Why()
	}
	return "it was revoked (cut " + r.CutBy.Short() + ")"
}

// Writes reports whether events may be written under the right now.
func (r *Right) Writes() bool {
	return r.Verdict.State == Stands && r.CutBy.IsZero() && r.Enrols == 0 && r.Role.MayWrite()
}

// Open reports whether the right is an invite by which devices may still come.
func (r *Right) Open() bool {
	return r.Enrols > 0 && r.Verdict.State == Stands && r.CutBy.IsZero()
}

// Rights lists all rights, the founder's first, each after the one it was given under.
func (c *Control) Rights() []Right {
	j, done := c.judgement()
	defer done()
	list := make([]*right, 0, len(c.rights))
	devices := map[crdt.Hash]int{}
	for _, r := range c.rights {
		list = append(list, r)
		if s := j.standing[r.hash]; r.kind == KindEnrolment && s.State == Stands && !s.cutOff() {
			devices[r.parent.hash]++
		}
	}
	slices.SortFunc(list, func(a, b *right) int { return cmp.Or(cmp.Compare(a.level, b.level), a.hash.Compare(b.hash)) })
	out := make([]Right, 0, len(list))
	for _, r := range list {
		v := j.view(r)
		v.Devices = devices[r.hash]
		out = append(out, v)
	}
	return out
}

// Right returns one right; false if it is not known.
func (c *Control) Right(grant crdt.Hash) (Right, bool) {
	j, done := c.judgement()
	defer done()
	r := c.rights[grant]
	if r == nil {
		return Right{}, false
	}
	return j.view(r), true
}

// CameBy returns the invite nearest above a right, by which its device, or the
// device that gave it, came in; zero for what the founder's own key gave.
func (c *Control) CameBy(grant crdt.Hash) crdt.Hash {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for r := c.rights[grant]; r != nil; r = r.parent {
		if r.enrols > 0 {
			return r.hash
		}
	}
	return crdt.Hash{}
}

// Role returns the role that a control event gives; 0 if it is not known.
func (c *Control) Role(grant crdt.Hash) Role {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if r := c.rights[grant]; r != nil {
		return r.role
	}
	return 0
}

func (j *judged) view(r *right) Right {
	s := j.standing[r.hash]
	v := Right{
		Hash: r.hash, Kind: r.kind, Subject: r.subject, Role: r.role, Team: r.team, Audiences: r.audiences,
		NotAfter: r.notAfter, Depth: r.depth, Enrols: r.enrols, Verdict: s.Verdict,
	}
	if r.parent != nil {
		v.Parent = r.parent.hash
	}
	if len(s.cuts) > 0 {
		v.CutBy, v.HandedOver = s.cuts[0].by, s.cuts[0].own
	}
	if r.enrols > 0 && v.CutBy.IsZero() {
		v.CutBy = j.closed(r)
	}
	return v
}
