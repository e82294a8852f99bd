package table

import "touchline.dev/touchline/crdt/match"

// outcome is what the matches of a tie come to; false while none is known.
func (t *Resolved) outcome(played []Result) (Result, bool) {
	if len(played) == 0 {
		return Result{}, false
	}
	if t.Legs < 2 {
		return played[len(played)-1], true
	}
	t.Played = played
	return aggregate(&t.Tie, played), true
}

// aggregate adds the legs of a tie up, for the teams as the first leg names them.
// What a leg has after extra time counts; the kicks of any leg decide what is level,
// and lots in place of all of it.
func aggregate(t *Tie, legs []Result) Result {
	sum := Result{Match: legs[0].Match, Teams: legs[0].Teams, How: match.HowPlayed, Final: len(legs) >= t.Legs, NoCards: true}
	var away [2]int64
	ruled := match.NoSide
	for i := range legs {
		leg := &legs[i]
		turned := leg.Teams[0] != sum.Teams[0]
		score := inOrder(leg.Score, turned)
		visitor := 1
		if turned {
			visitor = 0
		}
		sum.Score[0], sum.Score[1] = sum.Score[0]+score[0], sum.Score[1]+score[1]
		away[visitor] += score[visitor]
		sum.Final = sum.Final && leg.Final
		sum.Live = sum.Live || leg.Live
		if leg.Kicks != nil {
			kicks := inOrder(*leg.Kicks, turned)
			sum.Kicks = &kicks
		}
		switch leg.How {
		case match.HowLots:
			ruled = sideOf(leg.Winner, turned)
		case match.HowExtraTime, match.HowShootout, match.HowShared, match.HowReplay:
			sum.How = leg.How
		}
	}
	sum.Live = sum.Live || !sum.Final
	sum.Winner = ruled
	if sum.Final && ruled == match.NoSide {
		sum.Winner = sum.ahead(away, t)
	}
	return sum
}

// ahead is who goes on by goals, goals away if they count, and kicks.
func (r *Result) ahead(away [2]int64, t *Tie) match.Side {
	pairs := [][2]int64{r.Score}
	if t.AwayGoals {
		pairs = append(pairs, away)
	}
	if r.Kicks != nil {
		pairs = append(pairs, *r.Kicks)
	}
	for _, p := range pairs {
		switch {
		case p[0] > p[1]:
			return match.Home
		case p[1] > p[0]:
			return match.Away
		}
	}
	return match.NoSide
}

// inOrder is a pair of a leg for the teams as the tie has them.
func inOrder(pair [2]int64, turned bool) [2]int64 {
	if turned {
		return [2]int64{pair[1], pair[0]}
	}
	return pair
}

func sideOf(s match.Side, turned bool) match.Side {
	switch {
	case s == match.NoSide || !turned:
		return s
	case s == match.Home:
		return match.Away
	}
	return match.Home
}
