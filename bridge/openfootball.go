package bridge

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

// openFootball is a file of openfootball: fixtures and scores, no cards.
type openFootball struct {
	Name    string `json:"name"`
	Matches []struct {
		Num   int    `json:"num"`
		Round string `json:"round"`
		Group string `json:"group"`
		Team1 string `json:"team1"`
		Team2 string `json:"team2"`
		Score struct {
			FT []int64 `json:"ft"` // after normal time
			ET []int64 `json:"et"` // after extra time
			P  []int64 `json:"p"`  // kicks from the mark
		} `json:"score"`
	} `json:"matches"`
}

// Import takes the matches of an openfootball file in, those of an earlier
// import of the same file again. If some matches have a group, those without are
// ties of the bracket. It returns how many matches were read.
func (one *Competition) Import(file []byte) (int, error) {
	var in openFootball
	if err := json.Unmarshal(file, &in); err != nil || len(in.Matches) == 0 {
		return 0, badFile("this is not a file of openfootball: it needs matches with team1, team2 and score")
	}
	grouped := false
	for _, m := range in.Matches {
		grouped = grouped || m.Group != ""
	}
	var bracket table.Bracket
	at := map[string]int{}
	for i, r := range one.Results {
		at[r.Match] = i
	}
	for i, m := range in.Matches {
		if m.Team1 == "" || m.Team2 == "" {
			return 0, badFile(fmt.Sprintf("match %d of the file lacks a team", i+1))
		}
		num := strconv.Itoa(i + 1)
		if m.Num > 0 {
			num = strconv.Itoa(m.Num)
		}
		out := Outcome{Group: m.Group, Result: table.Result{Match: in.Name + "/" + num, Teams: [2]string{m.Team1, m.Team2}, NoCards: true}}
		if grouped && m.Group == "" {
			out.Tie = num
			bracket.Ties = append(bracket.Ties, table.Tie{
				ID: num, Round: m.Round, Slots: [2]table.Slot{slotOf(m.Team1), slotOf(m.Team2)}, Deciders: []string{"extra_time", "shootout"},
			})
		}
		if !out.settle(m.Score.FT, m.Score.ET, m.Score.P) {
			if out.Tie != "" {
				continue // the bracket says who will play
			}
		}
		if old, ok := at[out.Match]; ok {
			one.Results[old] = out
		} else {
			one.Results = append(one.Results, out)
		}
	}
	if len(bracket.Ties) > 0 {
		one.Bracket = &bracket
	}
	return len(in.Matches), nil
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
