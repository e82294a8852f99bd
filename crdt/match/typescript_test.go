package match_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/bridge/web/webtest"
	"touchline.dev/touchline/crdt/match"
)

// The browser's fold gives the same bytes on random sets, in any order.
func TestTypeScriptFolds(t *testing.T) {
	file := filepath.Join(t.TempDir(), "folds.ndjson")
	writeFolds(t, file)
	cmd := webtest.Command(t, "test.mjs", "fold.test")
	cmd.Env = append(cmd.Env, "TOUCHLINE_FOLDS="+file)
	webtest.Run(t, cmd)
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
