package table_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

// A preset is a file that a user could have written, and says all that it is.
func TestPresetsAreFiles(t *testing.T) {
	for _, name := range table.PresetNames() {
		want := preset(t, name)
		if err := want.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		text, err := os.ReadFile("presets/" + name + ".json")
		must(t, err)
		var got table.Rules
		d := json.NewDecoder(bytes.NewReader(text))
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil || !got.Like(want) {
			t.Errorf("%s: %v", name, err)
		}
		other := *want
		if other.Win = 2; other.Like(want) {
			t.Errorf("%s: two points for a win are other rules", name)
		}
	}
}

// Orders of leagues and tournaments, each on the smallest season that shows what is
// special to it. The orders are worked out by hand.
func TestPresetOrders(t *testing.T) {
	// A and B are level on points; A won between them, B has the better goals.
	const once, twice = "A-B 1-0, B-C 5-0, C-A 1-0", ", B-A 0-0, C-B 0-1, A-C 1-0"
	for _, c := range []struct{ name, rules, teams, played, want string }{
		{"la liga: between the two only when both have been at home", "la-liga", "ABC", once, "1B 2A 3C"},
		{"la liga: then A, who won it", "la-liga", "ABC", once + twice, "1A 2B 3C"},
		{"serie a", "serie-a", "ABC", once + twice, "1A 2B 3C"},
		{"premier league: goals first", "premier-league", "ABC", once + twice, "1B 2A 3C"},
		{"bundesliga: goals first", "bundesliga", "ABC", once + twice, "1B 2A 3C"},
		{"bundesliga: the sum of both, then goals away between the two", "bundesliga", "ABCD", "A-B 2-1, B-A 1-0, A-C 0-0, B-D 0-0", "1B 2A 3C 3D"},
		// All level, and between them A -2, B +1, C +1; B won its matches with C, C has more goals.
		{"la liga: who is split off leaves the rest to begin again", "la-liga", "ABC", "A-B 1-0, B-A 0-0, B-C 2-0, C-B 0-0, C-A 3-0, A-C 0-0", "1B 2C 3A"},
		{"serie a: the rest goes on down the list", "serie-a", "ABC", "A-B 1-0, B-A 0-0, B-C 2-0, C-B 0-0, C-A 3-0, A-C 0-0", "1C 2B 3A"},
		{"euro: between those who are level, and again", "uefa-euro", "ABCD", "A-B 1-0, B-C 1-0, C-A 2-1, A-D 1-0, B-D 3-0, C-D 1-0", "1C 2A 3B 4D"},
		{"champions league: goals away", "uefa-champions-league", "ABCDEF", "A-C 1-0, D-B 0-1, E-C 0-0, F-D 0-0", "1B 2A 3E 3F 5C 5D"},
		{"champions league: away wins", "uefa-champions-league", "ABCD", "C-A 0-1, A-C 1-1, B-D 1-0, D-B 1-1", "1A 2B 3C 4D"},
		{"champions league: opponents", "uefa-champions-league", "ABCDE", "A-C 1-0, B-D 1-0, C-E 3-0", "1C 2A 3B 4D 5E"},
		{"copa américa: the match between the two", "copa-america", "ABC", "A-B 1-0, B-C 2-0, C-A 2-1", "1B 2A 3C"},
	} {
		if got := ranked(t, c.rules, c.teams, results(c.played)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func ranked(t *testing.T, rules, teams string, list []table.Result) string {
	t.Helper()
	rows, err := table.Table(strings.Split(teams, ""), list, preset(t, rules), false)
	must(t, err)
	return order(rows)
}

// What cards cost is the competition's to say.
func TestConductByRules(t *testing.T) {
	red, yellows := match.Cards{Red: 1}, match.Cards{Yellow: 1}
	state := &match.State{}
	state.Teams[0].Team.ID, state.Teams[1].Team.ID = "A", "B"
	state.Result.Final = true
	add := func(side int, all ...match.Cards) {
		for _, c := range all {
			state.Teams[side].Players = append(state.Teams[side].Players, match.Player{Cards: c})
			sum := &state.Teams[side].Stats.Cards
			sum.Yellow, sum.SecondYellow, sum.Red = sum.Yellow+c.Yellow, sum.SecondYellow+c.SecondYellow, sum.Red+c.Red
		}
	}
	add(0, red)                                                            // one red card
	add(1, yellows, yellows, yellows, match.Cards{Yellow: 1, Red: 1}, red) // five people
	state.Teams[1].Stats.Cards.Yellow++                                    // and one whom nobody named
	for rules, want := range map[string]string{"fifa-2018": "[-4 -13]", "uefa-euro": "[-3 -11]", "copa-america": "[-4 -13]"} {
		r := table.ResultOf("m", state, preset(t, rules))
		if got := fmt.Sprint(r.Conduct); got != want || r.Reds != [2]int64{1, 2} || r.Yellows != [2]int64{0, 5} {
			t.Errorf("%s: %s, want %s; %v %v", rules, got, want, r.Reds, r.Yellows)
		}
	}
	cards := func(a, b [2]int64) string {
		list := results("A-B 0-0")
		list[0].Reds, list[0].Yellows = [2]int64{a[0], b[0]}, [2]int64{a[1], b[1]}
		return ranked(t, "copa-america", "AB", list)
	}
	if got := cards([2]int64{1, 0}, [2]int64{0, 9}); got != "1B 2A" {
		t.Errorf("one red card is worse than nine yellow ones: %s", got)
	}
	if got := cards([2]int64{1, 3}, [2]int64{1, 2}); got != "1B 2A" {
		t.Errorf("as many red cards: %s", got)
	}
}

// A forfeit gives the goals of the rules; a better score stays if the rules say so.
func TestForfeitGoals(t *testing.T) {
	for _, c := range []struct {
		keeps  bool
		played [2]int64
		final  bool
		want   [2]int64
	}{
		{false, [2]int64{0, 5}, true, [2]int64{0, 3}}, {true, [2]int64{0, 5}, true, [2]int64{0, 5}},
		{true, [2]int64{5, 3}, true, [2]int64{0, 3}}, {true, [2]int64{0, 2}, true, [2]int64{0, 3}}, {true, [2]int64{0, 0}, false, [2]int64{0, 3}},
	} {
		rules := preset(t, "grassroots")
		rules.ForfeitKeepsBetter = c.keeps
		r := table.Result{Teams: [2]string{"A", "B"}, Score: c.played, Final: c.final, Kicks: &[2]int64{1, 0}}
		if r.Award(match.Away, rules); r.Score != c.want || r.Winner != match.Away || !r.Final || r.Kicks != nil {
			t.Errorf("%+v: %+v", c, r)
		}
	}
}

// Legs are added up; then goals away, if they count, and kicks.
func TestLegs(t *testing.T) {
	for _, c := range []struct {
		name, played string
		away         bool
		kicks        *[2]int64 // of the second leg
		want         string
	}{
		{"the sum", "A-B 1-0, B-A 2-0", false, nil, "won B 1-2"},
		{"one leg of two", "A-B 3-0", false, nil, "open  3-0"},
		{"the second is under way", "A-B 3-0, B-A 1-0*", false, nil, "open  3-1"},
		{"level", "A-B 1-0, B-A 2-1", false, nil, "level  2-2"},
		{"goals away", "A-B 1-0, B-A 2-1", true, nil, "won A 2-2"},
		{"level there, too", "A-B 2-1, B-A 2-1", true, nil, "level  3-3"},
		{"kicks, of which B is first", "A-B 1-0, B-A 2-1", false, &[2]int64{3, 4}, "won A 2-2"},
	} {
		list := results(c.played)
		if c.kicks != nil {
			list[1].Kicks, list[1].How = c.kicks, match.HowShootout
		}
		b := &table.Bracket{Ties: []table.Tie{{ID: "1", Slots: [2]table.Slot{"team:A", "team:B"}, Legs: 2, AwayGoals: c.away}}}
		must(t, b.Validate())
		got, err := table.Resolve(b, nil, map[string][]table.Result{"1": list}, preset(t, "grassroots"))
		must(t, err)
		if s := fmt.Sprintf("%s %s %d-%d", got[0].Outcome, got[0].Winner, got[0].Result.Score[0], got[0].Result.Score[1]); s != c.want || len(got[0].Played) != len(list) {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
}

// Every combination of thirds fills every tie, as the rounds of 16 of 2016, 2020 and 2024
// were played.
func TestThirdsByRules(t *testing.T) {
	played := map[string]string{"uefa-euro CDEF": "FEDC", "uefa-euro ACDF": "FDCA", "uefa-euro-2016 BCEF": "ECBF"}
	for _, name := range []string{"uefa-euro", "uefa-euro-2016"} {
		rules := preset(t, name)
		b := &table.Bracket{}
		for i, slot := range rules.Thirds.Slots {
			b.Ties = append(b.Ties, table.Tie{ID: fmt.Sprint(i), Slots: [2]table.Slot{slot, "3A/B/C/D/E/F"}})
		}
		if len(rules.Thirds.Rows) != 15 {
			t.Errorf("%s: %d rows", name, len(rules.Thirds.Rows))
		}
		for groups, row := range rules.Thirds.Rows {
			if want := played[name+" "+groups]; want != "" && want != row {
				t.Errorf("%s %s: %s, and it was %s", name, groups, row, want)
			}
			tables := map[string]table.Group{}
			for _, g := range "ABCDEF" {
				third := table.Row{Rank: 3, Team: string(g), Points: 1}
				if strings.ContainsRune(groups, g) {
					third.Points = 3
				}
				tables[string(g)] = table.Group{Complete: true, Rows: []table.Row{{}, {}, third}}
			}
			got, err := table.Resolve(b, tables, nil, rules)
			must(t, err)
			for i, tie := range got {
				if e := tie.Entrants[1]; e.Team != row[i:i+1] || e.Provisional != (groups[3] == 0) {
					t.Errorf("%s %s: %+v, want %s", name, groups, e, row)
				}
			}
		}
	}
	rules := preset(t, "uefa-euro")
	for groups, row := range map[string]string{"ABCD": "ABCE", "ABC": "ABC", "ABCC": "ABCC", "AB/C/D/EE": "AB/C/D/E"} {
		own := *rules
		own.Thirds = &table.Allotment{Slots: rules.Thirds.Slots, Rows: map[string]string{groups: row}}
		if err := own.Validate(); !errors.Is(err, table.ErrRules) {
			t.Errorf("%s: %s: %v", groups, row, err)
		}
	}
}

// What fixture lists write in place of a team.
func TestReadSlot(t *testing.T) {
	for text, want := range map[string]table.Slot{
		"1A": "1A", "11": "1:1", "W49": "W49", "L61": "L61", "Winner Match 49": "W49", "Loser of match 61": "L61", "winner game 7": "W7",
		"Winner Group A": "1A", "Runner-up Group B": "2B", "Group C Winners": "1C", "Group D 2nd": "2D", "1st Group 4": "1:4",
		"3A/D/E/F": "3A/D/E/F", "3rd Group A/B/C": "3A/B/C", "Best third A/B/C/D": "3A/B/C/D", "3rd:2": "3rd:2",
		"Wolves": "team:Wolves", "Leeds": "team:Leeds", "1860 München": "team:1860 München", "bye": "team:bye", "1. FC Köln": "team:1. FC Köln",
		"Winner": "team:Winner", "Liverpool FC": "team:Liverpool FC", "3. Liga": "team:3. Liga",
	} {
		if got := table.ReadSlot(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	names := table.PresetNames()
	if !slices.IsSorted(names) || len(names) < 10 {
		t.Errorf("%v", names)
	}
}
