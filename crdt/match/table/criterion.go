package table

import (
	"slices"
	"strings"
)

// Criterion is one step of an order. Those that begin with h2h look only at
// the matches among the teams that are still level, those that begin with opp at
// what the opponents of a team have in the whole table.
type Criterion string

// The criteria that lists are made of.
const (
	Points         Criterion = "points"
	GoalDifference Criterion = "gd"
	Goals          Criterion = "gf"
	Against        Criterion = "ga" // fewer is better
	Wins           Criterion = "wins"
	AwayGoals      Criterion = "away_goals"
	AwayWins       Criterion = "away_wins"
	Conduct        Criterion = "conduct" // as Rules.Conduct counts cards
	Reds           Criterion = "reds"    // fewer is better; a second yellow is one
	Yellows        Criterion = "yellows" // fewer is better
	Rank           Criterion = "rank"    // a ranking from outside: Rules.Ranking
	Lots           Criterion = "lots"    // a ruling: Rules.Lots

	H2HPoints         Criterion = "h2h:points"
	H2HGoalDifference Criterion = "h2h:gd"
	H2HGoals          Criterion = "h2h:gf"
	H2HWins           Criterion = "h2h:wins"
	H2HAwayGoals      Criterion = "h2h:away_goals"

	OpponentPoints         Criterion = "opp:points"
	OpponentGoalDifference Criterion = "opp:gd"
	OpponentGoals          Criterion = "opp:gf"
)

// measures of a row: more is better.
var measures = map[Criterion]func(*Row) int64{
	Points:         func(w *Row) int64 { return w.Points },
	GoalDifference: func(w *Row) int64 { return w.For - w.Against },
	Goals:          func(w *Row) int64 { return w.For },
	Against:        func(w *Row) int64 { return -w.Against },
	Wins:           func(w *Row) int64 { return w.Won },
	AwayGoals:      func(w *Row) int64 { return w.AwayFor },
	AwayWins:       func(w *Row) int64 { return w.AwayWon },
	Conduct:        func(w *Row) int64 { return w.Conduct },
	Reds:           func(w *Row) int64 { return -w.Reds },
	Yellows:        func(w *Row) int64 { return -w.Yellows },
}

// related are the criteria that measure other rows than a team's own in the table.
var related = []Criterion{H2HPoints, H2HGoalDifference, H2HGoals, H2HWins, H2HAwayGoals, OpponentPoints, OpponentGoalDifference, OpponentGoals}

// CriterionNames lists the criteria in order.
func CriterionNames() []string {
	names := []string{string(Rank), string(Lots)}
	for c := range measures {
		names = append(names, string(c))
	}
	for _, c := range related {
		names = append(names, string(c))
	}
	slices.Sort(names)
	return names
}

func (c Criterion) known() bool { return slices.Contains(CriterionNames(), string(c)) }

func (c Criterion) headToHead() bool { return strings.HasPrefix(string(c), "h2h:") }

func (c Criterion) ofOpponents() bool { return strings.HasPrefix(string(c), "opp:") }

// needsCards: where they are not known it decides nothing.
func (c Criterion) needsCards() bool { return c == Conduct || c == Reds || c == Yellows }

// plain is what a criterion measures of whichever row.
func (c Criterion) plain() func(*Row) int64 {
	if c.headToHead() || c.ofOpponents() {
		c = c[len("h2h:"):]
	}
	return measures[c]
}
