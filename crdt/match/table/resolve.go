package table

import (
	"fmt"
	"slices"
)

// Resolve fills a bracket from groups by name and results by tie: its legs, or of a
// tie of one match that match and its replays in order, of which the last counts. Of a
// group that is not there yet, nobody is known.
func Resolve(b *Bracket, groups map[string]Group, results map[string][]Result, rules *Rules) ([]Resolved, error) {
	r := resolver{groups: groups, results: results, rules: rules, ties: map[string]*Tie{}, done: map[string]*Resolved{}}
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
	rules   *Rules
	results map[string][]Result
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
		e, err := r.slot(slot, tie.Slots[1-i])
		if err != nil {
			return nil, fmt.Errorf("match %s, slot %q: %w", id, slot, err)
		}
		out.Entrants[i] = e
	}
	r.settle(out)
	r.done[id] = out
	return out, nil
}

// slot says who a slot of a tie stands for; other is the tie's other slot.
func (r *resolver) slot(s, other Slot) (Entrant, error) {
	ref, err := s.read()
	if err != nil {
		return Entrant{}, err
	}
	switch ref.kind {
	case slotBye:
		return Entrant{Bye: true}, nil
	case slotOpen:
		return Entrant{Provisional: true}, nil
	case slotTeam:
		return Entrant{Team: ref.name}, nil
	case slotThird:
		rows, err := r.across(3)
		return at(rows, ref.rank, r.complete()), err
	case slotOneOf:
		return r.allotted(&ref, other)
	case slotWinner, slotLoser:
		return r.from(ref.name, ref.kind == slotWinner)
	}
	group := r.groups[ref.name] // none yet: nobody is known
	return at(group.Rows, ref.rank, group.Complete), nil
}

// at is who is at a place of a table.
func at(rows []Row, rank int, complete bool) Entrant {
	if rank > len(rows) {
		return Entrant{Provisional: true}
	}
	row := &rows[rank-1]
	return Entrant{Team: row.Team, Provisional: !complete || row.Tied || row.Provisional}
}

// complete reports whether every group is played.
func (r *resolver) complete() bool {
	for _, g := range r.groups {
		if !g.Complete {
			return false
		}
	}
	return true
}

// across ranks the teams at one place of all groups.
func (r *resolver) across(rank int) ([]Row, error) {
	rows := map[string][]Row{}
	for name, g := range r.groups {
		rows[name] = g.Rows
	}
	return Across(rows, rank, r.rules)
}

// allotted is the team that the rules' allotment gives to a slot of several groups.
// Without one, or as long as not enough groups are there, nobody is known.
func (r *resolver) allotted(ref *reference, other Slot) (Entrant, error) {
	unknown := Entrant{Provisional: true}
	rows, err := r.across(ref.rank)
	if err != nil || r.rules.Thirds == nil || len(rows) < len(r.rules.Thirds.Slots) {
		return unknown, err
	}
	n := len(r.rules.Thirds.Slots)
	group := r.rules.Thirds.groupFor(rows[:n], other)
	if !slices.Contains(ref.groups, group) {
		return unknown, nil
	}
	i := slices.IndexFunc(rows, func(w Row) bool { return w.Group == group })
	level := n < len(rows) && rows[n].Rank == rows[n-1].Rank // who goes on is open
	e := at(rows, i+1, r.complete())
	row := &rows[i]
	return Entrant{Team: e.Team, Provisional: !r.complete() || row.Provisional || level}, nil
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
