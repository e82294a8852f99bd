package openfootball

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrFile: the file is none of openfootball, or a match of it cannot be.
var ErrFile = errors.New("this file of openfootball cannot be read")

// File is a file as it was read.
type File struct {
	Name    string
	Matches []Match
	Ties    []Tie // in the order of the file
	// Unread are the first lines of which nothing was made though they may have been
	// meant, UnreadCount is how many there are. JSON has none.
	Unread      []Line
	UnreadCount int
}

// Match is one match of a file.
type Match struct {
	At    int       // its place in the file, from 1
	Num   int       // the number that the file gives it, 0 if none
	Round string    // as the file writes it
	Date  string    // as the file writes it
	Group string    // whose table it counts in, "" for the only one; of a tie empty
	Teams [2]string // "" while it is open who
	State State
	Score *Score // nil: none
	// Tie is the knock-out match or, with more than one match, the legs that it
	// belongs to: an index into Ties. -1: it counts in a table.
	Tie int
}

// Known reports whether the file names both teams, and no places that they will come
// from.
func (m *Match) Known() bool {
	return m.Teams[0] != "" && m.Teams[1] != "" && !refers(m.Teams[0]) && !refers(m.Teams[1])
}

// Score is what a match came to.
type Score struct {
	FT    [2]int64  // after normal time
	ET, P *[2]int64 // after extra time, kicks from the mark
}

// State says whether the score of a match is a result.
type State int

// What becomes of a match.
const (
	Counts    State = iota // if it has a score
	Waits                  // postponed, broken off, under way: no result yet
	CalledOff              // there will be none
)

// states by the words that files have for them.
var states = map[string]State{
	"postponed": Waits, "suspended": Waits, "abandoned": Waits, "interrupted": Waits, "delayed": Waits, "scheduled": Waits,
	"timed": Waits, "not started": Waits, "live": Waits, "in play": Waits, "paused": Waits, "half-time": Waits,
	"cancelled": CalledOff, "canceled": CalledOff, "annulled": CalledOff, "void": CalledOff, "voided": CalledOff, "withdrawn": CalledOff,
}

// stateOf reads a status: a word of the list, or in JSON, too, more words that begin with
// one, as "Abandoned at 1-1 in 60'".
func stateOf(said string) State {
	low := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(said), "_", " "))
	if state, ok := states[low]; ok {
		return state
	}
	return states[statusOf(low)]
}

// nobody is what files write for a team that is not known yet.
var nobody = regexp.MustCompile(`(?i)^(n\.?\s?n\.?|tbd|tba|tbc|to be (determined|announced|confirmed)|\?+|-+)$`)

// rawFile is a file in either shape.
type rawFile struct {
	Name    string            `json:"name"`
	Matches []json.RawMessage `json:"matches"`
	Rounds  []struct {
		Name    string            `json:"name"`
		Matches []json.RawMessage `json:"matches"`
	} `json:"rounds"`
}

// Read reads a file whole, or says which of its matches cannot be. planned are the
// numbers of matches that are known to be ties of a knock-out.
func Read(text []byte, planned []string) (*File, error) {
	out := &File{}
	read := out.readLines
	if first := bytes.TrimLeft(text, "\ufeff \t\r\n"); len(first) == 0 || bytes.ContainsRune([]byte(`{"`), rune(first[0])) || first[0] == '[' && json.Valid(first) {
		read = out.readJSON
	}
	if err := read(text); err != nil {
		return nil, err
	}
	if len(out.Matches) > maxMatches {
		return nil, fmt.Errorf("%w: it has more than %d matches", ErrFile, maxMatches)
	}
	if len(out.Matches) == 0 {
		return nil, fmt.Errorf("%w: it needs matches, as JSON with team1, team2 and score or as lines of football.txt", ErrFile)
	}
	if err := out.once(); err != nil {
		return nil, err
	}
	out.sort(planned)
	return out, nil
}

// readJSON reads a file in any of the shapes of JSON.
func (f *File) readJSON(text []byte) error {
	var in rawFile
	if err := json.Unmarshal(bytes.TrimPrefix(text, []byte("\ufeff")), &in); err != nil {
		return fmt.Errorf("%w: it needs matches with team1, team2 and score, as JSON", ErrFile)
	}
	f.Name = in.Name
	for _, raw := range in.Matches {
		if err := f.add(raw, ""); err != nil {
			return err
		}
	}
	for _, round := range in.Rounds {
		for _, raw := range round.Matches {
			if err := f.add(raw, round.Name); err != nil {
				return err
			}
		}
	}
	return nil
}

// add reads one more match.
func (f *File) add(text json.RawMessage, round string) error {
	var raw rawMatch
	if err := json.Unmarshal(text, &raw); err != nil {
		return fmt.Errorf("%w: match %d of the file cannot be read: %s", ErrFile, len(f.Matches)+1, inWords(err))
	}
	if raw.Round == "" {
		raw.Round = round
	}
	return f.take(raw)
}

// take takes a match in, if it can be one.
func (f *File) take(raw rawMatch) error {
	at := len(f.Matches) + 1
	m := Match{At: at, Num: max(0, raw.Num), Round: raw.Round, Date: raw.Date, Group: strings.TrimSpace(raw.Group), Tie: -1}
	for side, team := range []rawTeam{raw.Team1, raw.Team2} {
		name := team.name()
		if name == "" {
			return fmt.Errorf("%w: match %d of the file lacks a team", ErrFile, at)
		}
		if !nobody.MatchString(name) {
			m.Teams[side] = name
		}
	}
	m.State = stateOf(raw.Status)
	m.Score = raw.score()
	if why := m.wrong(); why != "" {
		return fmt.Errorf("%w: match %d of the file %s", ErrFile, at, why)
	}
	f.Matches = append(f.Matches, m)
	return nil
}

// Bounds of a file.
const (
	maxGoals   = 1000 // of a score
	maxMatches = 5000
)

// wrong is what no match can be; empty if it may be one.
func (m *Match) wrong() string {
	switch {
	case m.Teams[0] == m.Teams[1] && m.Teams[0] != "":
		return fmt.Sprintf("is %s against itself", m.Teams[0])
	case m.Score == nil:
		return ""
	}
	for _, score := range []*[2]int64{&m.Score.FT, m.Score.ET, m.Score.P} {
		if score != nil && (score[0] < 0 || score[0] > maxGoals || score[1] < 0 || score[1] > maxGoals) {
			return fmt.Sprintf("has a score that cannot be: %d", *score)
		}
	}
	return ""
}

// once refuses a file that has a match twice: the same teams in the same round on the
// same day. A match is told by those, not by its number.
func (f *File) once() error {
	type key struct {
		teams              [2]string
		round, date, group string
	}
	seen := map[key]int{}
	for i := range f.Matches {
		m := &f.Matches[i]
		k := key{m.Teams, m.Round, m.Date, m.Group}
		if m.Teams[0] == "" || m.Teams[1] == "" {
			continue // two matches of which nobody knows who plays them are two
		}
		if first := seen[k]; first > 0 {
			return fmt.Errorf("%w: match %d of the file is match %d again: %s - %s, %s", ErrFile, m.At, first, m.Teams[0], m.Teams[1], m.Round)
		}
		seen[k] = m.At
	}
	return nil
}
