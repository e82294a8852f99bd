package main

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// folders are devices without a network: what one writes reaches others by files.
type folders struct {
	t   *testing.T
	bin string
	dir string
}

func newFolders(t *testing.T) *folders {
	t.Helper()
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return &folders{t, bin, t.TempDir()}
}

// try runs a command in a device's folder.
func (f *folders) try(device string, args ...string) (string, error) {
	cmd := exec.Command(f.bin, append([]string{"--data", filepath.Join(f.dir, device)}, args...)...)
	out, err := cmd.Output()
	if e, ok := err.(*exec.ExitError); ok {
		err = fmt.Errorf("%w: %s", err, e.Stderr)
	}
	return strings.TrimSpace(string(out)), err
}

func (f *folders) run(device string, args ...string) string {
	f.t.Helper()
	out, err := f.try(device, args...)
	if err != nil {
		f.t.Fatalf("%s: touchline %s: %v", device, strings.Join(args, " "), err)
	}
	return out
}

func (f *folders) json(into any, device string, args ...string) {
	f.t.Helper()
	if err := json.Unmarshal([]byte(f.run(device, append(args, "--json")...)), into); err != nil {
		f.t.Fatal(err)
	}
}

// carry brings all that one device has to another.
func (f *folders) carry(from, to string) {
	f.t.Helper()
	file := filepath.Join(f.dir, from+".touchline")
	f.run(from, "export", "m", file, "--force")
	f.run(to, "import", file)
}

type rightOf struct {
	Grant, Role, Kind, State string
	Own                      bool
}

func (f *folders) rights(device string) (list []rightOf) {
	f.t.Helper()
	var out struct{ Rights []rightOf }
	f.json(&out, device, "grants", "m")
	return out.Rights
}

// own is the device's own right.
func (f *folders) own(device string) rightOf {
	f.t.Helper()
	for _, r := range f.rights(device) {
		if r.Own {
			return r
		}
	}
	f.t.Fatalf("%s has no right", device)
	return rightOf{}
}

// verdicts are the verdicts of the events with these IDs at a device.
func (f *folders) verdicts(device string, ids ...string) string {
	f.t.Helper()
	found := map[string]string{}
	for line := range strings.Lines(f.run(device, "log", "m", "--json")) {
		var e struct{ ID, Verdict string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			f.t.Fatal(err)
		}
		found[e.ID] = e.Verdict
	}
	var out []string
	for _, id := range ids {
		out = append(out, found[id])
	}
	return strings.Join(out, " ")
}

// A revoked device's later events are kept everywhere, shown, and do not count.
func TestRevoke(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "m")
	f.run("b", "join", f.run("a", "invite", "m", "--role", "record"), "--label", "m")
	f.run("b", "record", "m", "goal", "--id", "seen")
	f.carry("b", "a")
	f.run("b", "record", "m", "goal", "--id", "unseen")
	right := f.own("b").Grant
	if _, err := f.try("b", "revoke", f.own("a").Grant); err == nil {
		t.Error("a recorder ends the founder's right")
	}
	f.run("a", "revoke", right[:10])
	f.carry("b", "a")
	f.carry("a", "b")
	for _, device := range []string{"a", "b"} {
		if got := f.verdicts(device, "seen", "unseen"); got != "counts unconfirmed" {
			t.Errorf("at %s: %s", device, got)
		}
	}
	if state := f.own("b").State; state != "ended" {
		t.Errorf("b's right is %s", state)
	}
	f.run("a", "revoke", right, "--nothing")
	f.carry("a", "b")
	if got := f.verdicts("b", "seen", "unseen"); got != "unconfirmed unconfirmed" {
		t.Errorf("after nothing was to stand: %s", got)
	}
	if a, b := f.run("a", "match", "fingerprint", "m"), f.run("b", "match", "fingerprint", "m"); a != b {
		t.Errorf("fingerprints %q and %q", a, b)
	}
}

// The recorder's role goes to another device; who had it goes on reading.
func TestHandOverByCode(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "m")
	f.run("b", "join", f.run("a", "invite", "m", "--role", "record", "--uses", "1"), "--label", "m")
	f.run("b", "record", "m", "goal", "--id", "first")
	code := f.run("b", "handover", "m", "--yes")
	f.run("c", "join", code, "--label", "m")
	f.run("c", "record", "m", "goal", "--id", "second")
	if out, err := f.try("b", "record", "m", "goal", "--id", "third"); err == nil || !strings.Contains(err.Error(), "handed its right over") {
		t.Errorf("the old recorder records: %s %v", out, err)
	}
	f.carry("b", "a")
	f.carry("c", "a")
	if got := f.verdicts("a", "first", "second"); got != "counts counts" {
		t.Errorf("verdicts %s", got)
	}
	if state := f.own("b").State; state != "handed over" {
		t.Errorf("the old right is %s", state)
	}
}

// A sealed match is called that when it is made and wherever matches are listed, and a
// relay that holds it, with or without events, shows no score of it.
func TestSealedIsSaid(t *testing.T) {
	f := newFolders(t)
	if out := f.run("a", "match", "new", "--label", "m", "--sealed"); !strings.Contains(out, "sealed") {
		t.Errorf("match new --sealed says %s", out)
	}
	if out := f.run("a", "match", "new", "--label", "o"); strings.Contains(out, "sealed") {
		t.Errorf("match new says %s", out)
	}
	for device, role := range map[string]string{"relay": "relay", "family": "family"} {
		f.run(device, "join", f.run("a", "invite", "m", "--role", role), "--label", "m")
	}
	check := func() {
		t.Helper()
		for _, device := range []string{"a", "family", "relay"} {
			if out := f.run(device, "match", "list"); !regexp.MustCompile(`match +\w+ +m  \(sealed\)`).MatchString(out) || regexp.MustCompile(` o +\(sealed`).MatchString(out) {
				t.Errorf("%s lists %s", device, out)
			}
			blind := strings.Contains(f.run(device, "match", "list", "--json"), `"blind":true`) && strings.Contains(f.run(device, "status", "m"), "passed on here unread")
			out, err := f.try(device, "state", "m")
			if device == "relay" && (err == nil || !strings.Contains(err.Error(), "holds no key") || !blind) || device != "relay" && (err != nil || blind) {
				t.Errorf("%s: state says %s, %v; blind: %v", device, out, err, blind)
			}
		}
	}
	check()
	f.run("a", "record", "m", "goal", "team=home")
	f.carry("a", "relay")
	f.carry("a", "family")
	check()
	serveFolder(t, f.bin, filepath.Join(f.dir, "relay"))
	check()
}
