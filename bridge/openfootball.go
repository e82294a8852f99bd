package bridge

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

// openFootball is a file of openfootball: fixtures and scores, no cards.
type openFootball struct {
	Name    string            `json:"name"`
	Matches []json.RawMessage `json:"matches"`
}

// openMatch is a match of such a file.
type openMatch struct {
	Num    int    `json:"num"`
	Round  string `json:"round"`
	Group  string `json:"group"`
	Team1  string `json:"team1"`
	Team2  string `json:"team2"`
	Status string `json:"status"` // cancelled and abandoned: its score is no result
	Score  struct {
		FT []int64 `json:"ft"` // after normal time
		ET []int64 `json:"et"` // after extra time
		P  []int64 `json:"p"`  // kicks from the mark
	} `json:"score"`
	id string // its number in words
}

// readOpenFootball reads a file whole, or says which of its matches cannot be.
func readOpenFootball(file []byte) (name string, list []openMatch, err error) {
	var in openFootball
	if err := json.Unmarshal(file, &in); err != nil || len(in.Matches) == 0 {
		return "", nil, badFile("this is not a file of openfootball: it needs matches with team1, team2 and score")
	}
	list = make([]openMatch, len(in.Matches))
	for i, raw := range in.Matches {
		m := &list[i]
		if err := json.Unmarshal(raw, m); err != nil {
			return "", nil, badFile(fmt.Sprintf("match %d of the file cannot be read: %s", i+1, whyNotJSON(raw, err)))
		}
		m.id = strconv.Itoa(i + 1)
		if m.Num > 0 {
			m.id = strconv.Itoa(m.Num)
		}
		m.Team1, m.Team2 = strings.TrimSpace(m.Team1), strings.TrimSpace(m.Team2)
		if why := m.wrong(); why != "" {
			return "", nil, badFile(fmt.Sprintf("match %d of the file %s", i+1, why))
		}
	}
	return in.Name, list, nil
}

// wrong is what no match can be; empty if it may be one.
func (m *openMatch) wrong() string {
	switch {
	case m.Team1 == "" || m.Team2 == "":
		return "lacks a team"
	case m.Team1 == m.Team2:
		return fmt.Sprintf("is %s against itself", m.Team1)
	}
	for _, score := range [][]int64{m.Score.FT, m.Score.ET, m.Score.P} {
		if slices.ContainsFunc(score, func(n int64) bool { return n < 0 || n > maxGoals }) {
			return fmt.Sprintf("has a score that cannot be: %d", score)
		}
	}
	return ""
}

// maxGoals bounds a score of a file.
const maxGoals = 1000

// Import takes the matches of an openfootball file in, those of an earlier
// import of the same file again. If some matches have a group, those without are
// ties of the bracket. The organiser's own bracket stays as it is: matches that are
// no ties of it are left out, and named.
func (one *Competition) Import(file []byte) (Imported, error) {
	name, list, err := readOpenFootball(file)
	if err != nil {
		return Imported{}, err
	}
	done := Imported{Competition: one.Name, Matches: len(list)}
	grouped := slices.ContainsFunc(list, func(m openMatch) bool { return m.Group != "" })
	bracket, err := one.knockOut(list, grouped)
	if err != nil {
		return Imported{}, err
	}
	for _, m := range list {
		out := Outcome{Group: m.Group, Result: table.Result{Match: name + "/" + m.id, Teams: [2]string{m.Team1, m.Team2}, NoCards: true}}
		if grouped && m.Group == "" {
			out.Tie = m.id
			if one.Planned && !one.hasTie(m.id) {
				done.Left = append(done.Left, m.id)
				continue
			}
		}
		if slices.ContainsFunc(one.Results, func(o Outcome) bool { return o.Match == out.Match && o.How == match.HowForfeit }) {
			continue // a ruling stands whatever the file says
		}
		counts := m.Status != "abandoned" && m.Status != "cancelled" && out.settle(m.Score.FT, m.Score.ET, m.Score.P)
		if m.Status == "cancelled" || !counts && out.Tie != "" { // the bracket says who will play
			one.Results = slices.DeleteFunc(one.Results, func(o Outcome) bool { return o.Match == out.Match })
			continue
		}
		one.put(out)
	}
	if bracket != nil {
		one.Bracket = bracket
	}
	return done, nil
}

// knockOut is the bracket of a file, which must be one as the organiser's must; nil if
// the file has none, or the organiser's stays.
func (one *Competition) knockOut(list []openMatch, grouped bool) (*table.Bracket, error) {
	out := &table.Bracket{}
	for i := range list {
		if grouped && list[i].Group == "" {
			out.Ties = append(out.Ties, list[i].tie())
		}
	}
	if one.Planned || len(out.Ties) == 0 {
		return nil, nil
	}
	if err := out.Validate(); err != nil {
		return nil, badFile("the knock-out of the file cannot be: " + err.Error())
	}
	return out, nil
}

// put takes a result in, or again.
func (one *Competition) put(out Outcome) {
	if i := slices.IndexFunc(one.Results, func(o Outcome) bool { return o.Match == out.Match }); i >= 0 {
		one.Results[i] = out
		return
	}
	one.Results = append(one.Results, out)
}

func (m *openMatch) tie() table.Tie {
	return table.Tie{ID: m.id, Round: m.Round, Slots: [2]table.Slot{slotOf(m.Team1), slotOf(m.Team2)}, Deciders: []string{"extra_time", "shootout"}}
}

// settle reads the score; false if there is none.
func (o *Outcome) settle(ft, et, p []int64) bool {
	if len(ft) != 2 {
		return false
	}
	o.Final, o.How, o.Score = true, match.HowPlayed, [2]int64(ft)
	if len(et) == 2 {
		o.How, o.Score = match.HowExtraTime, [2]int64(et)
	}
	o.Winner = winnerOf(o.Score)
	if len(p) == 2 {
		kicks := [2]int64(p)
		o.How, o.Kicks, o.Winner = match.HowShootout, &kicks, winnerOf(kicks)
	}
	return true
}

// reference is a slot that such files write in place of a team.
var reference = regexp.MustCompile(`^([1-9][A-Z]|[WL][0-9]+)$`)

func slotOf(team string) table.Slot {
	if reference.MatchString(team) {
		return table.Slot(team)
	}
	return table.Slot("team:" + team)
}
