package table

import (
	"errors"
	"slices"
)

// Errors of Swiss rounds.
var (
	// ErrPaired: every pairing has two teams meet again, or gives a team its
	// second bye.
	ErrPaired = errors.New("no pairing is left without a match that was played already")
	// ErrSwissSize: too many teams for pairings to be looked for.
	ErrSwissSize = errors.New("a Swiss round has at most 64 teams")
)

const maxSwiss = 64

// swissSteps bounds the search: pairings that exist are found within a few
// hundred steps, and a proof that there is none is not worth more.
const swissSteps = 200_000

// Pairing is the next round of a Swiss tournament: home, away.
type Pairing struct {
	Pairs [][2]string `json:"pairs"`
	Bye   string      `json:"bye,omitempty"` // sits out; points for it are an adjustment of the rules
}

// Swiss pairs teams for the next round: those near each other in the standing,
// none that met before. rows is the standing, best first; results are all
// matches so far, final or not. With an odd number of teams the lowest that has
// not sat out yet does: a team that is in fewer matches than others has. At home
// is who has been less often, then the lower in the standing. It is a function
// of its arguments.
func Swiss(rows []Row, results []Result) (Pairing, error) {
	if len(rows) > maxSwiss {
		return Pairing{}, ErrSwissSize
	}
	s := swiss{met: map[[2]string]bool{}, home: map[string]int{}, left: swissSteps}
	rounds, matches := 0, map[string]int{}
	for i := range results {
		a, b := results[i].Teams[0], results[i].Teams[1]
		s.met[[2]string{a, b}], s.met[[2]string{b, a}] = true, true
		s.home[a]++
		matches[a]++
		matches[b]++
		rounds = max(rounds, matches[a], matches[b])
	}
	teams := make([]string, len(rows))
	for i := range rows {
		teams[i] = rows[i].Team
	}
	if len(teams)%2 == 0 {
		pairs, ok := s.pair(teams, nil)
		return s.round(pairs, ""), found(ok)
	}
	for i := len(teams) - 1; i >= 0; i-- {
		if matches[teams[i]] < rounds {
			continue
		}
		if pairs, ok := s.pair(slices.Concat(teams[:i], teams[i+1:]), nil); ok {
			return s.round(pairs, teams[i]), nil
		}
	}
	return Pairing{}, ErrPaired
}

func found(ok bool) error {
	if !ok {
		return ErrPaired
	}
	return nil
}

// swiss is one search for a round.
type swiss struct {
	met  map[[2]string]bool
	home map[string]int // matches at home
	left int            // steps that may still be tried
}

// pair gives the first of teams the nearest whom it has not met such that the
// rest can be paired too.
func (s *swiss) pair(teams []string, done [][2]string) ([][2]string, bool) {
	if len(teams) == 0 {
		return done, true
	}
	for i := 1; i < len(teams); i++ {
		if s.left--; s.left < 0 {
			return nil, false
		}
		if s.met[[2]string{teams[0], teams[i]}] {
			continue
		}
		rest := slices.Concat(teams[1:i], teams[i+1:])
		if pairs, ok := s.pair(rest, append(done, [2]string{teams[0], teams[i]})); ok {
			return pairs, true
		}
	}
	return nil, false
}

// round decides who is at home.
func (s *swiss) round(pairs [][2]string, bye string) Pairing {
	out := Pairing{Pairs: make([][2]string, len(pairs)), Bye: bye}
	for i, p := range pairs {
		if s.home[p[0]] >= s.home[p[1]] {
			p[0], p[1] = p[1], p[0]
		}
		out.Pairs[i] = p
	}
	return out
}
