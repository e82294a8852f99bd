package bridge_test

import (
	"context"
	"encoding/json"
	"fmt"
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
		n, err := c.Import(file)
		if n != 64 {
			t.Errorf("%d matches", n)
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
