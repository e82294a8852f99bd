package table

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"touchline.dev/touchline/crdt/match"
)

// Slot says who plays, by reference:
//
//	1A, 2B      first of group A, second of group B
//	W49, L61    winner of match 49, loser of match 61
//	3rd:2       second best of the thirds of all groups
//	team:x      team x
//	bye         nobody: the other goes on
type Slot string

// Tie is one match of a bracket.
type Tie struct {
	ID    string  `json:"id"`
	Round string  `json:"round,omitempty"`
	Slots [2]Slot `json:"slots"` // home, away
	// Deciders of a level match after normal time, in order: extra_time,
	// shootout, then at most one of shared, replay, ruling. They say what to
	// wait for; the match's own events say what happened.
	Deciders []string `json:"deciders,omitempty"`
}

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
	Result   *Result    `json:"result,omitempty"`
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
		if err := b.Ties[i].checkDeciders(); err != nil {
			return err
		}
	}
	_, err := Resolve(b, nil, nil, &Rules{})
	return err
}

func (t *Tie) checkDeciders() error {
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

// Resolve fills a bracket from groups by name and results by tie. Of a group that
// is not there yet, nobody is known.
func Resolve(b *Bracket, groups map[string]Group, results map[string]Result, rules *Rules) ([]Resolved, error) {
	r := resolver{groups: groups, results: results, ties: map[string]*Tie{}, done: map[string]*Resolved{}}
	rows := map[string][]Row{}
	for name, g := range groups {
		rows[name] = g.Rows
	}
	var err error
	if r.thirds, err = Across(rows, 3, rules); err != nil {
		return nil, err
	}
	for i := range b.Ties {
		id := b.Ties[i].ID
		if r.ties[id] != nil || id == "" {
			return nil, fmt.Errorf("%w: every match needs an ID of its own, and %q is not", ErrBracket, id)
		}
		r.ties[id] = &b.Ties[i]
	}
	out := make([]Resolved, len(b.Ties))
	for i := range b.Ties {
		t, err := r.tie(b.Ties[i].ID)
		if err != nil {
			return nil, err
		}
		out[i] = *t
	}
	return out, nil
}

type resolver struct {
	groups  map[string]Group
	thirds  []Row
	results map[string]Result
	ties    map[string]*Tie
	done    map[string]*Resolved // nil while being resolved
}

func (r *resolver) tie(id string) (*Resolved, error) {
	if got, ok := r.done[id]; ok {
		if got == nil {
			return nil, fmt.Errorf("%w: match %s refers to itself", ErrBracket, id)
		}
		return got, nil
	}
	tie := r.ties[id]
	if tie == nil {
		return nil, fmt.Errorf("%w: no match %s", ErrBracket, id)
	}
	r.done[id] = nil
	out := &Resolved{Tie: *tie, Outcome: OutcomeOpen}
	for i, slot := range tie.Slots {
		e, err := r.slot(slot)
		if err != nil {
			return nil, fmt.Errorf("match %s, slot %q: %w", id, slot, err)
		}
		out.Entrants[i] = e
	}
	r.settle(out)
	r.done[id] = out
	return out, nil
}

func (r *resolver) slot(s Slot) (Entrant, error) {
	text := string(s)
	if text == "bye" {
		return Entrant{Bye: true}, nil
	}
	if team, ok := strings.CutPrefix(text, "team:"); ok && team != "" {
		return Entrant{Team: team}, nil
	}
	if k, ok := strings.CutPrefix(text, "3rd:"); ok {
		return r.third(k)
	}
	if len(text) > 1 && (text[0] == 'W' || text[0] == 'L') {
		return r.from(text[1:], text[0] == 'W')
	}
	digits := 0
	for digits < len(text) && text[digits] >= '0' && text[digits] <= '9' {
		digits++
	}
	rank, _ := strconv.Atoi(text[:digits])
	if rank < 1 || digits == len(text) {
		return Entrant{}, fmt.Errorf("%w: it refers to nothing", ErrBracket)
	}
	group := r.groups[text[digits:]] // none yet: nobody is known
	return at(group.Rows, rank, group.Complete), nil
}

// at is who is at a place of a table.
func at(rows []Row, rank int, complete bool) Entrant {
	if rank > len(rows) {
		return Entrant{Provisional: true}
	}
	row := &rows[rank-1]
	return Entrant{Team: row.Team, Provisional: !complete || row.Tied || row.Provisional}
}

func (r *resolver) third(k string) (Entrant, error) {
	rank, err := strconv.Atoi(k)
	if err != nil || rank < 1 {
		return Entrant{}, fmt.Errorf("%w: a third is 3rd:1 or later", ErrBracket)
	}
	complete := true
	for _, g := range r.groups {
		complete = complete && g.Complete
	}
	return at(r.thirds, rank, complete), nil
}

func (r *resolver) from(id string, won bool) (Entrant, error) {
	t, err := r.tie(id)
	if err != nil {
		return Entrant{}, err
	}
	e := Entrant{Team: t.Loser}
	if won {
		e.Team = t.Winner
	}
	e.Provisional = t.Changed || t.Result != nil && !t.Result.Final ||
		t.Outcome == OutcomeBye && (t.Entrants[0].Provisional || t.Entrants[1].Provisional)
	e.Bye = t.Outcome == OutcomeBye && !won
	return e, nil
}

// settle decides a tie from its result.
func (r *resolver) settle(t *Resolved) {
	for i, e := range t.Entrants {
		if e.Bye {
			t.Outcome, t.Winner = OutcomeBye, t.Entrants[1-i].Team
			return
		}
	}
	res, ok := r.results[t.ID]
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
