package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Free text is shown like the rest of an event, on every device, while it lies
// beside the log: an export or a backup never has it, and when it was erased no
// file of any folder has, neither of who wrote it nor of who got it.
func TestFreeTextCanBeErased(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "m")
	f.run("b", "join", f.run("a", "invite", "m", "--role", "coach"), "--label", "m")
	dir := func(device string) string { return filepath.Join(f.dir, device) }
	first, nodeA := serveProcess(t, f.bin, dir("a"))
	_, nodeB := serveProcess(t, f.bin, dir("b"), "--peer", first.P2P[0])
	url := first.HTTP
	token := f.run("a", "token", "m", "--role", "record")
	var m struct{ Matches []struct{ MatchID string } }
	f.json(&m, "a", "match", "list")
	id := m.Matches[0].MatchID
	post := func(body string) {
		t.Helper()
		for _, want := range []int{201, 200} { // again: the same
			if code, answer := request(t, "POST", url+"/v1/events", token, fmt.Sprintf(`{"matchId":%q,%s}`, id, body)); code != want || !strings.Contains(answer, "Musterfrau") {
				t.Fatalf("%d, want %d: %s", code, want, answer)
			}
		}
	}
	post(`"id":"n1","type":"note","teamId":"home","period":1,"clockMs":1000,"data":{"text":"Musterfrau one cried"}`)
	post(`"id":"c1","type":"card","teamId":"home","period":1,"clockMs":2000,"data":{"player":7,"card":"yellow","reason":"Musterfrau two swore"}`)
	post(`"id":"x1","type":"goal","teamId":"home","period":1,"clockMs":3000,"data":{"player":8,"remark":"Musterfrau-three"}`)
	post(`"id":"p1","kind":"note","created":5,"data":{"text":"Musterfrau four"},"says":"Musterfrau five"`) // a page of the first plan
	f.run("a", "record", "m", "note", "text=Musterfrau six", "--id", "n6")
	f.run("a", "record", "m", "goal", "team=away", "note=Musterfrau seven", "--id", "n7")
	var card, amended struct{ Hash string }
	f.json(&card, "a", "record", "m", "card", "team=away", "player=7", "card=red", "reason=Musterfrau eight")
	f.json(&amended, "a", "amend", "m", card.Hash, "text=Musterfrau nine")

	for command, want := range map[string]int{"log": 8, "timeline": 5, "state": 5} {
		if out := f.run("a", command, "m", "--json"); strings.Count(out, "Musterfrau") < want {
			t.Errorf("%s shows %d texts of %d: %s", command, strings.Count(out, "Musterfrau"), want, out)
		}
	}
	_, shown := request(t, "GET", url+"/v1/matches/"+id+"/events", token, "")
	if n := strings.Count(shown, "Musterfrau"); n < 7 {
		t.Errorf("REST shows %d: %s", n, shown)
	}
	out := filepath.Join(f.dir, "out")
	f.run("a", "export", "m", out+".export")
	f.run("a", "backup", out+".backup")
	for _, file := range []string{out + ".export", out + ".backup"} {
		if b, err := os.ReadFile(file); err != nil || len(b) == 0 || hasText(b) {
			t.Errorf("%s has the text, or is missing: %v", file, err)
		}
	}
	if found := textIn(t, filepath.Join(dir("a"), storeName, "db")); found != "" {
		t.Errorf("%s has the text", found)
	}

	soon(t, "the other device shows all", func() bool { return strings.Count(f.run("b", "log", "m", "--json"), "Musterfrau") >= 8 })
	f.run("b", "erase", "m", "7", "--yes")
	if got := f.run("b", "log", "m", "--json"); strings.Contains(got, "two swore") || strings.Contains(got, "eight") || !strings.Contains(got, "six") {
		t.Errorf("after erasing what is told of 7: %s", got)
	}
	for _, event := range []string{"n1", "x1", "p1", "n6", "n7", amended.Hash} {
		f.run("b", "erase", "m", event, "--yes")
	}
	soon(t, "it is erased at the first one", func() bool { return !strings.Contains(f.run("a", "log", "m", "--json"), "Musterfrau") })
	for _, device := range []string{"a", "b"} {
		for _, command := range []string{"log", "timeline", "why", "state", "names"} {
			if out := f.run(device, command, "m", "--json"); strings.Contains(out, "Musterfrau") {
				t.Errorf("%s at %s after it was erased: %s", command, device, out)
			}
		}
	}
	post = func(body string) {
		t.Helper()
		code, answer := request(t, "POST", url+"/v1/events", token, fmt.Sprintf(`{"matchId":%q,%s}`, id, body))
		if code != 200 || strings.Contains(answer, "Musterfrau") {
			t.Errorf("said again after it was erased: %d %s", code, answer)
		}
	}
	post(`"id":"n1","type":"note","teamId":"home","period":1,"clockMs":1000,"data":{"text":"Musterfrau one cried"}`)
	for device, node := range map[string]*exec.Cmd{"a": nodeA, "b": nodeB} {
		if found := textIn(t, dir(device)); found != "" {
			t.Errorf("%s has the text while the node runs", found)
		}
		if err := node.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		if err := node.Wait(); err != nil {
			t.Fatal(err)
		}
		if found := textIn(t, dir(device)); found != "" {
			t.Errorf("%s has the text after it was erased", found)
		}
	}
}

func hasText(b []byte) bool { return bytes.Contains(b, []byte("Musterfrau")) }

func textIn(t *testing.T, dir string) string {
	t.Helper()
	return wordIn(t, dir, "Musterfrau")
}

// wordIn names the first file of a folder that has a word.
func wordIn(t *testing.T, dir, word string) (found string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a running node tidies up
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := readIfThere(path)
		if found == "" && bytes.Contains(b, []byte(word)) {
			found = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// readIfThere reads a file that a running node may just have removed: then it has nothing.
func readIfThere(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// soon waits until something holds.
func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !holds(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// A page that signs does not sign free text: the node writes it, beside the log.
func TestPageSignsNoFreeText(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "m")
	first, node := serveProcess(t, f.bin, filepath.Join(f.dir, "a"))
	token := f.run("a", "token", "m", "--role", "record")
	var m struct{ Matches []struct{ MatchID string } }
	f.json(&m, "a", "match", "list")
	p := startPages(t)
	p.open("p1", first.HTTP, token, m.Matches[0].MatchID)
	p.goal("p1", "home")
	p.until("p1", fields{"events": 1, "unsent": 0})
	p.tell("p1", fields{"record": fields{"type": "note", "data": fields{"text": "Musterfrau cried", "player": 7}}})
	p.until("p1", fields{"events": 2, "unsent": 0})
	if out := f.run("a", "log", "m", "--json"); strings.Count(out, "Musterfrau") != 1 {
		t.Fatalf("the node shows %s", out)
	}
	f.run("a", "erase", "m", "7", "--yes")
	if err := node.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := node.Wait(); err != nil {
		t.Fatal(err)
	}
	if found := textIn(t, filepath.Join(f.dir, "a")); found != "" {
		t.Errorf("%s has the text after it was erased", found)
	}
}
