package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
)

// startHTTP runs a node of a fresh folder with HTTP and one match.
func startHTTP(t testing.TB, args ...string) (url, match string, run func(args ...string) string) {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	run = inFolder(t, bin, data)
	match = foundMatch(t, run)
	return serveFolder(t, bin, data, args...), match, run
}

// inFolder runs commands of the program on a folder and returns what they print.
func inFolder(t testing.TB, bin, data string) func(args ...string) string {
	return func(args ...string) string {
		t.Helper()
		out, err := exec.Command(bin, append([]string{"--data", data}, args...)...).Output()
		if err != nil {
			t.Fatalf("touchline %s: %v", strings.Join(args, " "), err)
		}
		return strings.TrimSpace(string(out))
	}
}

func foundMatch(t testing.TB, run func(args ...string) string) string {
	t.Helper()
	var made struct{ MatchID string }
	if err := json.Unmarshal([]byte(run("match", "new", "--label", "m", "--json")), &made); err != nil {
		t.Fatal(err)
	}
	return made.MatchID
}

// serveFolder runs a node of a folder with HTTP and returns its address.
func serveFolder(t testing.TB, bin, data string, args ...string) (url string) {
	t.Helper()
	first, _ := serveProcess(t, bin, data, args...)
	return first.HTTP
}

