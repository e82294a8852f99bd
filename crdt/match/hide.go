package match

import "slices"

// forgetGoals removes the players of whom only what tells the score has told: who
// counts them counts goals. It comes before players get other names, which number them.
func (r *redactor) forgetGoals() {
	known := map[string]bool{}
	for _, e := range r.state.Timeline {
		if tellsScore(e.Type) || Private(e.Type) {
			continue
		}
		f := e.Facts
		for _, id := range slices.Concat([]string{f.Player, f.Assist, f.On}, f.Out, f.In) {
			known[id] = true
		}
		if l := f.Lineup; l != nil {
			for _, id := range append([]string{l.Keeper, l.Captain}, l.On...) {
				known[id] = true
			}
			for _, s := range l.Squad {
				known[s.ID] = true
			}
		}
	}
	for i := range r.state.Teams {
		team := &r.state.Teams[i]
		team.Players = slices.DeleteFunc(slices.Clone(team.Players), func(p Player) bool { return !p.Started && !p.On && !known[p.ID] })
	}
}

// hideResults removes the score and everything it could be worked out from. Of overtime
// there is nothing left by now.
func (r *redactor) hideResults() {
	s := r.state
	s.Score, s.Waiting, s.Shootout, s.Momentum, s.Recorders = [2]int64{}, [2]int64{}, nil, []Spell{}, 0
	s.Result = Result{Final: s.Result.Final, Status: s.Result.Status}
	s.Timeline = slices.DeleteFunc(s.Timeline, func(e *Entry) bool { return tellsScore(e.Type) })
	s.Periods = slices.DeleteFunc(slices.Clone(s.Periods), func(p Phase) bool { return !inPlay(p.Period) })
	for i := range s.Periods {
		s.Periods[i].Score = [2]int64{}
	}
	for i := range s.Teams {
		team := &s.Teams[i]
		team.Stats = Stats{Cards: team.Stats.Cards, Corners: team.Stats.Corners, Offsides: team.Stats.Offsides, Fouls: team.Stats.Fouls}
		team.Limit = 0 // a power play tells of the gap
		for n := range team.Players {
			p := &team.Players[n]
			p.Goals, p.OwnGoals, p.Assists, p.Shots, p.Saves, p.Conceded, p.PlusMinus = 0, 0, 0, 0, 0, 0, 0
		}
	}
	for _, e := range s.Timeline { // they are this view's own copies
		e.Flags = slices.DeleteFunc(e.Flags, func(flag string) bool { return flag == FlagPowerPlay })
		e.Score, e.Facts.ScoreAfter = nil, nil
	}
	r.hideClock()
	r.hideEnd()
	s.Corrections = []Correction{}
	s.Hidden = true
}

// hideEnd makes every end alike: whether it came after overtime, or when, says that the
// match was level. The last period's own end is one for these viewers.
func (r *redactor) hideEnd() {
	s := r.state
	if s.Phase == "break" && int64(s.Clock.Period) >= s.Setup.Periods {
		s.Phase = "ended"
	}
	for _, e := range s.Timeline {
		if e.Type == kindEnd {
			e.Period, e.ClockMs, e.Clocked, e.OwnMs = PeriodAfter, 0, false, 0
		}
	}
}

// hideClock takes the clock, and minutes with it, back to what is still to be seen: a
// goal moves them on to its own time.
func (r *redactor) hideClock() {
	s, at := r.state, int64(0)
	for _, e := range s.Timeline {
		if e.Counts && e.Clocked && e.Period == s.Clock.Period {
			at = max(at, e.ClockMs)
		}
	}
	over := s.Clock.AtMs - at
	if over <= 0 {
		return
	}
	s.Clock.AtMs, s.PlayedMs = at, max(0, s.PlayedMs-over)
	if n := len(s.Periods); n > 0 {
		s.Periods[n-1].PlayedMs = max(0, s.Periods[n-1].PlayedMs-over)
	}
	for i := range s.Teams {
		team := &s.Teams[i]
		team.OnMs = max(0, team.OnMs-over*team.On)
		for n := range team.Players {
			p := &team.Players[n]
			if !p.On {
				continue
			}
			p.PlayedMs = max(0, p.PlayedMs-over)
			if p.ID == team.Keeper {
				p.KeeperMs = max(0, p.KeeperMs-over)
			}
		}
	}
}

// tellsScore reports whether events of a kind give the score away. Kinds that
// the fold does not know might.
func tellsScore(kind string) bool {
	switch kind {
	case kindGoal, kindPenalty, kindShootoutKick, kindShot, kindSave, kindRuling, kindPowerPlay, kindNote, kindReaction, kindAward, kindClip:
		return true
	}
	return kinds[kind] == nil
}
