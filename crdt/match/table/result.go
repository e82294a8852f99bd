package table

import "touchline.dev/touchline/crdt/match"

// Result is what a competition knows of one match.
type Result struct {
	Match   string     `json:"match"`
	Teams   [2]string  `json:"teams"` // home, away
	Score   [2]int64   `json:"score"`
	Kicks   *[2]int64  `json:"kicks,omitempty"`
	Conduct [2]int64   `json:"conduct"`       // fair play points, never above 0
	Reds    [2]int64   `json:"reds,omitzero"` // cards; a second yellow is a red one
	Yellows [2]int64   `json:"yellows,omitzero"`
	NoCards bool       `json:"noCards,omitempty"` // where it comes from tells no cards: Conduct says nothing
	Winner  match.Side `json:"winner"`
	How     string     `json:"how,omitempty"`
	Final   bool       `json:"final"`
	Live    bool       `json:"live"` // under way: counts in provisional tables only
}

// ResultOf takes a match into a competition. Teams are those of the setup; the
// goals of a forfeit are the competition's.
func ResultOf(name string, s *match.State, rules *Rules) Result {
	r := Result{
		Match: name, Teams: [2]string{s.Teams[0].Team.ID, s.Teams[1].Team.ID}, Score: s.Result.Score, Kicks: s.Result.Kicks,
		Winner: s.Result.Winner, How: s.Result.How, Final: s.Result.Final,
		Live: !s.Result.Final && s.Result.How != match.HowNone && s.Result.How != match.HowReplay && s.Phase != "before",
	}
	for i := range s.Teams {
		t := &s.Teams[i]
		r.Conduct[i] = rules.Conduct.conductOf(t)
		r.Reds[i], r.Yellows[i] = t.Stats.Cards.Red+t.Stats.Cards.SecondYellow, t.Stats.Cards.Yellow
	}
	if r.How == match.HowForfeit {
		r.Award(r.Winner, rules)
	}
	return r
}

// Award gives the match to a side by a ruling, with the goals of the rules.
func (r *Result) Award(to match.Side, rules *Rules) {
	var played *[2]int64
	if r.Final || r.How == match.HowForfeit {
		played = &r.Score
	}
	r.Score = rules.forfeit(index(to), played)
	r.Final, r.Live, r.How, r.Kicks, r.Winner = true, false, match.HowForfeit, nil, to
}

// counts reports whether a table has the match in it.
func (r *Result) counts(live bool) bool { return r.Final || live && r.Live }

func index(s match.Side) int {
	if s == match.Away {
		return 1
	}
	return 0
}

// winner and loser of a decided match; empty while there is none.
func (r *Result) winner() string {
	if r.Winner == match.NoSide {
		return ""
	}
	return r.Teams[index(r.Winner)]
}

func (r *Result) loser() string {
	if r.Winner == match.NoSide {
		return ""
	}
	return r.Teams[1-index(r.Winner)]
}
