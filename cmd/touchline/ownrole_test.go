package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// The commands on a device show an open match as its own right lets it see: who watches
// or is family is told of no injury and no name, and no result that is the teams', though
// the log is there.
func TestDeviceShowsByItsRole(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "m")
	f.run("a", "record", "m", "match.setup", "age_band=U10")
	f.run("a", "record", "m", "injury", "team=home", "player=mia", "area=knee", "period=1", "clock=3:00")
	f.run("a", "record", "m", "goal", "team=home", "player=33", "period=1", "clock=4:00", "--id", "44")
	f.run("a", "record", "m", "corner", "team=home", "period=1", "clock=5:00")
	for device, args := range map[string][]string{
		"watch": {"--role", "watch"}, "family": {"--role", "family"}, "both": {"--role", "record"}, "coach": {"--role", "coach", "--team", "home"},
	} {
		f.run(device, "join", f.run("a", append([]string{"invite", "m"}, args...)...), "--label", "m")
		f.carry("a", device)
	}
	for _, command := range []string{"log m", "state m", "timeline m", "stats m", "why m", "export m -"} {
		for _, format := range []string{"", "--json", "--csv"} {
			args := strings.Fields(command + " " + format)
			if sheet := args[0] == "export"; sheet && format == "" || !sheet && format == "--csv" {
				continue // the log as it was signed, which every device has; no such form
			}
			for _, device := range []string{"watch", "family", "both"} {
				if out := f.run(device, args...); strings.Contains(out, "knee") || device != "both" && (strings.Contains(out, "mia") || strings.Contains(out, "goal ") || strings.Contains(out, `"goal"`) || strings.Contains(out, "33\"")) {
					t.Errorf("%v at %s: %s", args, device, out)
				}
			}
		}
	}
	for _, device := range []string{"a", "coach"} { // who told it, and whose player it is
		if out := f.run(device, "log", "m", "--json"); !strings.Contains(out, "knee") {
			t.Errorf("%s does not see the injury: %s", device, out)
		}
	}
	for _, format := range []string{"--json", "--csv"} {
		for device, sees := range map[string]string{"coach": "mia", "both": "goal", "watch": "corner"} {
			if out := f.run(device, "export", "m", "-", format); !strings.Contains(out, sees) {
				t.Errorf("the %s file of %s has no %s: %s", format, device, sees, out)
			}
		}
	}
	if out := f.run("watch", "log", "m"); !strings.Contains(out, "play.stopped") || !strings.Contains(out, "corner") {
		t.Errorf("log shows %s", out)
	}
}

// What a family's or a guardian's device prints of an injury in an open match, whose log
// has it in clear: play stopped, or the own child's, by every command that prints what
// happened, with a node in the folder and without, and to a visitor with an invite.
func TestInjuryAtTheBytesPrinted(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "m")
	for device, args := range map[string][]string{
		"family": {"--role", "family", "--team", "home"}, "coach": {"--role", "coach", "--team", "home"},
		"mother": {"--role", "guardian", "--team", "home", "--child", "7"}, "neighbour": {"--role", "guardian", "--team", "home", "--child", "9"},
	} {
		f.run(device, "join", f.run("a", append([]string{"invite", "m"}, args...)...), "--label", "m")
	}
	f.carry("a", "coach") // with whose guardians there are
	f.run("coach", "record", "m", "lineup.set", "team=home", `on=["7","9"]`, "period=1", "clock=0:00")
	var open struct{ Hash string }
	f.json(&open, "coach", "record", "m", "injury", "team=home", "player=7", "area=canaryknee", "concussion_suspected=true", "period=1", "clock=3:00")
	f.run("coach", "record", "m", "injury", "team=home", "player=7", "private.area=canaryelbow", "period=1", "clock=4:00")
	f.run("coach", "record", "m", "injury.update", "ref="+open.Hash, "status=canaryhospital", "team=home", "player=7", "period=1", "clock=5:00")
	f.run("coach", "retract", "m", f.record("coach", "injury", "team=home", "player=7", "area=canarytooth", "period=1", "clock=6:00"), "--reason", "canaryreason")
	f.carry("coach", "a")
	commands := []string{"log m", "watch m --count 4", "state m", "timeline m", "stats m", "why m", "export m - --json", "export m - --csv", "status m", "verify m", "names m", "grants m", "doctor m", "peers"}
	canaries := func(out string) (found []string) {
		for _, word := range []string{"canaryknee", "canaryelbow", "canaryhospital", "canarytooth", "canaryreason", `"noReturn":true`, "concussion", "injury"} {
			if strings.Contains(out, word) {
				found = append(found, word)
			}
		}
		return found
	}
	check := func(device string, sees bool) {
		t.Helper()
		seen := map[string]bool{}
		for _, c := range commands {
			for _, format := range []string{"", " --json"} {
				args := strings.Fields(c + format)
				if args[0] == "export" && format != "" || args[0] == "peers" && device == "a" {
					continue
				}
				out, _ := f.try(device, args...) // doctor fails where nobody else is
				for _, word := range canaries(out) {
					seen[word] = true
					if !sees {
						t.Errorf("%s at %s tells %s: %s", c+format, device, word, out)
					}
				}
			}
		}
		if sees && (!seen["canaryknee"] || !seen["canaryelbow"] || !seen["canaryhospital"]) {
			t.Errorf("%s is told of %v only", device, seen)
		}
	}
	for device, sees := range map[string]bool{"a": false, "family": false, "neighbour": false, "mother": true, "coach": true} {
		f.carry("a", device)
		check(device, sees)
	}
	at, _ := serveProcess(t, f.bin, filepath.Join(f.dir, "family"))
	check("family", false)
	for _, command := range []string{"log", "state", "timeline", "why", "stats"} {
		for _, format := range []string{"", " --json"} {
			args := strings.Fields(command + format)
			out, err := f.try("visitor", append(args, f.run("a", "invite", "m", "--role", "family"), "--peer", at.P2P[0])...)
			if found := canaries(out); err != nil || len(found) > 0 {
				t.Errorf("%s tells a visitor %v: %s %v", args, found, out, err)
			}
		}
	}
}

// record records an event and returns its hash.
func (f *folders) record(device string, args ...string) string {
	f.t.Helper()
	var made struct{ Hash string }
	f.json(&made, device, append([]string{"record", "m"}, args...)...)
	return made.Hash
}
