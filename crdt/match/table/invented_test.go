package table_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/matchtest"
	"touchline.dev/touchline/crdt/match/table"
)

// told is a match folded from what its organiser tells: the teams, the goals,
// then any more, each "kind team data".
func told(home, away string, score [2]int, more ...[3]string) *match.State {
	var events []match.Event
	tell := func(kind, team, data string, period uint32, ms int64) {
		events = append(events, matchtest.Event("organiser", match.Organiser, kind, team, period, ms, data, len(events)))
	}
	tell("match.setup", "", fmt.Sprintf(`{"teams":{"home":%q,"away":%q}}`, home, away), 0, 0)
	for i, side := range []string{"home", "away"} {
		for n := range score[i] {
			tell("goal", side, "", uint32(1+i), int64(1+n)*200_000)
		}
	}
	for _, m := range more {
		tell(m[0], m[1], m[2], match.PeriodAfter, 0)
	}
	return match.Fold(events)
}

var over = [3]string{"match.end", "", `{"status":"completed"}`}

// valeLeague is a league that was never played: two points taken from Ash and
// Cedar each, a forfeit, a result awarded against the score, a match abandoned.
func valeLeague() (rules table.Rules, played []*match.State) {
	rules = table.Rules{
		Win: 3, Draw: 1, ForfeitGoals: 2, Reapply: true, Adjust: map[string]int64{"Ash": -2, "Cedar": -2},
		Criteria: []table.Criterion{table.Points, table.H2HPoints, table.H2HGoalDifference, table.H2HAwayGoals, table.GoalDifference, table.Goals},
	}
	return rules, []*match.State{
		told("Ash", "Beech", [2]int{2, 1}, over), told("Ash", "Cedar", [2]int{0, 0}, over), told("Ash", "Elm", [2]int{1, 3}, over),
		told("Beech", "Ash", [2]int{3, 1}, over), told("Beech", "Cedar", [2]int{1, 0}, over), told("Beech", "Elm", [2]int{2, 2}, over),
		told("Cedar", "Ash", [2]int{1, 1}, over, [3]string{"ruling", "", `{"awarded":[0,3],"reason":"ineligible player"}`}),
		told("Cedar", "Beech", [2]int{4, 0}, over),
		told("Cedar", "Elm", [2]int{0, 1}, [3]string{"match.end", "away", `{"status":"forfeit"}`}),
		told("Elm", "Ash", [2]int{0, 2}, over), told("Elm", "Beech", [2]int{1, 1}, over),
		told("Elm", "Cedar", [2]int{1, 0}, [3]string{"match.end", "", `{"status":"abandoned"}`}),
	}
}

// The table worked out by hand. Ash beats Beech on goal difference (+2, −2) but
// lost to it over both legs, 3–4. Cedar and Elm are level too; Elm forfeited the
// one match between them that counts.
func TestInventedLeague(t *testing.T) {
	want := [][]any{
		{1, "Beech", int64(6), int64(2), int64(2), int64(2), int64(8), int64(10), int64(8), table.Criterion("")},
		{2, "Ash", int64(6), int64(3), int64(1), int64(2), int64(9), int64(7), int64(8), table.H2HGoalDifference},
		{3, "Cedar", int64(5), int64(2), int64(1), int64(2), int64(6), int64(4), int64(5), table.Points},
		{4, "Elm", int64(5), int64(1), int64(2), int64(2), int64(6), int64(8), int64(5), table.H2HPoints},
	}
	rules, played := valeLeague()
	for range 2 { // in any order
		s := table.NewSeason(rules)
		for i, state := range played {
			s.Set(fmt.Sprint(state.Teams[0].Team.ID, i), state)
		}
		rows, err := s.Table(false)
		must(t, err)
		for i, r := range rows {
			got := []any{r.Rank, r.Team, r.Played, r.Won, r.Drawn, r.Lost, r.For, r.Against, r.Points, r.By}
			if !reflect.DeepEqual(got, want[i]) || r.Tied {
				t.Errorf("got  %v\nwant %v", got, want[i])
			}
		}
		slices.Reverse(played)
	}
}

// Group E of Euro 2024: all four have four points, so that the matches among them
// are all there are. Goal difference splits the set in the middle, goals put Romania
// before Belgium; the match between the two, which Belgium won, is not asked again.
// Where two of three stay level after the whole run, it is.
func TestHeadToHeadIsForAllWhoWereLevel(t *testing.T) {
	groupE := "Romania-Ukraine 3-0, Belgium-Slovakia 0-1, Slovakia-Ukraine 1-2, Belgium-Romania 2-0, Slovakia-Romania 1-1, Ukraine-Belgium 0-0"
	again := "Ash-Beech 1-0, Beech-Cedar 3-2, Cedar-Ash 1-0, Ash-Dale 5-0, Beech-Dale 1-0, Cedar-Dale 1-0"
	for _, name := range []string{"uefa-euro", "fifa-2026"} {
		for _, c := range []struct{ list, want, by string }{
			{groupE, "1Romania 2Belgium 3Slovakia 4Ukraine", " h2h:gf h2h:gd h2h:gd"},
			{again, "1Beech 2Cedar 3Ash 4Dale", " h2h:points h2h:gf points"},
		} {
			list := results(c.list)
			rows, err := table.Table(teamsOf(list), list, preset(t, name), false)
			must(t, err)
			by := ""
			for _, r := range rows[1:] {
				by += " " + string(r.By)
			}
			if got := order(rows); got != c.want || by != c.by {
				t.Errorf("%s: %s by%s, want %s by%s", name, got, by, c.want, c.by)
			}
		}
	}
}

