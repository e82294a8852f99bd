package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
)

// problemIn is the last word of the type of the problem in an answer; empty if it
// is none.
func problemIn(body string) string {
	var p bridge.Problem
	_ = json.Unmarshal([]byte(body), &p)
	return p.Type[strings.LastIndex(p.Type, ":")+1:]
}

// What a client posts is unsigned: the token says who it is, and the node signs.
// Whatever else it tries is refused, each with its reason, and nothing is taken.
func TestForgedDrafts(t *testing.T) {
	url, match, run := startHTTP(t)
	otherURL, other, runOther := startHTTP(t, "--guests", "record")
	record, watch := run("token", "m", "--role", "record"), run("token", "m", "--role", "watch")
	expired, revoked := run("token", "m", "--role", "record", "--for", "1ms"), run("token", "m", "--role", "record", "--json")
	var minted bridge.Minted
	if err := json.Unmarshal([]byte(revoked), &minted); err != nil {
		t.Fatal(err)
	}
	run("token", "revoke", minted.ID)
	foreign := runOther("token", "m", "--role", "record")
	changed := record[:len(record)/2] + "A" + record[len(record)/2+1:]
	if changed == record {
		changed = record[:len(record)/2] + "B" + record[len(record)/2+1:]
	}
	run("record", "m", "goal", "--id", "coach-1")
	for time.Until(expiry(t, run)) > 0 {
		time.Sleep(time.Millisecond)
	}
	draft := func(matchID, rest string) string {
		return fmt.Sprintf(`{"matchId":%q,"type":"card"%s}`, matchID, rest)
	}
	for _, c := range []struct {
		name, url, token, body string
		code                   int
		kind                   string
	}{
		{"nobody", url, "", draft(match, ""), 401, "token"},
		{"watcher", url, watch, draft(match, ""), 403, "forbidden"},
		{"expired", url, expired, draft(match, ""), 401, "token"},
		{"revoked", url, minted.Token, draft(match, ""), 401, "token"},
		{"another node's token", url, foreign, draft(match, ""), 401, "token"},
		{"its own at another node", otherURL, record, draft(other, ""), 401, "token"},
		{"changed token", url, changed, draft(match, ""), 401, "token"},
		{"another match by token", url, record, draft(other, ""), 403, "other-match"},
		{"another match by guest", otherURL, "", draft(match, ""), 404, "not-found"},
		{"match left out", url, record, `{"type":"card"}`, 400, "malformed"},
		{"another's ID, other content", url, record, draft(match, `,"id":"coach-1"`), 409, "conflict"},
		{"says who wrote it", url, record, draft(match, `,"author":"`+strings.Repeat("ab", 32)+`"`), 400, "malformed"},
		{"says its own role", url, record, draft(match, `,"role":"admin"`), 400, "malformed"},
		{"says its own verdict", url, record, draft(match, `,"verdict":"counts"`), 400, "malformed"},
		{"signed envelope", url, record, "\xd2\x84" + strings.Repeat("\x00", 100), 400, "malformed"},
	} {
		code, body := request(t, "POST", c.url+"/v1/events", c.token, c.body)
		if code != c.code || problemIn(body) != c.kind {
			t.Errorf("%s: %d %s, want %d %s", c.name, code, body, c.code, c.kind)
		}
		code, body = request(t, "POST", c.url+"/v1/events", c.token, "["+c.body+"]")
		var many bridge.Results
		one := json.Unmarshal([]byte(body), &many) == nil && len(many.Results) == 1 && many.Results[0].Status == c.code
		if code != c.code && (code != 200 || !one) {
			t.Errorf("%s, as a list: %d %s", c.name, code, body)
		}
	}
	if n := strings.Count(run("log", "m", "--json"), "\n") + 1; n != 1 {
		t.Errorf("%d events; one was recorded by who may", n)
	}
}

// expiry is when the token that ends first does.
func expiry(t *testing.T, run func(...string) string) time.Time {
	t.Helper()
	var list bridge.TokenList
	if err := json.Unmarshal([]byte(run("token", "list", "--json")), &list); err != nil || len(list.Tokens) == 0 {
		t.Fatal(err)
	}
	return list.Tokens[len(list.Tokens)-1].Expires
}

// A device that came by an invite to watch or to relay writes nothing: not by its
// commands, not by its HTTP whatever --guests and tokens say, not by a file.
func TestReadersCannotWriteByAnyDoor(t *testing.T) {
	for _, role := range []string{"watch", "relay"} {
		f := newFolders(t)
		f.run("a", "match", "new", "--label", "m")
		f.run("a", "record", "m", "goal", "--id", "g1")
		f.run("w", "join", f.run("a", "invite", "m", "--role", role), "--label", "m")
		f.carry("a", "w")
		var first struct{ Hash, MatchID string }
		f.json(&first, "w", "log", "m")
		for _, args := range [][]string{
			{"record", "m", "goal"},
			{"confirm", "m", first.Hash},
			{"retract", "m", first.Hash},
			{"amend", "m", first.Hash, "player=7"},
			{"name", "m", "7", "Mia"},
			{"purge", "m", first.Hash, "--yes"},
			{"invite", "m", "--role", "record"},
			{"handover", "m", "--yes"},
			{"revoke", f.own("a").Grant, "--match", "m"},
			{"replay", "--into", "m", "--speed", "0"},
		} {
			if out, err := f.try("w", args...); err == nil || !strings.Contains(err.Error(), "not allowed") {
				t.Errorf("%s as %s: %s, %v", args[0], role, out, err)
			}
		}
		f.carry("w", "a")
		if a, w := f.run("a", "log", "m", "--json"), f.run("w", "log", "m", "--json"); a != w || strings.Count(a, "\n") != 0 {
			t.Errorf("after what %s tried:\n%s\n%s", role, a, w)
		}
		url := serveFolder(t, f.bin, filepath.Join(f.dir, "w"), "--guests", "record")
		body := fmt.Sprintf(`{"matchId":%q,"type":"goal"}`, first.MatchID)
		if code, answer := request(t, "POST", url+"/v1/events", "", body); code != 403 || problemIn(answer) != "forbidden" {
			t.Errorf("guest at a device of %s: %d %s", role, code, answer)
		}
		if out, err := f.try("w", "token", "m", "--role", "record"); err == nil || !strings.Contains(err.Error(), "its tokens let nobody do more") {
			t.Errorf("a device of %s lets others record: %s, %v", role, out, err)
		}
	}
}
