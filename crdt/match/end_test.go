package match_test

import (
	"errors"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// An end that does not say what came of the match ends it all the same, and is
// flagged until somebody says.
func TestEndWithoutResult(t *testing.T) {
	for data, flag := range map[string]string{
		`{"status":"forfeit"}`: match.FlagNoTeam, `{"status":"finished"}`: match.FlagField, `{"status":"Completed"}`: match.FlagField,
	} {
		var s scene
		s.goal("ann", "home", 100, "")
		end := s.say("ann", "match.end", data)
		got := s.fold()
		if e := entryOf(t, got, end.Hash); !flagged(e, flag) || !e.Counts || got.Phase != "ended" || got.Result.Final {
			t.Errorf("%s: flags %v, %s, %+v", data, e.Flags, got.Phase, got.Result)
		}
		if why := match.Explain(got).Other; len(why) != 1 || !strings.Contains(why[0].Text, flag) {
			t.Errorf("%s: why says %+v", data, why)
		}
		s.say("ann", "amend", `{"set":{"team":"home","status":"forfeit"}}`, end)
		if e := entryOf(t, s.fold(), end.Hash); len(e.Flags) > 0 || !s.fold().Result.Final {
			t.Errorf("%s, amended: flags %v, %+v", data, e.Flags, s.fold().Result)
		}
	}
}

func TestValidateEnd(t *testing.T) {
	for data, want := range map[string]string{
		`{}`: "", `{"status":"postponed"}`: "", `{"status":"walkover"}`: "completed, abandoned, cancelled, postponed, forfeit", `{"status":"forfeit"}`: "team=",
	} {
		err := match.Validate(&match.Event{Type: "match.end", Data: []byte(data)})
		if (err == nil) != (want == "") || err != nil && (!errors.Is(err, match.ErrInvalid) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", data, err, want)
		}
	}
	must(t, match.Validate(&match.Event{Type: "match.end", Team: "home", Data: []byte(`{"status":"forfeit"}`)}))
}

// What decides about the whole match comes after all that happened in it.
func TestEndWithoutPeriodIsLast(t *testing.T) {
	var s scene
	end := s.say("ann", "match.end", "")
	ruling := s.say("organiser", "ruling", `{"shared":true}`)
	s.tell("ann", "period.start", "", 1, 0, "")
	s.tell("ann", "shootout.kick", "home", match.PeriodShootout, 10, `{"scored":true}`)
	list := s.fold().Timeline
	if list[2].Hash != end.Hash || list[3].Hash != ruling.Hash {
		t.Errorf("%s %s %s %s", list[0].Type, list[1].Type, list[2].Type, list[3].Type)
	}
}

// Why says what differs in words also where there is nothing to quote.
func TestWhyOfDifferences(t *testing.T) {
	var s scene
	s.tell("ann", "lineup.set", "home", 1, 0, `{"on":["a","b"]}`)
	s.tell("bob", "lineup.set", "home", 1, 10, `{"on":["a","c"]}`)
	s.goal("ann", "home", 100, `{"scorer":"a"}`)
	s.goal("bob", "home", 110, `{"scorer":"z"}`)
	for _, c := range []struct {
		role match.Role
		want []string
	}{{match.Coach, []string{"says another line-up", "says player z"}}, {match.Spectator, []string{"says another line-up", "says another player"}}} {
		why := match.Explain(match.View(s.fold(), match.Viewer{Role: c.role}, nil))
		text := ""
		for _, r := range append(why.Goals, why.Other...) {
			text += r.Text + "\n"
		}
		for _, want := range c.want {
			if !strings.Contains(text, want) {
				t.Errorf("role %d: no %q in\n%s", c.role, want, text)
			}
		}
	}
}
