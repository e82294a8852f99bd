package match

import (
	"slices"

	"touchline.dev/touchline/crdt"
)

// lookAtHurt notes what is private and not for the viewer, and of whom the viewer knows
// without being told.
func (r *redactor) lookAtHurt() {
	r.secret, r.hurt = map[crdt.Hash]bool{}, [2]map[string]bool{{}, {}}
	for _, e := range r.state.Timeline {
		switch {
		case !Private(e.Type):
		case r.viewer.privy(e.Side, e.Facts.Player, e.By):
			if e.Side != NoSide {
				r.hurt[e.Side.index()][e.Facts.Player] = true
			}
		default:
			r.secret[e.Hash] = true
			for _, src := range e.Sources {
				r.secret[src.Hash] = true
			}
		}
	}
}

// knowsHurt reports whether the viewer may know that a player must not come back today.
func (r *redactor) knowsHurt(side Side, id string) bool {
	return r.viewer.Tends(side) || r.viewer.guards(side, id) || side != NoSide && r.hurt[side.index()][id]
}

// flags are those of an entry but for one that says who was hurt.
func (r *redactor) flags(e *Entry) []string {
	f := e.Facts
	came := append(slices.Clone(f.In), f.Player)
	if f.Lineup != nil {
		came = append(came, f.Lineup.On...)
	}
	if r.viewer.Tends(e.Side) || slices.ContainsFunc(came, func(id string) bool { return id != "" && r.knowsHurt(e.Side, id) }) || !contains(e.Flags, FlagHeadInjury) {
		return e.Flags
	}
	if len(e.Flags) == 1 {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(e.Flags), func(flag string) bool { return flag == FlagHeadInjury })
}

// hideWords removes reasons in people's own words: of what is private for whoever may
// not see it, and all of them for those who do not record for both sides.
func (r *redactor) hideWords() {
	all := r.viewer.SeesAll()
	if !all {
		r.state.Result.Reason, r.state.Result.Status = "", ownStatus(r.state.Result.Status)
	}
	if all && len(r.secret) == 0 {
		return
	}
	r.state.Corrections = slices.Clone(r.state.Corrections)
	for i := range r.state.Corrections {
		c := &r.state.Corrections[i]
		secret := slices.ContainsFunc(c.Refs, func(h crdt.Hash) bool { return r.secret[h] })
		if (!all || secret) && (c.Status == StatusEffective || c.Status == StatusWithdrawn) {
			c.Reason = ownWord(c.Reason)
		}
	}
}

// Privates reports whether a state tells anything that is private.
func (s *State) Privates() bool {
	return slices.ContainsFunc(s.Timeline, func(e *Entry) bool { return Private(e.Type) })
}
