package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Criterion is one step of an order. Those that begin with h2h look only at
// the matches among the teams that are still level.
type Criterion string

// The criteria that lists are made of.
const (
	Points         Criterion = "points"
	GoalDifference Criterion = "gd"
	Goals          Criterion = "gf"
	Against        Criterion = "ga" // fewer is better
	Wins           Criterion = "wins"
	AwayGoals      Criterion = "away_goals"
	Conduct        Criterion = "conduct"
	Rank           Criterion = "rank" // a ranking from outside: Rules.Ranking
	Lots           Criterion = "lots" // a ruling: Rules.Lots

	H2HPoints         Criterion = "h2h:points"
	H2HGoalDifference Criterion = "h2h:gd"
	H2HGoals          Criterion = "h2h:gf"
	H2HWins           Criterion = "h2h:wins"
	H2HAwayGoals      Criterion = "h2h:away_goals"
)

// Rules of a competition: all of it data.
type Rules struct {
	Win          int64            `json:"win"`
	Draw         int64            `json:"draw"`
	Loss         int64            `json:"loss"`
	ForfeitGoals int64            `json:"forfeitGoals"`
	Criteria     []Criterion      `json:"criteria"`          // the first is nearly always points
	Reapply      bool             `json:"reapply"`           // after all h2h criteria in a row they begin again, for those of the group that are still level
	NoTable      bool             `json:"noTable"`           // none may be shown (U7 to U11)
	Adjust       map[string]int64 `json:"adjust,omitempty"`  // points given or taken by rulings
	Ranking      []string         `json:"ranking,omitempty"` // best first
	Lots         []string         `json:"lots,omitempty"`    // order drawn, best first
}

// maxPoints bounds the points of a match and the goals of a forfeit.
const maxPoints = 100

// Errors of rules and tables.
var (
	// ErrPreset: no preset has this name.
	ErrPreset = errors.New("unknown preset of rules")
	// ErrCriterion: a list names a criterion that does not exist.
	ErrCriterion = errors.New("unknown criterion")
	// ErrRules: no competition can be played by these.
	ErrRules = errors.New("bad rules")
	// ErrNoTable: the competition shows no table.
	ErrNoTable = errors.New("this competition shows no table")
)

var presets = map[string]Rules{
	"fifa-2018":      {Criteria: []Criterion{Points, GoalDifference, Goals, H2HPoints, H2HGoalDifference, H2HGoals, Conduct, Lots}},
	"fifa-2026":      {Criteria: []Criterion{Points, H2HPoints, H2HGoalDifference, H2HGoals, GoalDifference, Goals, Conduct, Rank}, Reapply: true},
	"uefa-euro":      {Criteria: []Criterion{Points, H2HPoints, H2HGoalDifference, H2HGoals, GoalDifference, Goals, Wins, Conduct, Rank}, Reapply: true},
	"premier-league": {Criteria: []Criterion{Points, GoalDifference, Goals, H2HPoints, H2HAwayGoals}},
	"la-liga":        {Criteria: []Criterion{Points, H2HPoints, H2HGoalDifference, GoalDifference, Goals, Conduct}},
	"grassroots":     {Criteria: []Criterion{Points, Goals, GoalDifference, H2HPoints, Lots}},
	"u11":            {NoTable: true},
}

// Preset returns the rules of that name; the caller may change its copy.
func Preset(name string) (Rules, error) {
	r, ok := presets[name]
	if !ok {
		return Rules{}, fmt.Errorf("%w %q; there are %s", ErrPreset, name, strings.Join(PresetNames(), ", "))
	}
	r.Win, r.Draw, r.ForfeitGoals = 3, 1, 3
	r.Criteria = slices.Clone(r.Criteria)
	return r, nil
}

// PresetNames lists the presets in order.
func PresetNames() []string {
	names := make([]string, 0, len(presets))
	for n := range presets {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

// CriterionNames lists the criteria in order.
func CriterionNames() []string {
	names := []string{string(Rank), string(Lots)}
	for c := range measures {
		names = append(names, string(c))
	}
	slices.Sort(names)
	return names
}

// Validate returns why no competition can be played by the rules: a table needs
// criteria, every criterion exists, once, and a win is worth no less than a draw and a
// draw no less than a loss.
func (r *Rules) Validate() error {
	if len(r.Criteria) == 0 && !r.NoTable {
		return fmt.Errorf("%w: criteria is empty, so nothing would put one team above another; it nearly always begins with %s", ErrRules, Points)
	}
	return r.check()
}

// check is Validate of a list that may have become empty.
func (r *Rules) check() error {
	for i, c := range r.Criteria {
		if _, ok := measures[c]; !ok && c != Rank && c != Lots {
			return fmt.Errorf("%w %q; there are %s", ErrCriterion, c, strings.Join(CriterionNames(), ", "))
		}
		if slices.Contains(r.Criteria[:i], c) {
			return fmt.Errorf("%w: %s is there twice", ErrRules, c)
		}
	}
	if r.Win < r.Draw || r.Draw < r.Loss || r.Win > maxPoints || r.Loss < -maxPoints || r.ForfeitGoals < 0 || r.ForfeitGoals > maxPoints {
		return fmt.Errorf("%w: points of a win, a draw and a loss go down, and no number is beyond %d", ErrRules, maxPoints)
	}
	return nil
}

// Like reports whether two competitions are played alike: rulings and rankings aside.
func (r *Rules) Like(o *Rules) bool {
	decides := func(r *Rules) []Criterion {
		return slices.DeleteFunc(slices.Clone(r.Criteria), func(c Criterion) bool { return c == Lots })
	}
	return r.Win == o.Win && r.Draw == o.Draw && r.Loss == o.Loss && r.ForfeitGoals == o.ForfeitGoals && r.NoTable == o.NoTable &&
		r.Reapply == o.Reapply && slices.Equal(decides(r), decides(o))
}

func (c Criterion) headToHead() bool { return len(c) > 4 && c[:4] == "h2h:" }
