package table_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/matchtest"
	"touchline.dev/touchline/crdt/match/table"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func preset(t testing.TB, name string) *table.Rules {
	t.Helper()
	r, err := table.Preset(name)
	must(t, err)
	return &r
}

// names are the teams of a competition by ID, spelt as the expected tables do.
func names(t testing.TB, competition string) map[string]string {
	var list []struct {
		ID   int64
		Name string
	}
	must(t, json.Unmarshal(matchtest.Data(t, "derived/"+competition+".teams.json"), &list))
	out := map[string]string{}
	for _, team := range list {
		name := team.Name
		switch name {
		case "Korea Republic":
			name = "South Korea"
		case "Arsenal", "Chelsea", "Liverpool", "Everton", "Southampton", "Burnley", "Watford":
			name += " FC"
		}
		out[strconv.FormatInt(team.ID, 10)] = name
	}
	return out
}

func folded(t testing.TB, competition string, rules *table.Rules) (groups map[string][]table.Result, knockout []table.Result) {
	groups = map[string][]table.Result{}
	name := names(t, competition)
	for _, m := range matchtest.Matches(t, competition) {
		r := table.ResultOf(strconv.FormatInt(m.Match, 10), match.Fold(m.Events), rules)
		r.Teams = [2]string{name[r.Teams[0]], name[r.Teams[1]]}
		if m.Group == "" {
			knockout = append(knockout, r)
		} else {
			groups[m.Group] = append(groups[m.Group], r)
		}
	}
	return groups, knockout
}

func teamsOf(results []table.Result) (teams []string) {
	for _, r := range results {
		for _, team := range r.Teams {
			if !slices.Contains(teams, team) {
				teams = append(teams, team)
			}
		}
	}
	return teams
}

// line is a row as the expected tables have it.
func line(r table.Row) []any {
	return []any{r.Team, r.Played, r.Won, r.Drawn, r.Lost, r.For, r.Against, r.Points}
}

func checkTable(t *testing.T, rows []table.Row, want [][]any) {
	t.Helper()
	if len(rows) != len(want) {
		t.Fatalf("%d rows, want %d", len(rows), len(want))
	}
	for i, r := range rows {
		if got, want := fmt.Sprint(line(r)), fmt.Sprint(want[i]); got != want || r.Rank != i+1 || r.Tied {
			t.Errorf("row %d: %v (rank %d, tied %v), want %v", i+1, got, r.Rank, r.Tied, want)
		}
	}
}

func worldCup(t testing.TB) (want struct {
	Groups   map[string][][]any `json:"groups"`
	FairPlay map[string]int64   `json:"fair_play"`
	Knockout []struct {
		Round, Team1, Team2, Winner string
		Score                       struct{ FT, ET, P []int64 }
	}
}) {
	must(t, json.Unmarshal(matchtest.Data(t, "expected/wc2018.json"), &want))
	return want
}

// The eight groups of 2018; group H by fair play, from the cards.
func TestWorldCupGroups(t *testing.T) {
	rules := preset(t, "fifa-2018")
	groups, _ := folded(t, "wc2018", rules)
	want := worldCup(t)
	if len(want.Groups) != 8 || len(groups) != 8 {
		t.Fatalf("%d groups", len(groups))
	}
	for name, rows := range want.Groups {
		got, err := table.Table(teamsOf(groups[name]), groups[name], rules, false)
		must(t, err)
		checkTable(t, got, rows)
		if name != "Group H" {
			continue
		}
		if got[2].By != table.Conduct {
			t.Errorf("%s is below %s by %s", got[2].Team, got[1].Team, got[2].By)
		}
		for _, r := range got {
			if points, ok := want.FairPlay[r.Team]; ok && r.Conduct != points {
				t.Errorf("%s has %d fair play points, want %d", r.Team, r.Conduct, points)
			}
		}
	}
}

// wc2018Bracket as it was drawn, by reference.
var wc2018Bracket = table.Bracket{Ties: []table.Tie{
	knock("49", "Round of 16", "1A", "2B"), knock("50", "Round of 16", "1C", "2D"), knock("51", "Round of 16", "1B", "2A"),
	knock("52", "Round of 16", "1D", "2C"), knock("53", "Round of 16", "1E", "2F"), knock("54", "Round of 16", "1G", "2H"),
	knock("55", "Round of 16", "1F", "2E"), knock("56", "Round of 16", "1H", "2G"),
	knock("57", "Quarter-finals", "W49", "W50"), knock("58", "Quarter-finals", "W53", "W54"),
	knock("59", "Quarter-finals", "W51", "W52"), knock("60", "Quarter-finals", "W55", "W56"),
	knock("61", "Semi-finals", "W57", "W58"), knock("62", "Semi-finals", "W59", "W60"),
	knock("63", "Match for third place", "L61", "L62"), knock("64", "Final", "W61", "W62"),
}}

