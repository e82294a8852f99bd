package main

import (
	"bufio"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/lan"
)

// What make run prints opens in a browser on this machine, though the device has a
// network of its own; what is tapped there is on all devices; and Ctrl-C ends all.
func TestDemoOpens(t *testing.T) {
	if err := lan.Supported(); err != nil {
		crdttest.Lacking(t, "no network namespaces here:", err)
	}
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bin, "demo", "--file", "demo", "--page", "127.0.0.1:0", "--stay")
	cmd.Env = append(os.Environ(), "TMPDIR="+t.TempDir())
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	until := func(pattern string) []string {
		t.Helper()
		for re := regexp.MustCompile(pattern); lines.Scan(); {
			if m := re.FindStringSubmatch(lines.Text()); m != nil {
				return m
			}
		}
		t.Fatalf("the demo ended without %q", pattern)
		return nil
	}
	link := until(`open (http://\S+)/#join=(\S+) in a browser`)
	if code, body := request(t, http.MethodGet, link[1]+"/", "", ""); code != 200 || !strings.Contains(body, "<html") {
		t.Errorf("the page: %d %.100s", code, body)
	}
	match := regexp.MustCompile(`"matchId":"(\w+)"`)
	_, list := request(t, http.MethodGet, link[1]+"/v1/matches", link[2], "")
	id := match.FindStringSubmatch(list)
	if id == nil {
		t.Fatalf("matches: %s", list)
	}
	if code, body := request(t, http.MethodPost, link[1]+"/v1/events", link[2], `{"id":"tap","matchId":"`+id[1]+`","type":"note"}`); code != 201 {
		t.Errorf("a tap: %d %s", code, body)
	}
	until(`it is back --$`)
	until(`healed: equal again`)
	until(`the devices stay: ` + regexp.QuoteMeta(link[1]))
	if _, events := request(t, http.MethodGet, link[1]+"/v1/matches/"+id[1]+"/events", link[2], ""); !strings.Contains(events, `"id":"tap"`) {
		t.Errorf("the tap is gone: %s", events)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
	if left, _ := os.ReadDir(strings.TrimPrefix(cmd.Env[len(cmd.Env)-1], "TMPDIR=")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
