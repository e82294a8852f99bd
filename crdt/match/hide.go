package match

import "slices"

// forgetUnseen removes the players of whom nothing tells that the viewer sees: who
// counts them counts goals, and who finds one beside a stop of play knows who was hurt.
// It comes before players get other names, which number them.
func (r *redactor) forgetUnseen() {
	seen := [2]map[string]bool{{}, {}}
	see := func(side Side, ids ...string) {
		for _, s := range sides {
			for _, id := range ids {
				if side == NoSide || side == s {
					seen[s.index()][id] = true
				}
			}
		}
	}
	for _, e := range r.state.Timeline {
		f := e.Facts
		if Private(e.Type) && !r.viewer.privy(e.Side, f.Player, e.By) {
			continue
		}
		see(e.PlayerSide(), f.Player)
		see(e.Side, f.Assist)
		see(e.Side.Other(), f.On)
		see(e.Side, slices.Concat(f.Out, f.In)...)
		if l := f.Lineup; l != nil {
			see(e.Side, append([]string{l.Keeper, l.Captain}, l.On...)...)
			for _, s := range l.Squad {
				see(e.Side, s.ID)
			}
		}
	}
	for i := range r.state.Teams {
		team := &r.state.Teams[i]
		team.Players = slices.DeleteFunc(slices.Clone(team.Players), func(p Player) bool { return !p.Started && !p.On && !seen[i][p.ID] })
	}
}

// hideResults removes the result from what is told outside, which has no goals by now.
func (r *redactor) hideResults() {
	s := r.state
	s.Result = Result{Final: s.Result.Final, Status: s.Result.Status}
	s.Momentum, s.Corrections, s.Hidden = []Spell{}, []Correction{}, true
	s.Periods = slices.DeleteFunc(slices.Clone(s.Periods), func(p Phase) bool { return !inPlay(p.Period) })
	for _, e := range s.Timeline { // they are this view's own copies
		e.Facts.ScoreAfter = nil
	}
	r.hideEnd()
}

// hideEnd makes every end alike: whether it came after overtime, or when, says that the
// match was level, and a team that forfeits has lost. The last period's own end is one
// for these viewers.
func (r *redactor) hideEnd() {
	s := r.state
	if s.Phase == "break" && int64(s.Clock.Period) >= s.Setup.Periods {
		s.Phase = "ended"
	}
	for _, e := range s.Timeline {
		if e.Type == kindEnd {
			e.Period, e.ClockMs, e.Clocked, e.OwnMs, e.Side = PeriodAfter, 0, false, 0, NoSide
		}
	}
}
