package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// An injury posted to a node, or recorded at the command line, is sealed there for
// staff and guardians; what each device shows follows from the keys it has.
func TestInjuryOverHTTP(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "m", "--sealed")
	for device, args := range map[string][]string{
		"r": {"--role", "record", "--team", "home"}, "mother": {"--role", "guardian", "--team", "home", "--child", "7"},
		"other": {"--role", "guardian", "--team", "home", "--child", "9"}, "family": {"--role", "family"}, "away": {"--role", "coach", "--team", "away"},
	} {
		f.run(device, "join", f.run("a", append([]string{"invite", "m"}, args...)...), "--label", "m")
	}
	f.carry("a", "r")
	url, token := serveFolder(t, f.bin, filepath.Join(f.dir, "r")), f.run("r", "token", "m", "--role", "record")
	var m struct{ Matches []struct{ MatchID string } }
	f.json(&m, "r", "match", "list")
	post := func(body string) (int, string) {
		return request(t, "POST", url+"/v1/events", token, fmt.Sprintf(`{"matchId":%q,%s}`, m.Matches[0].MatchID, body))
	}
	code, body := post(`"id":"i1","type":"injury","teamId":"home","period":1,"clockMs":1000,"data":{"player":7},"private":{"area":"ankle","said":"wept a lot"}`)
	if code != 201 || !strings.Contains(body, `"private":true`) || !strings.Contains(body, `"area":"ankle"`) || !strings.Contains(body, "wept a lot") {
		t.Fatalf("injury: %d %s", code, body)
	}
	for _, c := range []struct {
		name, body string
		code       int
		kind       string
	}{
		{"a goal with private fields", `"type":"goal","teamId":"home","private":{"scorer":7}`, 400, "malformed"},
		{"an injury of no team", `"type":"injury","private":{"area":"head"}`, 400, "malformed"},
		{"no object", `"type":"injury","teamId":"home","private":[1]`, 400, "malformed"},
		{"for a staff that the recorder is not of", `"type":"injury","teamId":"away","private":{"area":"head"}`, 403, "no-key"},
	} {
		if code, body := post(c.body); code != c.code || problemIn(body) != c.kind {
			t.Errorf("%s: %d %s", c.name, code, body)
		}
	}
	var second struct{ Hash string }
	f.json(&second, "r", "record", "m", "injury", "team=home", "player=7", "private.area=elbow", "period=1", "clock=9:00", "--id", "i2")
	f.run("r", "record", "m", "injury", "team=home", "player=7", "area=tooth", "period=1", "clock=12:00", "--id", "i3") // the match is sealed
	if out, err := f.try("r", "amend", "m", second.Hash, "area=nose"); err == nil || !strings.Contains(err.Error(), "injury.update") {
		t.Errorf("a sealed injury is amended in clear: %s %v", out, err)
	}
	if found := wordIn(t, filepath.Join(f.dir, "r"), "wept"); found != "" || !strings.Contains(f.run("r", "log", "m"), "wept a lot") {
		t.Errorf("words about an injury lie open in %s, or are not shown", found)
	}
	f.carry("r", "a")
	for device, sees := range map[string]bool{"a": false, "r": true, "mother": true, "other": false, "family": false, "away": false} {
		f.carry("a", device)
		for _, command := range []string{"log", "state", "timeline", "why"} {
			out := f.run(device, command, "m", "--json")
			for _, word := range []string{"ankle", "elbow", "tooth"} {
				if shown := strings.Contains(out, word); shown != (sees && command != "why") {
					t.Errorf("%s at %s shows %s: %v", command, device, word, shown)
				}
			}
			if !sees && (strings.Contains(out, "injury") || strings.Contains(out, "home") && command == "log") {
				t.Errorf("%s at %s tells of an injury: %s", command, device, out)
			}
		}
		if n := strings.Count(f.run(device, "log", "m", "--json"), "\n"); n != 2 {
			t.Errorf("%s has %d events", device, n+1)
		}
	}
}

// Who made the match is of no team as such, and is told of no child's injury but what he
// recorded: R7 has the team's staff and the child's guardians. If he coaches a team he
// says so, by a link of his own for that team's coach, and sees that team's and no other's.
func TestFounderWhoCoaches(t *testing.T) {
	for _, kind := range []string{"open", "sealed"} {
		f := newFolders(t)
		f.run("a", append([]string{"match", "new", "--label", "m"}, map[string][]string{"sealed": {"--sealed"}}[kind]...)...)
		for _, team := range []string{"home", "away"} {
			f.run(team, "join", f.run("a", "invite", "m", "--role", "record", "--team", team), "--label", "m")
			f.run(team, "record", "m", "lineup.set", "team="+team, `on=["7"]`)
			f.run(team, "record", "m", "injury", "team="+team, "player=7", "area="+team+"word", "concussion_suspected=true", "period=1", "clock=9:00")
			f.carry(team, "a")
		}
		f.run("a", "record", "m", "injury", "team=away", "player=8", "area=ownword", "period=1", "clock=11:00")
		for _, command := range []string{"log", "state", "timeline", "stats", "why"} {
			out := f.run("a", command, "m", "--json") + f.run("a", command, "m")
			if strings.Contains(out, "homeword") || strings.Contains(out, "awayword") || strings.Contains(out, `"noReturn":true`) {
				t.Errorf("%s: %s tells the founder of an injury: %s", kind, command, out)
			}
		}
		if out := f.run("a", "log", "m", "--json"); !strings.Contains(out, "ownword") {
			t.Errorf("%s: the founder does not see what he told: %s", kind, out)
		}
		url := serveFolder(t, f.bin, filepath.Join(f.dir, "a"))
		var m struct{ Matches []struct{ MatchID string } }
		f.json(&m, "a", "match", "list")
		for team, other := range map[string]string{"home": "away", "away": "home"} {
			token := f.run("a", "token", "m", "--role", "coach", "--team", team)
			path := url + "/v1/matches/" + m.Matches[0].MatchID
			_, events := request(t, "GET", path+"/events", token, "")
			_, state := request(t, "GET", path+"/state", token, "")
			if !strings.Contains(events, team+"word") || strings.Contains(events+state, other+"word") || strings.Count(state, `"noReturn":true`) != 1 {
				t.Errorf("%s: the founder as coach of %s: %s %s", kind, team, events, state)
			}
		}
	}
}
