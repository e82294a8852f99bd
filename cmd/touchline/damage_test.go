package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
)

// A log that a damage emptied is not right until what was in it is back, and
// status, doctor and verify say what happened until somebody dismisses it.
func TestDamageIsShown(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "final")
	for range 12 {
		f.run("a", "record", "final", "goal", "team=home")
	}
	archive := filepath.Join(f.dir, "final.touchline")
	f.run("a", "export", "final", archive)
	f.run("a", "verify")
	tables, _ := filepath.Glob(filepath.Join(f.dir, "a", storeName, "db", "*.sst"))
	if len(tables) == 0 {
		t.Fatal("no tables")
	}
	for _, path := range tables {
		if err := os.Truncate(path, 0); err != nil {
			t.Fatal(err)
		}
	}

	var r bridge.VerifyReport
	out, err := f.try("a", "verify", "--json")
	if err == nil {
		t.Fatalf("an emptied log is right: %s", out)
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatal(err)
	}
	if r.OK() || r.Lost == nil || r.Lost.Count < 12 || r.Empty {
		t.Errorf("verify: %+v", r)
	}
	if out, err := f.try("a", "verify"); err == nil || !strings.Contains(out, "not whole") || !strings.Contains(out, "missing since the store was damaged") {
		t.Errorf("verify: %v %s", err, out)
	}
	var status bridge.Status
	f.json(&status, "a", "status", "final")
	if status.Lost < 12 || len(status.Damages) == 0 {
		t.Fatalf("status: %+v", status)
	}
	aside, _ := filepath.Glob(filepath.Join(f.dir, "a", storeName+".bad-*"))
	if len(aside) != 1 {
		t.Fatalf("moved aside: %q", aside)
	}
	for _, command := range []string{"status", "doctor"} {
		if out, _ := f.try("a", command, "final"); !strings.Contains(out, aside[0]) || !strings.Contains(out, "missing") {
			t.Errorf("%s does not name %s: %s", command, aside[0], out)
		}
	}

	f.run("a", "record", "final", "card", "team=home") // its right outlived the damage
	f.run("a", "import", archive)
	r = bridge.VerifyReport{}
	f.json(&r, "a", "verify", "final")
	if r.Lost != nil || !r.OK() {
		t.Errorf("after healing: %+v", r)
	}
	if out := f.run("a", "status", "final"); !strings.Contains(out, aside[0]) || strings.Contains(out, "missing since") {
		t.Errorf("status after healing: %s", out)
	}
	if out := f.run("a", "doctor", "--dismiss"); !strings.Contains(out, aside[0]) {
		t.Errorf("dismissed: %s", out)
	}
	if out := f.run("a", "status", "final"); strings.Contains(out, "damage") {
		t.Errorf("status after it was dismissed: %s", out)
	}
}
