package table

import "touchline.dev/touchline/crdt/match"

// settle decides a tie from its result.
func (r *resolver) settle(t *Resolved) {
	for i, e := range t.Entrants {
		if e.Bye {
			t.Outcome, t.Winner = OutcomeBye, t.Entrants[1-i].Team
			return
		}
	}
	res, ok := t.outcome(r.results[t.ID])
	if !ok {
		return
	}
	t.Result = &res
	if e := &t.Entrants; e[0].Team == res.Teams[1] && e[1].Team == res.Teams[0] {
		e[0], e[1] = e[1], e[0] // which of them is at home is the match's to say
	}
	for i, e := range t.Entrants {
		if e.Team != res.Teams[i] {
			t.Changed = t.Changed || e.Team != "" && !e.Provisional // of level teams either may have gone on
			t.Entrants[i] = Entrant{Team: res.Teams[i]}
		}
	}
	switch {
	case res.How == match.HowShared:
		t.Outcome = OutcomeShared
	case res.How == match.HowReplay:
		t.Outcome = OutcomeReplay
	case !res.Final:
	case res.Winner != match.NoSide:
		t.Outcome, t.Winner, t.Loser = OutcomeWon, res.winner(), res.loser()
	default:
		t.Outcome, t.Next = OutcomeLevel, t.nextDecider(res.How)
	}
}

// nextDecider is what follows after what a level match came to.
func (t *Tie) nextDecider(how string) string {
	passed := map[string][]string{match.HowExtraTime: {"extra_time"}, match.HowShootout: {"extra_time", "shootout"}}[how]
	for _, d := range t.Deciders {
		open := true
		for _, p := range passed {
			open = open && p != d
		}
		if open {
			return d
		}
	}
	return ""
}