func knock(id, round string, home, away table.Slot) table.Tie {
	return table.Tie{ID: id, Round: round, Slots: [2]table.Slot{home, away}, Deciders: []string{"extra_time", "shootout"}}
}

func groupTables(t testing.TB, results map[string][]table.Result, rules *table.Rules) map[string]table.Group {
	groups := map[string]table.Group{}
	for name, list := range results {
		rows, err := table.Table(teamsOf(list), list, rules, false)
		must(t, err)
		groups[strings.TrimPrefix(name, "Group ")] = table.Group{Rows: rows, Complete: true}
	}
	return groups
}

// The knock-out of 2018 follows from the groups and the matches alone.
func TestWorldCupBracket(t *testing.T) {
	rules := preset(t, "fifa-2018")
	results, knockout := folded(t, "wc2018", rules)
	groups := groupTables(t, results, rules)
	played := map[string]table.Result{}
	for len(played) < 16 { // as it unfolded: each match is found by who plays
		before := len(played)
		resolved, err := table.Resolve(&wc2018Bracket, groups, single(played), rules)
		must(t, err)
		for _, tie := range resolved {
			for _, r := range knockout {
				pair := [2]string{tie.Entrants[0].Team, tie.Entrants[1].Team}
				if pair[1] == r.Teams[0] && pair[0] == r.Teams[1] {
					r = turned(r)
				}
				if pair == r.Teams && tie.Result == nil {
					played[tie.ID] = r
				}
			}
		}
		if len(played) == before {
			t.Fatalf("stuck after %d matches", before)
		}
	}
	resolved, err := table.Resolve(&wc2018Bracket, groups, single(played), rules)
	must(t, err)
	for _, w := range worldCup(t).Knockout {
		i := slices.IndexFunc(resolved, func(r table.Resolved) bool {
			return r.Round == w.Round && (r.Entrants[0].Team == w.Team1 && r.Entrants[1].Team == w.Team2 || r.Entrants[1].Team == w.Team1 && r.Entrants[0].Team == w.Team2)
		})
		if i < 0 {
			t.Errorf("no %s of %s and %s", w.Round, w.Team1, w.Team2)
			continue
		}
		got := resolved[i]
		res := *got.Result
		if res.Teams[0] != w.Team1 {
			res = turned(res)
		}
		score := w.Score.FT
		if w.Score.ET != nil {
			score = w.Score.ET
		}
		if got.Winner != w.Winner || got.Outcome != table.OutcomeWon || got.Changed || !reflect.DeepEqual(res.Score[:], score) {
			t.Errorf("%s: %+v, want %+v", w.Round, got, w)
		}
		if w.Score.P != nil && (res.Kicks == nil || !reflect.DeepEqual(res.Kicks[:], w.Score.P)) {
			t.Errorf("%s - %s: kicks %v, want %v", w.Team1, w.Team2, res.Kicks, w.Score.P)
		}
	}
}

func turned(r table.Result) table.Result {
	r.Teams[0], r.Teams[1] = r.Teams[1], r.Teams[0]
	r.Score[0], r.Score[1] = r.Score[1], r.Score[0]
	r.Conduct[0], r.Conduct[1] = r.Conduct[1], r.Conduct[0]
	if r.Kicks != nil {
		r.Kicks = &[2]int64{r.Kicks[1], r.Kicks[0]}
	}
	if r.Winner != match.NoSide {
		r.Winner = r.Winner.Other()
	}
	return r
}

func TestLeagueTable(t *testing.T) {
	rules := preset(t, "premier-league")
	var want struct{ Rows [][]any }
	must(t, json.Unmarshal(matchtest.Data(t, "expected/epl2017-18.table.json"), &want))
	name := names(t, "epl2017-18")
	s := table.NewSeason(*rules)
	for _, m := range matchtest.Matches(t, "epl2017-18") {
		r := table.ResultOf(strconv.FormatInt(m.Match, 10), match.Fold(m.Events), rules)
		r.Teams = [2]string{name[r.Teams[0]], name[r.Teams[1]]}
		s.SetResult(r)
	}
	rows, err := s.Table(false)
	must(t, err)
	checkTable(t, rows, want.Rows)
	if !s.Complete() {
		t.Error("the season is not complete")
	}
}

