package bridge_test

import (
	"context"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
)

// A table has what happened since it was last asked for, of matches that are not folded
// any more, too.
func TestTableHasWhatIsNew(t *testing.T) {
	f := newFake(t)
	all := bridge.NewCompetitions(f.store)
	if _, err := all.New(context.Background(), bridge.NewCompetition{Name: "cup", Preset: "grassroots"}); err != nil {
		t.Fatal(err)
	}
	if _, err := all.Change(context.Background(), "cup", func(c *bridge.Competition) error {
		c.Add(bridge.Fixture{Match: f.log.ID()})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s := documented(t, bridge.New(bridge.Config{Backend: f, Competitions: all, Guests: bridge.GuestsRecord}))
	post := func(body string) {
		t.Helper()
		if w := do(s, "POST", "/v1/events", strings.Replace(body, "{", `{"matchId":"`+f.log.ID().String()+`",`, 1)); w.Code != 201 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	post(`{"id":"s","type":"match.setup","data":{"teams":{"home":{"id":"Hares"},"away":{"id":"Adders"}}}}`)
	for _, c := range []struct{ event, want string }{
		{`{"id":"1","type":"goal","teamId":"Hares","period":1,"clockMs":60000}`, `"team":"Hares","played":1,"won":1`},
		{`{"id":"2","type":"goal","teamId":"Adders","period":1,"clockMs":360000}`, `"team":"Adders","played":1,"won":0,"drawn":1`},
		{`{"id":"3","type":"goal","teamId":"Adders","period":1,"clockMs":660000}`, `"team":"Adders","played":1,"won":1`},
	} {
		post(c.event)
		for range 2 { // once folded, once kept
			if w := do(s, "GET", "/v1/competitions/cup/table?live=true", ""); !strings.Contains(w.Body.String(), c.want) {
				t.Errorf("after %s: %s", c.event, w.Body)
			}
		}
	}
}
