package bridge_test

import (
	"context"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match/table"
)

// cupFile are results from elsewhere, as openfootball writes them: Badgers and
// Herons come out level, and nobody knows their cards.
const cupFile = `{"name":"Cup","matches":[
{"num":1,"round":"Matchday 1","group":"Group A","team1":"Herons","team2":"Otters","score":{"ft":[2,1]}},
{"num":2,"round":"Matchday 2","group":"Group A","team1":"Otters","team2":"Badgers","score":{"ft":[1,2]}},
{"num":3,"round":"Matchday 3","group":"Group A","team1":"Badgers","team2":"Herons","score":{"ft":[0,0]}},
{"num":4,"round":"Final","team1":"1A","team2":"2A"}]}`

// goldenCompetitions are a cup, with the match of the vectors in a group of its
// own, a Swiss tournament after a round, and a league of children too young for tables.
func goldenCompetitions(t *testing.T, f *fixed) *bridge.Competitions {
	t.Helper()
	ctx := context.Background()
	all := bridge.NewCompetitions(f.store)
	for _, in := range []bridge.NewCompetition{
		{Name: "Cup", Preset: "fifa-2026"}, {Name: "Swiss", Preset: "grassroots"}, {Name: "Young league", Preset: "u11"},
		{Name: "Funino", Preset: "u11", Ladder: table.Ladder{{"Ants", "Bees"}, {"Crabs", "Ducks"}}},
		{Name: "Open festival", Preset: "grassroots", Ladder: table.Ladder{{"Ants", "Bees"}}},
	} {
		if _, err := all.New(ctx, in); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := all.Change(ctx, "Funino", func(c *bridge.Competition) error {
		_, err := c.Import([]byte(`{"name":"Funino","matches":[{"team1":"Ants","team2":"Bees","score":{"ft":[2,0]}},{"team1":"Ducks","team2":"Crabs","score":{"ft":[0,1]}}]}`))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := all.Change(ctx, "Cup", func(c *bridge.Competition) error {
		c.Add(bridge.Fixture{Match: fixedLog, Group: "B"})
		c.Rules.Adjust = map[string]int64{"Otters": -1}
		if _, err := c.Import([]byte(cupFile)); err != nil {
			return err
		}
		c.Bracket.Ties[0].Deciders = []string{"shared"}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := all.Change(ctx, "Swiss", func(c *bridge.Competition) error {
		_, err := c.Import([]byte(`{"name":"Swiss","matches":[{"team1":"Ants","team2":"Bees","score":{"ft":[2,0]}},{"team1":"Crabs","team2":"Ducks","score":{"ft":[0,1]}}]}`))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := all.Change(ctx, "Young league", func(c *bridge.Competition) error {
		c.Results = append(c.Results, bridge.Outcome{Result: table.Result{Match: "1", Teams: [2]string{"a", "b"}, Score: [2]int64{1, 0}, Final: true}})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return all
}

// askAboutCompetitions are the requests about them, by who records, who watches
// and a stranger.
func askAboutCompetitions() (list []golden) {
	for _, who := range []struct {
		name   string
		guests bridge.Guests
	}{{"who records", bridge.GuestsRecord}, {"who watches", bridge.GuestsWatch}, {"a stranger", bridge.GuestsNone}} {
		for _, path := range []string{"", "?limit=1", "?limit=1&after=Q3Vw", "/Cup", "/Cup/table", "/Cup/table?live=true", "/Cup/thirds", "/Swiss/thirds", "/Young%20league/thirds", "/Cup/bracket", "/Cup/pairs", "/Swiss/pairs", "/Young%20league", "/Young%20league/table", "/Young%20league/pairs", "/Cup/ladder", "/Funino/ladder", "/Open%20festival/ladder", "/none/table"} {
			path = "/v1/competitions" + path
			list = append(list, golden{Name: "for " + who.name + ": " + path, Guests: who.guests, Method: "GET", Path: path})
			if who.guests == bridge.GuestsNone {
				break // the same for all
			}
		}
	}
	return list
}
