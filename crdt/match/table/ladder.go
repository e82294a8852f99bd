package table

import (
	"errors"
	"fmt"

	"touchline.dev/touchline/crdt/match"
)

// maxPitches bounds a festival.
const maxPitches = 64

// ErrLadder: the pitches are none, too many, or have a team twice.
var ErrLadder = errors.New("a festival has 1 to 64 pitches with two teams each, all different")

// Ladder is a festival: pitch 1 first, two teams on each. It has no table.
type Ladder [][2]string

// Next is who plays where after a round: the winner moves one pitch up, the
// loser one down; the best and the last stay. Of a level match the away team
// moves down, so that somebody does. Pitches without a winner entry count as level.
func (l Ladder) Next(winners []match.Side) Ladder {
	up, down := make([]string, len(l)), make([]string, len(l))
	for i, pair := range l {
		up[i], down[i] = pair[0], pair[1]
		if i < len(winners) && winners[i] == match.Away {
			up[i], down[i] = pair[1], pair[0]
		}
	}
	next := make(Ladder, len(l))
	for i := range l {
		next[i] = [2]string{down[max(i-1, 0)], up[min(i+1, len(l)-1)]}
		if i == 0 {
			next[i][0] = up[0]
		}
		if i == len(l)-1 {
			next[i][1] = down[i]
		}
	}
	return next
}

// Valid returns why a festival cannot be played on l.
func (l Ladder) Valid() error {
	seen := map[string]bool{"": true}
	for _, pair := range l {
		for _, team := range pair {
			if seen[team] {
				return fmt.Errorf("%w: %q", ErrLadder, team)
			}
			seen[team] = true
		}
	}
	if len(l) == 0 || len(l) > maxPitches {
		return ErrLadder
	}
	return nil
}

// Round is one round of a festival, pitch 1 first.
type Round struct {
	Pitches []Pitch `json:"pitches"`
	Done    bool    `json:"done"` // every match is final; the next round follows from it
}

// Pitch is the match of a round on one pitch.
type Pitch struct {
	Teams  [2]string  `json:"teams"`
	Match  string     `json:"match,omitempty"` // empty: it has not begun
	Score  [2]int64   `json:"score"`           // as the teams stand here
	Winner match.Side `json:"winner"`
	Final  bool       `json:"final"`
}

// Play returns all rounds as far as they follow from results: those that are done,
// and the one that is next. Of two matches of the same teams the one that stands
// first among results belongs to the earlier round.
func (l Ladder) Play(results []Result) []Round {
	used := make([]bool, len(results))
	var rounds []Round
	for {
		r := Round{Done: true}
		winners := make([]match.Side, len(l))
		for i, pair := range l {
			p := pitch(pair, results, used)
			winners[i] = p.Winner
			r.Done = r.Done && p.Final
			r.Pitches = append(r.Pitches, p)
		}
		rounds = append(rounds, r)
		if !r.Done {
			return rounds
		}
		l = l.Next(winners)
	}
}

// pitch takes the first match of two teams that no earlier round has.
func pitch(pair [2]string, results []Result, used []bool) Pitch {
	p := Pitch{Teams: pair}
	for i := range results {
		r := &results[i]
		turned := r.Teams == [2]string{pair[1], pair[0]}
		if used[i] || r.Teams != pair && !turned {
			continue
		}
		used[i] = true
		p.Match, p.Score, p.Winner, p.Final = r.Match, r.Score, r.Winner, r.Final
		if turned {
			p.Score[0], p.Score[1] = p.Score[1], p.Score[0]
			p.Winner = p.Winner.Other()
		}
		return p
	}
	return p
}
