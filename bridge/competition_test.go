package bridge_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match/matchtest"
	"touchline.dev/touchline/crdt/match/table"
)

// A World Cup from a file of results: groups and knock-out as they were.
func TestImportedWorldCup(t *testing.T) {
	file := matchtest.Data(t, "openfootball/worldcup.json/2018/worldcup.json")
	f := newFake(t)
	all := bridge.NewCompetitions(f.store)
	if _, err := all.New(context.Background(), bridge.NewCompetition{Name: "World Cup", Preset: "fifa-2018"}); err != nil {
		t.Fatal(err)
	}
	if _, err := all.Change(context.Background(), "World Cup", func(c *bridge.Competition) error {
		got, err := c.Import(file)
		if got.Matches != 64 {
			t.Errorf("%d matches", got.Matches)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	s := documented(t, bridge.New(bridge.Config{Backend: f, Competitions: all, Guests: bridge.GuestsWatch}))
	get := func(path string, into any) {
		t.Helper()
		w := do(s, "GET", "/v1/competitions/World%20Cup"+path, "")
		if err := json.Unmarshal(w.Body.Bytes(), into); err != nil || w.Code != 200 {
			t.Fatalf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	var tables bridge.TableView
	get("/table", &tables)
	if len(tables.Groups) != 8 {
		t.Fatalf("%d groups", len(tables.Groups))
	}
	first := tables.Groups[0]
	if got := fmt.Sprint([]any{first.Group, first.Complete, first.Rows[0].Team, first.Rows[0].Points}); got != "[A true Uruguay 9]" {
		t.Errorf("first group: %s", got)
	}
	// Fair play split Japan and Senegal; the file has no cards, so nothing may here.
	for _, row := range tables.Groups[7].Rows[1:3] {
		if row.Rank != 2 || !row.Tied || row.Wants != table.Conduct || !row.NoCards {
			t.Errorf("group H: %+v", row)
		}
	}
	var thirds bridge.ThirdsView
	get("/thirds", &thirds)
	var names []string
	for _, row := range thirds.Rows {
		names = append(names, fmt.Sprint(row.Rank, row.Group, row.Team, row.Points))
	}
	if got := strings.Join(names, ", "); !thirds.Complete || !thirds.Rows[0].Provisional || got != "1HSenegal4, 2BIran4, 3FSouth Korea3, 4CPeru3, 5DNigeria3, 6ESerbia3, 7GTunisia3, 8ASaudi Arabia3" {
		t.Errorf("thirds: %s", got)
	}
	var bracket bridge.BracketView
	get("/bracket", &bracket)
	final := bracket.Ties[len(bracket.Ties)-1]
	if len(bracket.Ties) != 16 || final.Winner != "France" || final.Result.Score != [2]int64{4, 2} {
		t.Errorf("%d ties, the last %+v", len(bracket.Ties), final)
	}
}

// Who may not see matches sees no competitions either.
func TestCompetitionsAreNotForStrangers(t *testing.T) {
	f := newFake(t)
	all := bridge.NewCompetitions(f.store)
	if _, err := all.New(context.Background(), bridge.NewCompetition{Name: "cup", Preset: "grassroots"}); err != nil {
		t.Fatal(err)
	}
	s := documented(t, bridge.New(bridge.Config{Backend: f, Competitions: all}))
	for _, path := range []string{"", "/cup", "/cup/table", "/cup/bracket", "/cup/pairs", "/cup/ladder"} {
		if w := do(s, "GET", "/v1/competitions"+path, ""); w.Code != 401 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	s = documented(t, bridge.New(bridge.Config{Backend: f, Competitions: all, Guests: bridge.GuestsWatch}))
	if w := do(s, "GET", "/v1/competitions/league/table", ""); w.Code != 404 {
		t.Errorf("one that is not: %d", w.Code)
	}
}

// What a file says of a match that was called off is no result; what cannot be a
// match is refused by its number, and nothing of its file is taken.
func TestImportedFilesAreHeldToSense(t *testing.T) {
	good := `{"team1":" Hares ","team2":"Adders","score":{"ft":[1,0]},"group":"A"}`
	for _, c := range []struct{ match, want string }{
		{`{"team1":"Bears","team2":" Bears"}`, "match 2 of the file is Bears against itself"},
		{`{"team1":"Bears","team2":"Cats","score":{"ft":[1,-2]}}`, "match 2 of the file has a score that cannot be"},
		{`{"team1":"Bears","team2":"Cats","score":{"ft":["one",2]}}`, "match 2 of the file cannot be read"},
		{`{"team1":7}`, "match 2 of the file cannot be read"},
		{`{"team1":"Bears","team2":"  "}`, "match 2 of the file lacks a team"},
	} {
		one := &bridge.Competition{}
		if _, err := one.Import([]byte(`{"name":"x","matches":[` + good + `,` + c.match + `]}`)); err == nil || !strings.Contains(err.Error(), c.want) || len(one.Results) > 0 {
			t.Errorf("%s: %v, want %q; %d results", c.match, err, c.want, len(one.Results))
		}
	}
	group := `{"num":9,"team1":"Hares","team2":"Adders","score":{"ft":[1,0]},"group":"A"}`
	for _, c := range []struct{ ties, want string }{
		{`{"num":1,"team1":"1A","team2":"W7"}`, `"W7"`},
		{`{"num":1,"team1":"1A","team2":"W1"}`, "refers to itself"},
		{`{"num":1,"team1":"1A","team2":"2A"},{"num":1,"team1":"1A","team2":"2A"}`, "is match 2 again"},
		{`{"num":1,"team1":"1A","team2":"2A"},{"num":1,"team1":"1B","team2":"2B"}`, "an ID of its own"},
	} {
		one := &bridge.Competition{}
		if _, err := one.Import([]byte(`{"name":"x","matches":[` + group + `,` + c.ties + `]}`)); err == nil || !strings.Contains(err.Error(), c.want) || len(one.Results) > 0 || one.Bracket != nil {
			t.Errorf("%s: %v, want %q; %+v", c.ties, err, c.want, one)
		}
	}
	one := &bridge.Competition{}
	for _, status := range []string{"", "abandoned", "", "cancelled"} {
		if _, err := one.Import([]byte(`{"name":"x","matches":[` + good + `,{"team1":"Hares","team2":"Cats","status":"` + status + `","score":{"ft":[5,0]},"group":"A"}]}`)); err != nil {
			t.Fatal(err)
		}
		counts := len(one.Results) > 1 && one.Results[1].Final
		if one.Results[0].Teams[0] != "Hares" || counts != (status == "") {
			t.Errorf("%q: %+v", status, one.Results)
		}
	}
}

// The organiser's knock-out is there before the groups, outlives files of results,
// and takes those of its ties from them.
func TestPlannedKnockOutStays(t *testing.T) {
	all := bridge.NewCompetitions(newFake(t).store)
	tie := func(slots ...table.Slot) *table.Bracket {
		return &table.Bracket{Ties: []table.Tie{{ID: "3", Round: "Final", Slots: [2]table.Slot(slots), Deciders: []string{"shared"}}}}
	}
	if _, err := all.New(context.Background(), bridge.NewCompetition{Name: "x", Preset: "grassroots", Bracket: tie("1A", "W9")}); err == nil || !strings.Contains(err.Error(), `"W9"`) {
		t.Errorf("a slot that refers to nothing: %v", err)
	}
	one, err := all.New(context.Background(), bridge.NewCompetition{Name: "cup", Preset: "grassroots", Bracket: tie("1A", "2A")})
	if err != nil {
		t.Fatal(err)
	}
	got, err := one.Import([]byte(`{"name":"x","matches":[{"team1":"Hares","team2":"Cats","score":{"ft":[5,0]},"group":"A"},
		{"team1":"1A","team2":"2A"},{"team1":"Hares","team2":"Cats","score":{"ft":[1,0]}}]}`))
	if err != nil || fmt.Sprint(got.Left) != "[2]" {
		t.Errorf("left %v, %v", got.Left, err)
	}
	if len(one.Bracket.Ties) != 1 || one.Bracket.Ties[0].Deciders[0] != "shared" || len(one.Results) != 2 || one.Results[1].Tie != "3" {
		t.Errorf("%+v %+v", one.Bracket, one.Results)
	}
}
