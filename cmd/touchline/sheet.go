package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// sheet is what lies beside a file of key events about one match. Nothing of it
// is needed: what is missing is shown as a number.
type sheet struct {
	Match      int64  `json:"match"`
	Label      string `json:"label"`
	Home, Away struct {
		Team int64 `json:"team"`
	}

	names map[string]string // of all players, by ID
	teams map[int64]string
}

// sheetBeside looks for a match in the files beside x.keyevents.jsonl.gz:
// x.matches.json, x.teams.json and x.players.json. Nil if it is not there.
func sheetBeside(file string, number int) *sheet {
	prefix, _, ok := strings.Cut(file, ".keyevents.")
	if !ok {
		return nil
	}
	var list []sheet
	readBeside(prefix+".matches.json", &list)
	for i := range list {
		if s := &list[i]; s.Match == int64(number) {
			s.names, s.teams = map[string]string{}, map[int64]string{}
			for id, name := range namesBeside(prefix + ".players.json") {
				s.names[strconv.FormatInt(id, 10)] = name
			}
			s.teams = namesBeside(prefix + ".teams.json")
			return s
		}
	}
	return nil
}

func readBeside(file string, into any) {
	if b, err := os.ReadFile(file); err == nil {
		_ = json.Unmarshal(b, into) // nicer names are all that is lost
	}
}

func namesBeside(file string) map[int64]string {
	var list []struct {
		ID   int64  `json:"id"`
		Name string `json:"name"`
	}
	readBeside(file, &list)
	names := map[int64]string{}
	for _, item := range list {
		names[item.ID] = item.Name
	}
	return names
}

// dress gives a recording the names on its sheet, which may be nil, and puts
// setup and end around it.
func (r *recording) dress(s *sheet, number int) {
	r.label = fmt.Sprintf("Match %d", number)
	if s == nil {
		r.frame(json.RawMessage("{}"))
		return
	}
	if s.Label != "" {
		r.label, _, _ = strings.Cut(s.Label, ", ") // the score would spoil it
	}
	type team struct {
		ID   string `json:"id"`
		Name string `json:"name,omitempty"`
	}
	teams := map[string]team{}
	for side, id := range map[string]int64{"home": s.Home.Team, "away": s.Away.Team} {
		teams[side] = team{strconv.FormatInt(id, 10), s.teams[id]}
	}
	setup, _ := json.Marshal(map[string]any{"teams": teams, "names": "full"}) // strings in maps always can be
	r.frame(setup)
	r.names = s.appearing(r.events)
}

// appearing are the names of the players in line-ups.
func (s *sheet) appearing(events []recordedEvent) map[string]string {
	names := map[string]string{}
	for _, ev := range events {
		var lineup struct{ Starters, Bench []int64 }
		if ev.event.Type != "lineup.set" || json.Unmarshal(ev.event.Data, &lineup) != nil {
			continue
		}
		for _, n := range append(lineup.Starters, lineup.Bench...) {
			id := strconv.FormatInt(n, 10)
			if name := s.names[id]; name != "" {
				names[id] = name
			}
		}
	}
	return names
}