// The cup final of the Vale league stays level, and the trophy is shared.
func TestSharedTrophy(t *testing.T) {
	rules, played := valeLeague()
	s := table.NewSeason(rules)
	for i, state := range played {
		s.Set(fmt.Sprint(i), state)
	}
	rows, err := s.Table(false)
	must(t, err)
	cup := table.Bracket{Ties: []table.Tie{{ID: "final", Slots: [2]table.Slot{"1Vale", "2Vale"}, Deciders: []string{"shared"}}}}
	for _, c := range []struct {
		outcome, next string
		more          [][3]string
	}{
		{table.OutcomeLevel, "shared", [][3]string{over}},
		{table.OutcomeShared, "", [][3]string{over, {"ruling", "", `{"shared":true}`}}},
	} {
		final := table.ResultOf("final", told("Beech", "Ash", [2]int{2, 2}, c.more...), &rules)
		got, err := table.Resolve(&cup, map[string]table.Group{"Vale": {Rows: rows, Complete: true}}, single(map[string]table.Result{"final": final}), &rules)
		must(t, err)
		if r := got[0]; r.Outcome != c.outcome || r.Next != c.next || r.Winner != "" || r.Changed {
			t.Errorf("%+v, want %s, next %q", r, c.outcome, c.next)
		}
	}
}

// sixGroups are those of 24 teams. In each the first wins all and the fourth
// loses all but to the third; the matches 3–4 and 2–3 make the difference.
var sixGroups = []struct {
	name, last, middle string
	conduct            map[string]int64
	third              [4]int64 // points, for, against, conduct
}{
	{"A", "2-0", "1-0", nil, [4]int64{3, 2, 2, 0}},
	{"B", "1-0", "1-0", nil, [4]int64{3, 1, 2, 0}},
	{"C", "3-2", "2-1", nil, [4]int64{3, 4, 5, 0}},
	{"D", "0-0", "1-0", map[string]int64{"D4": -1}, [4]int64{1, 0, 2, 0}}, // level with the fourth but for a card
	{"E", "2-0", "1-0", map[string]int64{"E3": -3}, [4]int64{3, 2, 2, -3}},
	{"F", "1-0", "1-1", map[string]int64{"F3": -1}, [4]int64{4, 2, 2, -1}}, // level with the second but for a card
}

// Six groups, of which the best four thirds go on: F3 has four points, A3 and
// E3 are split by cards, C3 has more goals than B3.
func TestTwentyFourTeams(t *testing.T) {
	rules := preset(t, "uefa-euro")
	groups, tables := map[string]table.Group{}, map[string][]table.Row{}
	for _, g := range sixGroups {
		n := func(i int) string { return g.name + fmt.Sprint(i) }
		list := results(fmt.Sprintf("%[1]s-%[2]s 1-0, %[3]s-%[4]s %[5]s, %[1]s-%[3]s 1-0, %[2]s-%[4]s 1-0, %[4]s-%[1]s 0-1, %[2]s-%[3]s %[6]s",
			n(1), n(2), n(3), n(4), g.last, g.middle))
		for i := range list[1].Teams { // the match 3–4
			list[1].Conduct[i] = g.conduct[list[1].Teams[i]]
		}
		rows, err := table.Table([]string{n(4), n(3), n(2), n(1)}, list, rules, false)
		must(t, err)
		if got, want := order(rows), fmt.Sprintf("1%s 2%s 3%s 4%s", n(1), n(2), n(3), n(4)); got != want {
			t.Errorf("group %s: %s, want %s", g.name, got, want)
		}
		if w := rows[2]; [4]int64{w.Points, w.For, w.Against, w.Conduct} != g.third {
			t.Errorf("third of %s: %+v, want %v", g.name, w, g.third)
		}
		groups[g.name], tables[g.name] = table.Group{Rows: rows, Complete: true}, rows
	}
	thirds, err := table.Across(tables, 3, rules)
	must(t, err)
	if got := order(thirds); got != "1F3 2A3 3E3 4C3 5B3 6D3" || thirds[2].By != table.Conduct {
		t.Errorf("thirds %s, E3 by %q", got, thirds[2].By)
	}
	b := table.Bracket{Ties: []table.Tie{
		knock("1", "16", "1A", "2C"), knock("2", "16", "1B", "3rd:1"), knock("3", "16", "1C", "3rd:2"), knock("4", "16", "1D", "3rd:3"),
		knock("5", "16", "1E", "3rd:4"), knock("6", "16", "1F", "2E"), knock("7", "16", "2A", "2B"), knock("8", "16", "2D", "2F"),
		knock("9", "8", "W1", "W2"),
	}}
	upset := table.Result{Teams: [2]string{"B1", "F3"}, Score: [2]int64{0, 1}, Winner: match.Away, Final: true, How: match.HowPlayed}
	got, err := table.Resolve(&b, groups, single(map[string]table.Result{"2": upset}), rules)
	must(t, err)
	for i, want := range [][2]string{{"A1", "C2"}, {"B1", "F3"}, {"C1", "A3"}, {"D1", "E3"}, {"E1", "C3"}, {"F1", "E2"}, {"A2", "B2"}, {"D2", "F2"}, {"", "F3"}} {
		if e := got[i].Entrants; e[0].Team != want[0] || e[1].Team != want[1] || e[0].Provisional || e[1].Provisional {
			t.Errorf("match %s: %+v, want %v", got[i].ID, e, want)
		}
	}
	groups["D"] = table.Group{Rows: groups["D"].Rows} // still under way: any third may yet move
	got, err = table.Resolve(&b, groups, nil, rules)
	must(t, err)
	if !got[1].Entrants[1].Provisional || got[1].Entrants[0].Provisional {
		t.Errorf("with group D open: %+v", got[1].Entrants)
	}
}
