package bridge_test

import (
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
)

// Nothing that is served to those who may not see a result tells of extra time or a
// shoot-out: not the views, not lists of events, and not the end that came after them.
func TestOvertimeIsNotServed(t *testing.T) {
	f := newFake(t)
	own := crdt.NewChain()
	tell := func(id, kind, team string, period uint32, ms int64, data string) {
		own.Advance(f.write(t, f.member.Key(), f.member.Grant, own, crdt.Content{ID: id, Type: kind, Team: team, Period: period, ClockMs: &ms, Data: []byte(data)}))
	}
	own.Advance(f.write(t, f.member.Key(), f.member.Grant, own, crdt.Content{ID: "s", Type: "match.setup", Data: []byte(`{"age_band":"U10","teams":{"home":{"id":"badgers"},"away":{"id":"otters"}}}`)}))
	tell("a", "period.start", "", 1, 0, `{}`)
	tell("b", "period.end", "", 2, 1_500_000, `{}`)
	tell("c", "period.start", "", 3, 0, `{}`)
	tell("d", "substitution", "badgers", 3, 77_777, `{"out":"7","in":"8"}`)
	tell("e", "shootout.kick", "badgers", 90, 0, `{"scored":true}`)
	tell("f", "match.end", "", 90, 77_777, `{}`)
	s := bridge.New(bridge.Config{Backend: f, Guests: bridge.GuestsWatch})
	id := f.member.Log.String()
	for _, path := range []string{"/state", "/timeline", "/stats", "/why", "/events", "/../../teams/badgers/events"} {
		path = strings.Replace("/v1/matches/"+id+path, "/matches/"+id+"/../..", "", 1)
		w := do(s, "GET", path, "")
		body := w.Body.String()
		if w.Code != 200 || strings.Contains(path, "events") && !strings.Contains(body, `"match.end"`) {
			t.Errorf("%s: %d %s", path, w.Code, body)
		}
		for _, word := range []string{`"period":3`, `"period":90`, "77777", "shootout.kick", `"shootout"`, "shoot-out"} {
			if strings.Contains(strings.ReplaceAll(body, " ", ""), word) {
				t.Errorf("%s tells %s: %s", path, word, body)
			}
		}
	}
}
