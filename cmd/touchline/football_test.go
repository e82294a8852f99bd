package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match/matchtest"
)

// get reads a resource of a running node as JSON.
func get(t *testing.T, url, token string, into any) {
	t.Helper()
	code, body := request(t, "GET", url, token, "")
	if code != 200 {
		t.Fatalf("GET %s: %d %s", url, code, body)
	}
	if err := json.Unmarshal([]byte(body), into); err != nil {
		t.Fatal(err)
	}
}

// Real matches, replayed through a running node: the board and REST say what
// the newspapers said.
func TestRealMatches(t *testing.T) {
	matchtest.Data(t, "derived/wc2018.matches.json") // skips where there is none
	url, _, run := startHTTP(t, "--guests", "watch")
	file := filepath.Join("..", "..", "..", "shared", "data", "derived", "wc2018.keyevents.jsonl.gz")
	for _, c := range []struct {
		number, score string
		board         []string
	}{
		{"2058017", "[4,2]", []string{"France 4 – 2 Croatia  full time", "M. Mandžukić 18' (own goal); A. Griezmann 38' (pen.); P. Pogba 59'; K. Mbappé 65'", "France win."}},
		{"2058012", "[2,2]", []string{"Russia 2 – 2 Croatia  full time", "Mário Fernandes 115'", "○●○●●", "Croatia win 4–3 on penalties."}},
	} {
		var founded bridge.Founded
		out := run("replay", file, "--match", c.number, "--speed", "0", "--json")
		if err := json.NewDecoder(strings.NewReader(out)).Decode(&founded); err != nil {
			t.Fatal(err)
		}
		board := run("state", founded.Match.String())
		for _, line := range c.board {
			if !strings.Contains(board, line) {
				t.Errorf("match %s: no %q in\n%s", c.number, line, board)
			}
		}
		var view bridge.StateView
		get(t, url+"/v1/matches/"+founded.Match.String()+"/state", "", &view)
		if b, _ := json.Marshal(view.Score); string(b) != c.score || view.Phase != "ended" || !view.Result.Final {
			t.Errorf("match %s: REST says %s %s", c.number, b, view.Phase)
		}
	}
}

// When the right of whoever told of a goal ends, so that nothing of it stands,
// the score changes with it, and why says so.
func TestRevokedGoal(t *testing.T) {
	url, match, run := startHTTP(t)
	token := run("token", "m", "--role", "record")
	event := `{"matchId":"` + match + `","type":"goal","teamId":"home","period":1,"clockMs":60000,"data":{"player":"7"}}`
	if code, body := request(t, "POST", url+"/v1/events", token, event); code != 201 {
		t.Fatalf("%d %s", code, body)
	}
	var view bridge.StateView
	get(t, url+"/v1/matches/"+match+"/state", token, &view)
	if view.Score != [2]int64{1, 0} {
		t.Fatalf("score %v", view.Score)
	}
	var rights bridge.RightList
	if err := json.Unmarshal([]byte(run("grants", "m", "--all", "--json")), &rights); err != nil {
		t.Fatal(err)
	}
	for _, r := range rights.Rights {
		if r.Kind == "client" {
			run("revoke", r.Grant.String(), "--nothing")
		}
	}
	get(t, url+"/v1/matches/"+match+"/state", run("token", "m"), &view)
	if view.Score != [2]int64{} {
		t.Errorf("score after the revocation: %v", view.Score)
	}
	if why := run("why", "m"); !strings.Contains(why, "Does not count") || !strings.Contains(why, "unconfirmed") {
		t.Errorf("why: %s", why)
	}
}
