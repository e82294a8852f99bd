package table_test

import (
	"testing"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

// Where cards are not known, fair play decides nothing, nor does what follows it
// in the list: the teams stay level and the row says what is wanted. Lots that
// were drawn are a ruling and do decide.
func TestConductNotKnown(t *testing.T) {
	for _, c := range []struct {
		name, rules string
		noCards     int // the match whose cards are not known; -1: none
		lots        []string
		want        string
		wants, by   table.Criterion
	}{
		{"known", "fifa-2018", -1, nil, "1A 2B 3C", "", table.Conduct},
		{"one match is not", "fifa-2018", 0, nil, "1A 1B 3C", table.Conduct, ""},
		{"a match of others is not", "fifa-2018", 3, nil, "1A 2B 3C", "", table.Conduct},
		{"a ranking does not stand in for it", "fifa-2026", 0, nil, "1A 1B 3C", table.Conduct, ""},
		{"lots drawn", "fifa-2018", 0, []string{"B", "A"}, "1B 2A 3C", "", table.Lots},
		{"lots drawn for one only", "fifa-2018", 0, []string{"B"}, "1A 1B 3C", table.Conduct, ""},
		{"no lots in the rules", "fifa-2026", 0, []string{"B", "A"}, "1A 1B 3C", table.Conduct, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			rules := preset(t, c.rules)
			rules.Lots, rules.Ranking = c.lots, []string{"B", "A"}
			// A and B drew with each other and beat C alike; B was booked once.
			list := append(results("A-B 1-1, A-C 2-0, C-B 0-2"), results("D-E 0-0")...)
			list[2].Conduct[1] = -1
			if c.noCards >= 0 {
				list[c.noCards].NoCards = true
			}
			rows, err := table.Table([]string{"A", "B", "C"}, list, rules, false)
			must(t, err)
			if got := order(rows); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			for i, w := range rows[:2] {
				if w.Wants != c.wants || w.Tied != (c.wants != "") || i == 1 && w.By != c.by {
					t.Errorf("row %+v: wants %q, by %q", w, c.wants, c.by)
				}
			}
		})
	}
}

// Who went on of two level teams is seen from who played. That amends nothing;
// had the table settled the place, it would.
func TestLevelTeamsGoOn(t *testing.T) {
	rules := preset(t, "fifa-2026")
	b := table.Bracket{Ties: []table.Tie{{ID: "1", Slots: [2]table.Slot{"1A", "team:x"}}}}
	played := map[string]table.Result{"1": {Teams: [2]string{"B", "x"}, Score: [2]int64{1, 0}, Winner: match.Home, Final: true}}
	for _, noCards := range []bool{true, false} {
		list := results("A-B 1-1, A-C 2-0, C-B 0-2")
		list[0].NoCards, list[2].Conduct[1] = noCards, -1 // B was booked
		rows, err := table.Table([]string{"A", "B", "C"}, list, rules, false)
		must(t, err)
		got, err := table.Resolve(&b, map[string]table.Group{"A": {Rows: rows, Complete: true}}, single(played), rules)
		must(t, err)
		if r := got[0]; r.Winner != "B" || r.Changed == noCards {
			t.Errorf("cards unknown %v: %+v", noCards, r)
		}
	}
}
