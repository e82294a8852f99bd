package match_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// What a competition says yields to what the match says itself, whichever came first;
// of all that it said the last stands, as a whole.
func TestMatchInherits(t *testing.T) {
	down := func(fields string) string { return `{"inherited":true,"competition":"Cup",` + fields + `}` }
	cases := []struct {
		name    string
		said    [][2]string // who, what
		periods int64
		results string
		group   string
	}{
		{"nothing else is said", [][2]string{{"organiser", down(`"age_band":"U9","periods":4`)}}, 4, "team_only", ""},
		{"the match says otherwise, before", [][2]string{{"organiser", `{"periods":3}`}, {"organiser", down(`"periods":4,"results":"public"`)}}, 3, "public", ""},
		{"the match says otherwise, after", [][2]string{{"organiser", down(`"periods":4`)}, {"organiser", `{"periods":3,"group":"A"}`}}, 3, "public", "A"},
		{"a later word replaces the earlier one", [][2]string{{"organiser", down(`"age_band":"U9","periods":4`)}, {"organiser", down(`"results":"team_only"`)}}, 2, "team_only", ""},
		{"a scorer's own word is weaker than an organiser's competition", [][2]string{{"organiser", down(`"periods":4`)}, {"ann", `{"periods":3}`}}, 4, "public", ""},
		{"a scorer's competition replaces no organiser's", [][2]string{{"organiser", down(`"results":"team_only","periods":4`)}, {"ann", down(`"results":"public"`)}}, 4, "team_only", ""},
		{"not said in truth", [][2]string{{"organiser", `{"periods":3}`}, {"organiser", `{"inherited":1,"periods":4}`}}, 4, "public", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var s scene
			for _, said := range c.said {
				s.say(said[0], "match.setup", said[1])
			}
			got := s.fold().Setup
			if got.Periods != c.periods || got.Results != c.results || got.Group != c.group {
				t.Errorf("%d periods, results %s, group %q", got.Periods, got.Results, got.Group)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	for text, good := range map[string]bool{
		`{"age_band":"U9","results":"team_only","names":"first","no_heading":true,"daily_cap_ms":3600000}`: true,
		`{"subs":"rolling","power_play":[4,6],"trophy":false,"periods":4,"period_ms":600000}`:              true,
		`{"subs":5}`:              true,
		`{"age_band":9}`:          true,
		`{"age_band":"Uxx"}`:      false,
		`{"age_band":"U99"}`:      false,
		`{"results":"everyone"}`:  false,
		`{"names":null}`:          false,
		`{"periods":0}`:           false,
		`{"no_heading":"yes"}`:    false,
		`{"power_play":[4,"x"]}`:  false,
		`{"teams":{"home":"A"}}`:  false,
		`{"group":"A"}`:           false,
		`{"daily_cap_ms":-1}`:     false,
		`{"min_share_pct":101}`:   false,
		`{"subs":"sometimes"}`:    false,
		`{"players_per_side":12}`: false,
	} {
		var s match.Settings
		must(t, json.Unmarshal([]byte(text), &s))
		if err := s.Validate(); (err == nil) != good || err != nil && !errors.Is(err, match.ErrSetting) {
			t.Errorf("%s: %v", text, err)
		}
	}
	var s match.Settings
	must(t, json.Unmarshal([]byte(`{"age_band":"U9"}`), &s))
	data, err := s.Payload("Cup")
	must(t, err)
	if string(data) != `{"age_band":"U9","competition":"Cup","inherited":true}` {
		t.Errorf("%s", data)
	}
	if set := s.Setup(); set.Tables() || set.PlayersPerSide != 5 {
		t.Errorf("%+v", set)
	}
}

// A value that cannot be is refused with those that can, in a match's own setup and in an
// amendment of it; what is no setting is not looked at, and null clears.
func TestCheckSettings(t *testing.T) {
	for _, c := range []struct{ kind, data, want string }{
		{"match.setup", `{"age_band":"U99","teams":1}`, `age_band cannot be "U99"; it is an age up to U23, written as U9,`},
		{"amend", `{"set":{"results":"secret"}}`, `results cannot be "secret"; it is team_only or public`},
		{"match.setup", `{"names":"all"}`, `names cannot be "all"; it is number or first or full`},
		{"match.setup", `{"periods":0}`, "periods cannot be 0; it is a whole number from 1 to 45"},
		{"match.setup", `{"period_ms":"long"}`, `period_ms cannot be "long"; it is a whole number from 1 to 86400000 (milliseconds)`},
		{"match.setup", `{"trophy":"yes"}`, `trophy cannot be "yes"; it is true or false`},
		{"match.setup", `{"power_play":5}`, "power_play cannot be 5; it is a list of at most 8 deficits"},
		{"match.setup", `{"subs":-3}`, "subs cannot be -3; it is rolling, or a whole number"},
		{"match.setup", `{"names":"` + strings.Repeat("x", 5000) + `"}`, "x…; it is number"},
		{"match.setup", `{"age_band":null,"teams":{"home":"A"},"group":7,"shape":"4-4-2"}`, ""},
		{"amend", `{"set":{"player":"p1"},"results":"secret"}`, ""},
		{"goal", `{"names":"all"}`, ""},
		{"match.setup", ``, ""},
		{"match.setup", `[1]`, ""},
	} {
		err := match.CheckSettings(c.kind, []byte(c.data))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %.60s: %v", c.kind, c.data, err)
		}
	}
}
