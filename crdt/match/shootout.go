package match

// shootout is the state of the kicks from the mark.
type shootout struct {
	kicks  []Kick
	score  [2]int64
	taken  [2]int64
	winner Side
}

// kick applies one. Best of n, then pair by pair.
func (s *shootout) kick(it *item, n int64) (flags []string) {
	side := it.main.side.index()
	if s.winner != NoSide {
		it.refused = true
		return []string{FlagDecided}
	}
	if s.taken[side] > s.taken[1-side] {
		flags = []string{FlagOutOfTurn}
	}
	s.taken[side]++
	if it.facts.Scored {
		s.score[side]++
	}
	s.kicks = append(s.kicks, Kick{Side: it.main.side, Player: it.facts.Player, Scored: it.facts.Scored, Hash: it.main.ev.Hash})
	s.winner = s.decided(n)
	return flags
}

// decided names the winner once the lead exceeds what is left.
func (s *shootout) decided(n int64) Side {
	for i, side := range sides {
		j := 1 - i
		if s.taken[i] > n || s.taken[j] > n { // sudden death
			if s.taken[i] == s.taken[j] && s.score[i] > s.score[j] {
				return side
			}
			continue
		}
		if s.score[i] > s.score[j]+n-s.taken[j] {
			return side
		}
	}
	return NoSide
}
