package main

import (
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// The board names those whose confirmation of a late goal the fold takes.
func TestBoardNamesWhoConfirms(t *testing.T) {
	for role, want := range map[match.Role]string{
		match.Organiser: "an organiser", match.Referee: "a referee or organiser", match.Coach: "a coach, referee or organiser",
		match.Scorer: "a recorder, coach, referee or organiser",
	} {
		end := match.Event{Hash: crdt.Hash{1}, Type: "match.end", Role: role, Time: 1}
		goal := match.Event{Hash: crdt.Hash{2}, Author: crdt.Key{1}, Type: "goal", Team: "home", Period: 1, Role: role + 1, Time: 2}
		s := match.Fold([]match.Event{end, goal})
		if got := newBoard(s).confirms(); got != want || s.Waiting[0] != 1 {
			t.Errorf("ended by %d: %q, %v waiting", role, got, s.Waiting)
		}
		for rank := match.Organiser; rank <= match.Scorer; rank++ {
			confirm := match.Event{Hash: crdt.Hash{3}, Author: crdt.Key{2}, Type: "confirm", Role: rank, Time: 3, Refs: []crdt.Hash{goal.Hash}}
			if counts := match.Fold([]match.Event{end, goal, confirm}).Score[0] == 1; counts != (rank <= role) {
				t.Errorf("ended by %d, confirmed by %d: %v", role, rank, counts)
			}
		}
	}
}

// The board says why an ended match has no result, and no winner.
func TestBoardWithoutResult(t *testing.T) {
	for data, want := range map[string]string{
		`{"status":"forfeit"}`:              "No result yet: nobody said who forfeits.",
		`{"status":"walkover"}`:             `No result yet: "walkover" is no way for a match to end.`,
		`{"status":"abandoned","reason":1}`: "", `{"status":"completed"}`: "A draw.", ``: "A draw.",
	} {
		s := match.Fold([]match.Event{{Hash: crdt.Hash{1}, Type: "match.end", Role: match.Referee, Data: []byte(data)}})
		if got := newBoard(s).result(); got != want {
			t.Errorf("%s: %q, want %q", data, got, want)
		}
	}
}
