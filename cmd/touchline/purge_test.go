package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// What the founder purges is gone here and, once they hear of it, elsewhere;
// what is written under the purged right later does not come in either.
func TestPurge(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "m")
	f.run("b", "join", f.run("a", "invite", "m", "--role", "record"), "--label", "m")
	f.run("b", "record", "m", "note", "text=slander")
	f.run("b", "record", "m", "goal", "team=home")
	f.carry("b", "a")

	events := f.events("a")
	if len(events) != 2 || events[0].Type != "note" {
		t.Fatalf("%+v", events)
	}
	var purged struct{ Gone int }
	f.json(&purged, "a", "purge", "m", events[0].Hash[:10], "--yes")
	if purged.Gone != 1 {
		t.Errorf("%d are gone", purged.Gone)
	}
	f.json(&purged, "a", "purge", "m", "--beneath", f.own("b").Grant, "--except", events[1].Hash, "--yes")
	if purged.Gone != 0 {
		t.Errorf("%d are gone, though all that is left is excepted", purged.Gone)
	}
	if out, err := f.try("a", "purge", "m", "--beneath", f.own("a").Grant, "--yes"); err == nil || !strings.Contains(err.Error(), "nobody could record in this match any more") {
		t.Errorf("the founder's right is purged: %s %v", out, err)
	}
	f.run("a", "record", "m", "goal", "team=away", "--id", "still")
	f.run("a", "purge", "m", f.events("a")[1].Hash, "--yes")
	f.run("b", "record", "m", "note", "text=more")
	f.carry("a", "b")
	f.carry("b", "a")
	for _, device := range []string{"a", "b"} {
		if left := f.events(device); len(left) != 1 || left[0].Type != "goal" {
			t.Errorf("%s: %+v", device, left)
		}
	}
	if _, err := f.try("b", "record", "m", "note", "text=again"); err == nil {
		t.Error("what is written under a purged right is acknowledged")
	}
}

type loggedEvent struct{ Hash, Type string }

func (f *folders) events(device string) (out []loggedEvent) {
	f.t.Helper()
	for _, line := range strings.Split(f.run(device, "log", "m", "--json"), "\n") {
		var e loggedEvent
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			f.t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}
