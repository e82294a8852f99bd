package table

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Rules of a competition: all of it data.
type Rules struct {
	Win          int64 `json:"win"`
	Draw         int64 `json:"draw"`
	Loss         int64 `json:"loss"`
	ForfeitGoals int64 `json:"forfeitGoals"`
	// ForfeitKeepsBetter: a match that was played and then awarded keeps its score if
	// the winner had more than the goals of a forfeit would give.
	ForfeitKeepsBetter bool        `json:"forfeitKeepsBetter,omitempty"`
	Criteria           []Criterion `json:"criteria"` // the first is nearly always points
	Reapply            bool        `json:"reapply"`  // after all h2h criteria in a row they begin again, for those of the group that are still level
	// ReapplyEach: they begin again as soon as one of them split somebody off.
	ReapplyEach bool `json:"reapplyEach,omitempty"`
	// H2HAfter is how often each two of the level teams must have met before h2h
	// criteria count; until then they are left out. 0: they always count.
	H2HAfter int64 `json:"h2hAfter,omitempty"`
	// AwayGoals: of legs that are level, which a file of results tells, goals away decide.
	// The organiser's knock-out says it of each tie.
	AwayGoals bool             `json:"awayGoals,omitempty"`
	Conduct   Deductions       `json:"conduct,omitzero"` // zero: as FIFA
	Thirds    *Allotment       `json:"thirds,omitempty"`
	NoTable   bool             `json:"noTable"`           // none may be shown (U7 to U11)
	Adjust    map[string]int64 `json:"adjust,omitempty"`  // points given or taken by rulings
	Ranking   []string         `json:"ranking,omitempty"` // best first
	Lots      []string         `json:"lots,omitempty"`    // order drawn, best first
}

// maxPoints bounds the points of a match, the goals of a forfeit, what a card costs and
// how often teams meet.
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
		if !c.known() {
			return fmt.Errorf("%w %q; there are %s", ErrCriterion, c, strings.Join(CriterionNames(), ", "))
		}
		if slices.Contains(r.Criteria[:i], c) {
			return fmt.Errorf("%w: %s is there twice", ErrRules, c)
		}
	}
	if r.Win < r.Draw || r.Draw < r.Loss || r.Win > maxPoints || r.Loss < -maxPoints || r.ForfeitGoals < 0 || r.ForfeitGoals > maxPoints {
		return fmt.Errorf("%w: points of a win, a draw and a loss go down, and no number is beyond %d", ErrRules, maxPoints)
	}
	if r.H2HAfter < 0 || r.H2HAfter > maxPoints {
		return fmt.Errorf("%w: h2hAfter is how often two teams meet, 0 to %d", ErrRules, maxPoints)
	}
	for _, cost := range []int64{r.Conduct.Yellow, r.Conduct.SecondYellow, r.Conduct.Red, r.Conduct.YellowRed} {
		if cost > 0 || cost < -maxPoints {
			return fmt.Errorf("%w: conduct is what cards cost, 0 to -%d each", ErrRules, maxPoints)
		}
	}
	return r.Thirds.check()
}

// Like reports whether two competitions are played alike: rulings and rankings aside.
func (r *Rules) Like(o *Rules) bool { return reflect.DeepEqual(r.bare(), o.bare()) }

// bare is the rules without what rulings and rankings put there.
func (r *Rules) bare() Rules {
	out := *r
	out.Adjust, out.Ranking, out.Lots = nil, nil, nil
	out.Criteria = []Criterion{}
	for _, c := range r.Criteria {
		if c != Lots {
			out.Criteria = append(out.Criteria, c)
		}
	}
	if out.Conduct == (Deductions{}) {
		out.Conduct = fifa
	}
	return out
}

// forfeit is the score of a match that side was awarded; played is what it had come
// to, nil if it was not played.
func (r *Rules) forfeit(side int, played *[2]int64) (score [2]int64) {
	score[side] = r.ForfeitGoals
	if r.ForfeitKeepsBetter && played != nil && played[side]-played[1-side] > r.ForfeitGoals {
		return *played
	}
	return score
}
