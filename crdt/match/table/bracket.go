package table

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Tie is one match of a bracket, or two legs of which the sum counts.
type Tie struct {
	ID    string  `json:"id"`
	Round string  `json:"round,omitempty"`
	Slots [2]Slot `json:"slots"` // home, away
	// Deciders of a level match after normal time, in order: extra_time,
	// shootout, then at most one of shared, replay, ruling. They say what to
	// wait for; the match's own events say what happened.
	Deciders []string `json:"deciders,omitempty"`
	// Legs are the matches of the tie, 0 or 1 for one; of more the goals are added up.
	Legs int `json:"legs,omitempty"`
	// AwayGoals: of a tie that is level over its legs the team with more goals away
	// goes on.
	AwayGoals bool `json:"awayGoals,omitempty"`
}

// maxLegs bounds the matches of a tie.
const maxLegs = 9

// Bracket is a knock-out of ties that refer to groups and to each other.
// Double elimination is a bracket in which losers are referred to.
type Bracket struct {
	Ties []Tie `json:"ties"`
}

// Group is a finished or running group.
type Group struct {
	Rows     []Row `json:"rows"`
	Complete bool  `json:"complete"`
}

// Entrant is who a slot stands for.
type Entrant struct {
	Team        string `json:"team,omitempty"` // empty: not known yet
	Provisional bool   `json:"provisional"`    // its source is not final, or level
	Bye         bool   `json:"bye,omitempty"`
}

// Outcomes of a tie.
const (
	OutcomeOpen   = "open"
	OutcomeWon    = "won"
	OutcomeShared = "shared"
	OutcomeReplay = "replay"
	OutcomeLevel  = "level" // final, but what follows has not decided it
	OutcomeBye    = "bye"
)

// Resolved is a tie with what is known of it.
type Resolved struct {
	Tie
	Entrants [2]Entrant `json:"entrants"`
	Result   *Result    `json:"result,omitempty"` // of legs their sum; home and away are those of the tie
	Played   []Result   `json:"legsPlayed,omitempty"`
	Outcome  string     `json:"outcome"`
	Winner   string     `json:"winner,omitempty"`
	Loser    string     `json:"loser,omitempty"`
	Next     string     `json:"next,omitempty"` // of a level tie: the decider to wait for
	// Changed: the match was played by others than its slots now name, because
	// a source was amended. It keeps its teams; the organiser has to rule.
	Changed bool `json:"changed,omitempty"`
}

// deciders by their place in a chain; of the last place there is one at most.
var deciders = map[string]int{"extra_time": 1, "shootout": 2, OutcomeShared: 3, OutcomeReplay: 3, "ruling": 3}

// ErrBracket: a slot refers to nothing, ties refer to each other in a circle, two
// have one ID, or a decider is none.
var ErrBracket = errors.New("bad bracket")

// Validate returns why no competition can be played by b. Groups may have any name.
func (b *Bracket) Validate() error {
	if len(b.Ties) == 0 {
		return fmt.Errorf("%w: it has no ties", ErrBracket)
	}
	for i := range b.Ties {
		if err := b.Ties[i].check(); err != nil {
			return err
		}
	}
	_, err := Resolve(b, nil, nil, &Rules{})
	return err
}

func (t *Tie) check() error {
	if t.Legs < 0 || t.Legs > maxLegs || t.AwayGoals && t.Legs < 2 {
		return fmt.Errorf("%w: match %s: a tie has 1 to %d legs, and goals away are for those of 2 or more", ErrBracket, t.ID, maxLegs)
	}
	last := 0
	for _, d := range t.Deciders {
		place, ok := deciders[d]
		if !ok {
			return fmt.Errorf("%w: match %s: unknown decider %q; there are %s", ErrBracket, t.ID, d, strings.Join(deciderNames(), ", "))
		}
		if place <= last {
			return fmt.Errorf("%w: match %s: extra_time comes before shootout, and one of shared, replay and ruling last", ErrBracket, t.ID)
		}
		last = place
	}
	return nil
}

func deciderNames() []string {
	return slices.SortedFunc(maps.Keys(deciders), func(a, b string) int { return cmp.Or(cmp.Compare(deciders[a], deciders[b]), cmp.Compare(a, b)) })
}