// serveProcess does the same and returns what the node said first, and its process, which ends with the test.
func serveProcess(t testing.TB, bin, data string, args ...string) (first ready, cmd *exec.Cmd) {
	t.Helper()
	cmd = exec.Command(bin, append([]string{"--data", data, "node", "--json", "--no-mdns", "--p2p", "/ip4/127.0.0.1/tcp/0", "--listen", "127.0.0.1:0"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err != nil || json.Unmarshal(line, &first) != nil || first.HTTP == "" {
		t.Fatalf("first line %s, %v", line, err)
	}
	return first, cmd
}

func request(t *testing.T, method, url, token, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// A token made on the device opens its HTTP, and closes it again.
func TestTokenOpensHTTP(t *testing.T) {
	url, match, run := startHTTP(t)
	event := `{"id":"g1","matchId":"` + match + `","type":"goal"}`
	if code, body := request(t, "POST", url+"/v1/events", "", event); code != 401 {
		t.Fatalf("without a token: %d %s", code, body)
	}
	token := run("token", "m", "--role", "record", "--label", "aunt")
	if code, body := request(t, "POST", url+"/v1/events", token, event); code != 201 || !strings.Contains(body, `"role":"record"`) {
		t.Fatalf("with a token: %d %s", code, body)
	}
	if code, body := request(t, "POST", url+"/v1/events", token, event); code != 200 {
		t.Fatalf("the same again: %d %s", code, body)
	}
	watch := run("token")
	if code, _ := request(t, "POST", url+"/v1/events", watch, event); code != 403 {
		t.Errorf("a watcher records: %d", code)
	}
	if code, body := request(t, "GET", url+"/v1/matches/"+match+"/events", watch, ""); code != 200 || !strings.Contains(body, `"id":"g1"`) {
		t.Errorf("a watcher reads: %d %s", code, body)
	}
	var list struct {
		Tokens []struct{ ID, Label string }
	}
	if err := json.Unmarshal([]byte(run("token", "list", "--json")), &list); err != nil || len(list.Tokens) != 2 {
		t.Fatalf("list: %+v %v", list, err)
	}
	for _, k := range list.Tokens {
		if k.Label == "aunt" {
			run("token", "revoke", k.ID)
		}
	}
	if code, _ := request(t, "POST", url+"/v1/events", token, event); code != 401 {
		t.Errorf("a revoked token: %d", code)
	}
}

// Guests may do what the flag says and no more.
func TestGuests(t *testing.T) {
	url, match, _ := startHTTP(t, "--guests", "record")
	if code, body := request(t, "POST", url+"/v1/events", "", `{"id":"g","matchId":"`+match+`","type":"goal"}`); code != 201 {
		t.Errorf("guest: %d %s", code, body)
	}
	if code, body := request(t, "GET", url+"/local/backup", "", ""); code != 404 {
		t.Errorf("guest at the device's own doors: %d %s", code, body)
	}
}

// A token of one team takes back what was told of that team, and what it told itself,
// and nothing of the other's.
func TestTokenOfATeam(t *testing.T) {
	url, match, run := startHTTP(t)
	home := run("token", "m", "--role", "record", "--team", "home")
	post := func(token, body string) string {
		code, answer := request(t, "POST", url+"/v1/events", token, `{"matchId":"`+match+`",`+body+`}`)
		var e struct{ Hash string }
		if err := json.Unmarshal([]byte(answer), &e); err != nil || code != 201 {
			t.Fatal(code, answer)
		}
		return e.Hash
	}
	goal := func(token, team string, minute int) string {
		return post(token, fmt.Sprintf(`"type":"goal","teamId":%q,"period":1,"clockMs":%d`, team, minute*60_000))
	}
	all := run("token", "m", "--role", "record")
	theirs, ours, own := goal(all, "away", 5), goal(all, "home", 10), goal(home, "away", 15)
	for _, hash := range []string{theirs, ours, own} {
		post(home, `"type":"retract","refs":["`+hash+`"],"data":{"reason":"mistake"}`)
	}
	var view bridge.StateView
	get(t, url+"/v1/matches/"+match+"/state", all, &view)
	if view.Score != [2]int64{0, 1} {
		t.Errorf("score %v; only the other side's goal, told by another, stands", view.Score)
	}
	if out := run("grants", "m"); !strings.Contains(out, "record of home") {
		t.Errorf("grants: %s", out)
	}
}

// A device makes no token for what its own right does not let it do, nor any once that
// has ended, at rest or while its node runs. What it handed over it may still show.
func TestTokenIsNoMoreThanTheRight(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "m")
	for device, args := range map[string][]string{
		"recorder": {"--role", "record"}, "coach": {"--role", "coach", "--team", "home"}, "family": {"--role", "family"}, "watcher": {"--role", "watch"}, "relay": {"--role", "relay"}, "thief": {"--role", "record"}, "former": {"--role", "record"},
	} {
		f.run(device, "join", f.run("a", append([]string{"invite", "m"}, args...)...), "--label", "m")
		f.carry(device, "a")
	}
	f.run("former", "handover", "m", "--yes")
	f.run("a", "revoke", f.own("thief").Grant)
	f.carry("a", "thief")
	check := func() {
		t.Helper()
		for _, c := range []struct{ device, args, why string }{
			{"recorder", "--role record", ""},
			{"recorder", "--role watch", ""},
			{"recorder", "--role coach", "this device joined as record, and its tokens let nobody do more: it makes them with --role record or guardian or family or watch. For --role coach take a device that may itself"},
			{"recorder", "--role guardian --team home --child 7", "no guardian of that child"},
			{"coach", "--role coach", ""},
			{"coach", "--role record --team home", ""},
			{"coach", "--role record --team away", "for home only"},
			{"coach", "--role guardian --team home --child 7", ""},
			{"family", "--role family", ""},
			{"family", "--role record", "this device joined as family, and its tokens let nobody do more: it makes them with --role family or watch. For --role record"},
			{"watcher", "--role record", "this device joined as watch, and its tokens let nobody do more: it makes them with --role watch. For --role record"},
			{"watcher", "--role watch", ""},
			{"relay", "--role record", "this device joined as relay, and its tokens let nobody do more: it makes them with --role watch. For --role record"},
			{"relay", "--role watch", ""},
			{"thief", "--role record", "this device's right has ended: it was revoked"},
			{"thief", "--role watch", "this device's right has ended: it was revoked"},
			{"former", "--role record", "handed its right over"},
			{"former", "--role watch", ""},
		} {
			out, err := f.try(c.device, append([]string{"token", "m"}, strings.Fields(c.args)...)...)
			if c.why == "" && err != nil || c.why != "" && (err == nil || !strings.Contains(err.Error(), c.why)) {
				t.Errorf("%s: token %s: %s, %v", c.device, c.args, out, err)
			}
		}
	}
	check()
	for _, device := range []string{"thief", "former"} {
		serveFolder(t, f.bin, filepath.Join(f.dir, device))
	}
	check()
	var made struct{ Team string }
	if f.json(&made, "coach", "token", "m", "--role", "coach"); made.Team != "home" {
		t.Errorf("a token of home's coach is for %q", made.Team)
	}
}
