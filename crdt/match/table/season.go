package table

import (
	"slices"

	"touchline.dev/touchline/crdt/match"
)

// Season is a competition whose matches change one at a time. The zero Season
// is not usable; see [NewSeason]. It is not safe for concurrent use.
type Season struct {
	rules   Rules
	teams   []string
	results []Result
	at      map[string]int // by match
}

// NewSeason begins a competition of the given teams; teams of its matches join
// by themselves.
func NewSeason(rules Rules, teams ...string) *Season {
	return &Season{rules: rules, teams: slices.Clone(teams), at: map[string]int{}}
}

// Grow makes room for n more matches.
func (s *Season) Grow(n int) { s.results = slices.Grow(s.results, n) }

// Set takes the latest state of a match. A match whose results only its teams
// may see makes the whole season one without tables, unless it is for a trophy.
func (s *Season) Set(name string, state *match.State) {
	if !state.Setup.Tables() {
		s.rules.NoTable = true
	}
	s.SetResult(ResultOf(name, state, &s.rules))
}

// SetResult takes the latest result of a match that is known by other means.
func (s *Season) SetResult(r Result) {
	i, ok := s.at[r.Match]
	if !ok {
		i = len(s.results)
		s.at[r.Match] = i
		s.results = append(s.results, r)
	}
	s.results[i] = r
	for _, team := range r.Teams {
		if team != "" && !slices.Contains(s.teams, team) {
			s.teams = append(s.teams, team)
		}
	}
}

// Table is the standing now. The order in which matches were set does not
// matter to it.
func (s *Season) Table(live bool) ([]Row, error) {
	return Table(s.teams, s.results, &s.rules, live)
}

// Swiss pairs the teams for the next round by the matches that are final.
func (s *Season) Swiss() (Pairing, error) {
	rows, err := s.Table(false)
	if err != nil {
		return Pairing{}, err
	}
	return Swiss(rows, s.results)
}

// Complete reports whether every match set so far is final.
func (s *Season) Complete() bool {
	return !slices.ContainsFunc(s.results, func(r Result) bool { return !r.Final })
}
