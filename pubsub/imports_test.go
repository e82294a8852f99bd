package pubsub_test

import (
	"os/exec"
	"strings"
	"testing"
)

// Dependencies point inward, and gossip touches no disk.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dep := range strings.Lines(string(out)) {
		for _, forbidden := range []string{"touchline/node", "touchline/bridge", "touchline/cmd", "dgraph-io/badger"} {
			if strings.Contains(dep, forbidden) {
				t.Errorf("pubsub depends on %s", dep)
			}
		}
	}
}