// openLeague reads a file of openfootball: scores only.
func openLeague(t testing.TB, path string) (groups map[string][]table.Result) {
	var file struct {
		Matches []struct {
			Team1, Team2, Group string
			Score               struct{ FT []int64 }
		}
	}
	must(t, json.Unmarshal(matchtest.Data(t, path), &file))
	groups = map[string][]table.Result{}
	for i, m := range file.Matches {
		groups[m.Group] = append(groups[m.Group], table.Result{
			Match: strconv.Itoa(i), Teams: [2]string{m.Team1, m.Team2}, Score: [2]int64{m.Score.FT[0], m.Score.FT[1]}, Final: true,
		})
	}
	return groups
}

// The order of criteria is data: the same scores by goal difference and by
// head-to-head.
func TestTieBreakCases(t *testing.T) {
	results := openLeague(t, "openfootball/football.json/2017-18/en.1.json")[""]
	for _, c := range []struct {
		rules string
		from  int
		want  []string
	}{
		{"premier-league", 9, []string{"Newcastle United FC", "Crystal Palace FC", "AFC Bournemouth"}},
		{"la-liga", 9, []string{"AFC Bournemouth", "Newcastle United FC", "Crystal Palace FC"}},
		{"premier-league", 17, []string{"Swansea City AFC", "Stoke City FC"}},
	} {
		rows, err := table.Table(teamsOf(results), results, preset(t, c.rules), false)
		must(t, err)
		for i, team := range c.want {
			if rows[c.from+i].Team != team && !strings.HasPrefix(team, rows[c.from+i].Team) {
				t.Errorf("%s: place %d is %s, want %s", c.rules, c.from+i+1, rows[c.from+i].Team, team)
			}
		}
	}
}

// Another tournament with the same rules and bracket.
func TestWorldCup2022(t *testing.T) {
	rules := preset(t, "fifa-2022")
	all := openLeague(t, "openfootball/worldcup.json/2022/worldcup.json")
	knockout := all[""]
	delete(all, "")
	groups := groupTables(t, all, rules)
	for name, want := range map[string][2]string{
		"A": {"Netherlands", "Senegal"}, "B": {"England", "USA"}, "C": {"Argentina", "Poland"}, "D": {"France", "Australia"},
		"E": {"Japan", "Spain"}, "F": {"Morocco", "Croatia"}, "G": {"Brazil", "Switzerland"}, "H": {"Portugal", "South Korea"},
	} {
		if got := [2]string{groups[name].Rows[0].Team, groups[name].Rows[1].Team}; got != want {
			t.Errorf("group %s: %v, want %v", name, got, want)
		}
	}
	resolved, err := table.Resolve(&wc2018Bracket, groups, nil, rules)
	must(t, err)
	for _, tie := range resolved[:8] {
		if !slices.ContainsFunc(knockout, func(r table.Result) bool {
			return r.Teams == [2]string{tie.Entrants[0].Team, tie.Entrants[1].Team} || r.Teams == [2]string{tie.Entrants[1].Team, tie.Entrants[0].Team}
		}) {
			t.Errorf("match %s of %v was not played", tie.ID, tie.Entrants)
		}
	}
}

// One more goal in a season of 380 matches, and the table after it.
func BenchmarkSeason(b *testing.B) {
	b.ReportAllocs()
	rules := preset(b, "premier-league")
	s := table.NewSeason(*rules)
	matches := matchtest.Matches(b, "epl2017-18")
	for _, m := range matches {
		s.Set(strconv.FormatInt(m.Match, 10), match.Fold(m.Events))
	}
	last := matches[len(matches)-1]
	var more []match.Event
	for n := int64(0); n < 10; n++ {
		more = append(more, matchtest.Event("scorer", match.Referee, "goal", "home", 2, n*250_000, "", 10_000+int(n)))
	}
	var f *match.Folder
	n := len(more)
	for b.Loop() {
		if n == len(more) {
			b.StopTimer()
			n, f = 0, match.NewFolder()
			f.Add(last.Events...)
			f.State()
			b.StartTimer()
		}
		f.Add(more[n])
		n++
		s.Set(strconv.FormatInt(last.Match, 10), f.State())
		if _, err := s.Table(true); err != nil {
			b.Fatal(err)
		}
	}
}
