package match_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/crdt/match"
)

// The browser's fold gives the same bytes on random sets, in any order.
func TestTypeScriptFolds(t *testing.T) {
	web := filepath.Join("..", "..", "bridge", "web")
	if _, err := exec.LookPath("node"); err != nil {
		crdttest.Lacking(t, "node is not installed")
	}
	if _, err := os.Stat(filepath.Join(web, "node_modules", "esbuild")); err != nil {
		crdttest.Lacking(t, "run npm ci --ignore-scripts in bridge/web")
	}
	file := filepath.Join(t.TempDir(), "folds.ndjson")
	writeFolds(t, file)
	cmd := exec.CommandContext(t.Context(), "node", "test.mjs", "fold.test")
	cmd.Dir = web
	cmd.Env = append(os.Environ(), "TOUCHLINE_FOLDS="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%.20000s", err, out)
	}
}

// writeFolds writes thousands of random sets and a whole match, each with its
// state, a line each.
func writeFolds(t *testing.T, name string) {
	t.Helper()
	file, err := os.Create(name)
	must(t, err)
	w := bufio.NewWriter(file)
	enc := json.NewEncoder(w)
	write := func(events []match.Event) {
		v := vector{Events: make([]vectorEvent, len(events))}
		for i := range events {
			v.Events[i] = toVector(&events[i])
		}
		v.State, err = json.Marshal(match.Fold(events))
		must(t, err)
		must(t, enc.Encode(v))
	}
	checks(t, "4000", "100000", "500")
	rapid.Check(t, func(t *rapid.T) { write(drawEvents(t)) })
	write(busyMatch(2000))
	must(t, w.Flush())
	must(t, file.Close())
}
