package main

import (
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
