package table_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/matchtest"
	"touchline.dev/touchline/crdt/match/table"
)

func event(kind, team, data string) match.Event {
	return matchtest.Event("organiser", match.Organiser, kind, team, 0, 0, data, len(kind))
}

// results reads "A-B 2-1, C-A 0-0*": a star means it is under way.
func results(text string) (out []table.Result) {
	for i, m := range strings.Split(text, ", ") {
		var r table.Result
		pair, score, _ := strings.Cut(m, " ")
		r.Teams[0], r.Teams[1], _ = strings.Cut(pair, "-")
		score, r.Live = strings.CutSuffix(score, "*")
		if _, err := fmt.Sscanf(score, "%d-%d", &r.Score[0], &r.Score[1]); err != nil {
			panic(m)
		}
		r.Match, r.Final = fmt.Sprint(i), !r.Live
		switch {
		case r.Score[0] > r.Score[1]:
			r.Winner = match.Home
		case r.Score[1] > r.Score[0]:
			r.Winner = match.Away
		}
		out = append(out, r)
	}
	return out
}

func order(rows []table.Row) string {
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%d%s ", r.Rank, r.Team)
	}
	return strings.TrimSpace(b.String())
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		name, rules, teams, played, want string
		change                           func(*table.Rules)
	}{
		{"points", "fifa-2018", "ABC", "A-B 0-1, B-C 0-0", "1B 2C 3A", nil},
		{"no matches: all level, by name", "fifa-2018", "CBA", "X-Y 1-0", "1A 1B 1C", nil},
		{"goals", "fifa-2018", "ABC", "A-C 1-0, B-C 2-1", "1B 2A 3C", nil},
		{"stays tied", "fifa-2018", "ABC", "A-C 1-0, B-C 1-0", "1A 1B 3C", nil},
		{"until lots are drawn", "fifa-2018", "ABC", "A-C 1-0, B-C 1-0", "1B 2A 3C", func(r *table.Rules) { r.Lots = []string{"B", "A"} }},
		{"points taken", "fifa-2018", "AB", "A-B 1-0", "1B 2A", func(r *table.Rules) { r.Adjust = map[string]int64{"A": -4} }},
		{"two points a win", "fifa-2018", "ABC", "A-B 1-0, B-C 0-0, C-A 1-1, B-A 0-0, C-B 0-0", "1A 2C 3B", func(r *table.Rules) { r.Win = 2 }},
		{"head-to-head before goal difference", "fifa-2026", "ABC", "A-B 1-0, B-C 9-0, C-A 1-0", "1B 2A 3C", nil},
		{"h2h of two", "la-liga", "ABC", "A-B 1-0, B-C 5-0, A-C 0-1, C-B 0-5, B-A 0-0", "1B 2A 3C", nil},
		// A, B, C level on points among themselves; C falls out by goal difference, then A and B begin again.
		{"reapplied", "uefa-euro", "ABCD", "A-B 0-1, B-C 0-2, C-A 0-2, A-D 1-0, B-D 1-0, C-D 5-0", "1A 2C 3B 4D", nil},
		{"goals before difference", "grassroots", "ABC", "A-C 4-3, B-C 2-0", "1A 2B 3C", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := preset(t, c.rules)
			if c.change != nil {
				c.change(rules)
			}
			rows, err := table.Table(strings.Split(c.teams, ""), results(c.played), rules, false)
			must(t, err)
			if got := order(rows); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

// Begun again for the teams still level, head-to-head asks who won between
// them; carried on, it goes to what follows in the list.
func TestReapply(t *testing.T) {
	// 3 points each; goals A 3, C 3, B 2: A and C are still level, and C beat A.
	played := results("A-B 1-0, B-C 2-0, C-A 3-2")
	for reapply, want := range map[bool]string{false: "1A 2C 3B", true: "1C 2A 3B"} {
		rules := table.Rules{
			Win: 3, Draw: 1, Reapply: reapply, Lots: []string{"A"},
			Criteria: []table.Criterion{table.H2HPoints, table.H2HGoals, table.Lots},
		}
		rows, err := table.Table([]string{"A", "B", "C"}, played, &rules, false)
		must(t, err)
		if got := order(rows); got != want {
			t.Errorf("reapply %v: %s, want %s", reapply, got, want)
		}
	}
}

func TestProvisional(t *testing.T) {
	played := results("A-B 1-0, B-C 2-0*")
	rules := preset(t, "fifa-2018")
	final, err := table.Table([]string{"A", "B", "C"}, played, rules, false)
	must(t, err)
	live, err := table.Table([]string{"A", "B", "C"}, played, rules, true)
	must(t, err)
	if order(final) != "1A 2C 3B" || order(live) != "1B 2A 3C" {
		t.Errorf("final %s, live %s", order(final), order(live))
	}
	if !live[0].Provisional || live[1].Provisional || final[0].Provisional {
		t.Errorf("%+v", live)
	}
}

func TestNoTable(t *testing.T) {
	young := match.Fold([]match.Event{event("match.setup", "", `{"age_band":"U10","teams":{"home":"A","away":"B"}}`)})
	cup := match.Fold([]match.Event{event("match.setup", "", `{"age_band":"U10","trophy":true,"teams":{"home":"A","away":"B"}}`)})
	s := table.NewSeason(*preset(t, "fifa-2018"))
	s.Set("1", cup)
	if rows, err := s.Table(false); err != nil || len(rows) != 2 {
		t.Errorf("a trophy: %v %v", rows, err)
	}
	s.Set("2", young)
	if _, err := s.Table(false); !errors.Is(err, table.ErrNoTable) {
		t.Errorf("U10: %v", err)
	}
	if _, err := table.Table(nil, nil, preset(t, "u11"), false); !errors.Is(err, table.ErrNoTable) {
		t.Errorf("preset: %v", err)
	}
	if _, err := table.Preset("no"); !errors.Is(err, table.ErrPreset) {
		t.Error(err)
	}
	if _, err := table.Table(nil, nil, &table.Rules{Criteria: []table.Criterion{"luck"}}, false); !errors.Is(err, table.ErrCriterion) {
		t.Error(err)
	}
}

func TestRulesThatCannotBe(t *testing.T) {
	for _, bad := range []table.Rules{{}, {Draw: 1, NoTable: true}, {Win: 1, Loss: 2, NoTable: true}, {Win: 1000, NoTable: true}, {ForfeitGoals: -1, NoTable: true}, {Criteria: []table.Criterion{table.Goals, table.Goals}}} {
		if err := bad.Validate(); !errors.Is(err, table.ErrRules) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	asOf := strings.NewReplacer("fifa-2022", "fifa-2018") // two names of the same rules
	for _, name := range table.PresetNames() {
		must(t, preset(t, name).Validate())
		for _, other := range table.PresetNames() {
			if preset(t, name).Like(preset(t, other)) != (asOf.Replace(name) == asOf.Replace(other)) {
				t.Errorf("%s is like %s", name, other)
			}
		}
	}
	ruled := preset(t, "premier-league")
	ruled.Lots, ruled.Criteria, ruled.Adjust = []string{"a", "b"}, append(ruled.Criteria, table.Lots), map[string]int64{"a": -3}
	if !ruled.Like(preset(t, "premier-league")) {
		t.Error("rulings change the rules")
	}
}

func TestResultOf(t *testing.T) {
	rules := preset(t, "fifa-2018")
	setup := event("match.setup", "", `{"teams":{"home":"A","away":"B"}}`)
	forfeit := event("match.end", "home", `{"status":"forfeit"}`)
	r := table.ResultOf("1", match.Fold([]match.Event{setup, forfeit}), rules)
	if r.Score != [2]int64{0, 3} || r.Winner != match.Away || !r.Final {
		t.Errorf("%+v", r)
	}
	rows, err := table.Table([]string{"A", "B"}, []table.Result{r}, rules, false)
	must(t, err)
	if order(rows) != "1B 2A" {
		t.Error(order(rows))
	}
	if r := table.ResultOf("1", match.Fold([]match.Event{setup}), rules); r.Live || r.Final {
		t.Errorf("not begun: %+v", r)
	}
}

func TestAcross(t *testing.T) {
	rules := preset(t, "uefa-euro")
	groups := map[string][]table.Row{}
	for name, played := range map[string]string{"A": "a-b 1-0, a-c 1-0, b-c 1-0", "B": "d-e 1-0, d-f 1-0, e-f 2-1", "C": "g-h 0-0, g-i 0-0, h-i 0-0"} {
		list := results(played)
		rows, err := table.Table(teamsOf(list), list, rules, false)
		must(t, err)
		groups[name] = rows
	}
	rows, err := table.Across(groups, 3, rules)
	must(t, err)
	if got := order(rows); got != "1i 2f 3c" || rows[0].Group != "C" {
		t.Error(got)
	}
	if !rows[0].Provisional || rows[1].Provisional || rows[2].Provisional {
		t.Error("who is third is open in group C, and in no other")
	}
}

func TestBracket(t *testing.T) {
	rules := preset(t, "fifa-2018")
	list := results("a-b 1-0, a-c 1-0, b-c 1-0")
	rows, err := table.Table([]string{"a", "b", "c"}, list, rules, false)
	must(t, err)
	groups := map[string]table.Group{"A": {Rows: rows, Complete: true}, "B": {Rows: []table.Row{{Team: "x"}, {Team: "y"}}}}
	b := table.Bracket{Ties: []table.Tie{
		{ID: "1", Slots: [2]table.Slot{"1A", "2B"}, Deciders: []string{"extra_time", "shootout", "ruling"}},
		{ID: "2", Slots: [2]table.Slot{"2A", "bye"}},
		{ID: "3", Slots: [2]table.Slot{"W1", "W2"}, Deciders: []string{"shared"}},
		{ID: "4", Slots: [2]table.Slot{"L1", "3rd:1"}},
	}}
	won := table.Result{Teams: [2]string{"a", "y"}, Score: [2]int64{1, 0}, Winner: match.Home, Final: true, How: match.HowPlayed}
	level := table.Result{Teams: [2]string{"a", "y"}, Score: [2]int64{1, 1}, Final: true, How: match.HowExtraTime}
	shared := table.Result{Teams: [2]string{"a", "b"}, Final: true, How: match.HowShared}
	stale := table.Result{Teams: [2]string{"z", "b"}, Score: [2]int64{2, 0}, Winner: match.Home, Final: true}
	for _, c := range []struct {
		name    string
		played  map[string]table.Result
		tie     int
		outcome string
		teams   [2]string
		winner  string
		check   func(table.Resolved) bool
	}{
		{"open, second of a group that goes on", nil, 0, table.OutcomeOpen, [2]string{"a", "y"}, "", func(r table.Resolved) bool {
			return !r.Entrants[0].Provisional && r.Entrants[1].Provisional
		}},
		{"bye", nil, 1, table.OutcomeBye, [2]string{"b", ""}, "b", nil},
		{"not known yet", nil, 2, table.OutcomeOpen, [2]string{"", "b"}, "", nil},
		{"won", map[string]table.Result{"1": won}, 2, table.OutcomeOpen, [2]string{"a", "b"}, "", nil},
		{"loser", map[string]table.Result{"1": won}, 3, table.OutcomeOpen, [2]string{"y", "c"}, "", nil},
		{"level after extra time", map[string]table.Result{"1": level}, 0, table.OutcomeLevel, [2]string{"a", "y"}, "", func(r table.Resolved) bool { return r.Next == "shootout" }},
		{"shared", map[string]table.Result{"1": won, "3": shared}, 2, table.OutcomeShared, [2]string{"a", "b"}, "", nil},
		{"a source changed after it was played", map[string]table.Result{"1": won, "3": stale}, 2, table.OutcomeWon, [2]string{"z", "b"}, "z", func(r table.Resolved) bool { return r.Changed }},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := table.Resolve(&b, groups, single(c.played), rules)
			must(t, err)
			r := got[c.tie]
			teams := [2]string{r.Entrants[0].Team, r.Entrants[1].Team}
			if r.Outcome != c.outcome || teams != c.teams || r.Winner != c.winner || c.check != nil && !c.check(r) {
				t.Errorf("%+v", r)
			}
		})
	}
	for _, bad := range []table.Slot{"W9", "Z1", "W5", "", "3rd:x", "0A", "1", "team:"} {
		b := table.Bracket{Ties: []table.Tie{{ID: "5", Slots: [2]table.Slot{"1A", bad}}}}
		if _, err := table.Resolve(&b, groups, nil, rules); !errors.Is(err, table.ErrBracket) {
			t.Errorf("slot %q: %v", bad, err)
		} else if !strings.Contains(err.Error(), fmt.Sprintf("%q", bad)) {
			t.Errorf("slot %q is not named: %v", bad, err)
		}
	}
}

// A knock-out is there before anybody has played; what can never be is not.
func TestBracketBeforeTheGroups(t *testing.T) {
	tie := func(id string, slots ...table.Slot) table.Tie { return table.Tie{ID: id, Slots: [2]table.Slot(slots)} }
	decided := func(by ...string) table.Tie {
		return table.Tie{ID: "1", Slots: [2]table.Slot{"1A", "2A"}, Deciders: by}
	}
	for _, by := range [][]string{nil, {"shared"}, {"extra_time", "shootout"}, {"extra_time", "shootout", "ruling"}, {"shootout"}, {"extra_time", "replay"}} {
		must(t, (&table.Bracket{Ties: []table.Tie{decided(by...)}}).Validate())
	}
	early := table.Bracket{Ties: []table.Tie{tie("1", "1A", "3rd:1"), tie("2", "W1", "team:Hares")}}
	must(t, early.Validate())
	got, err := table.Resolve(&early, nil, nil, preset(t, "fifa-2018"))
	must(t, err)
	if e := got[0].Entrants; e[0].Team != "" || !e[0].Provisional || got[0].Outcome != table.OutcomeOpen {
		t.Errorf("%+v", got[0])
	}
	for name, ties := range map[string][]table.Tie{
		"an unknown decider": {decided("coin")}, "shoot-out first": {decided("shootout", "extra_time")}, "shared and replay": {decided("shared", "replay")},
		"none": nil, "circle": {tie("1", "1A", "W2"), tie("2", "L1", "2A")}, "one ID twice": {tie("1", "1A", "2A"), tie("1", "1B", "2B")}, "no ID": {tie("", "1A", "2A")},
	} {
		if err := (&table.Bracket{Ties: ties}).Validate(); !errors.Is(err, table.ErrBracket) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLadder(t *testing.T) {
	l := table.Ladder{{"a", "b"}, {"c", "d"}, {"e", "f"}}
	next := l.Next([]match.Side{match.Away, match.Home, match.NoSide})
	if want := (table.Ladder{{"b", "c"}, {"a", "e"}, {"d", "f"}}); !reflect.DeepEqual(next, want) {
		t.Errorf("%v, want %v", next, want)
	}
	if one := (table.Ladder{{"a", "b"}}).Next([]match.Side{match.Home}); one[0] != [2]string{"a", "b"} {
		t.Error(one)
	}
}

// Lots decide who goes on, and no points of a match that was drawn; a ruling on one
// that stood otherwise is what counts.
func TestRuling(t *testing.T) {
	for score, want := range map[string]string{"A-B 1-0": "1B 2A", "A-B 1-1": "1A 1B"} {
		played := results(score)
		played[0].Winner, played[0].How = match.Away, match.HowLots
		rows, err := table.Table([]string{"A", "B"}, played, preset(t, "fifa-2018"), false)
		must(t, err)
		if got := order(rows); got != want {
			t.Errorf("%s, for B by ruling: %s, want %s", score, got, want)
		}
	}
}

// single is the results of ties of one match each.
func single(by map[string]table.Result) map[string][]table.Result {
	out := map[string][]table.Result{}
	for tie, r := range by {
		out[tie] = []table.Result{r}
	}
	return out
}
