package table

import "touchline.dev/touchline/crdt/match"

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
