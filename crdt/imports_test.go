package crdt_test

import (
	"os/exec"
	"strings"
	"testing"
)

// Imports point inward only: what each package must never come to depend on,
// directly or not, and why.
func TestImports(t *testing.T) {
	const own = "touchline.dev/touchline/"
	const network, database, framework = "github.com/libp2p", "github.com/dgraph-io/badger", "net/http"
	for pkg, forbidden := range map[string]map[string]string{
		"crdt":             {network: "pure", database: "a store is an interface", framework: "pure", own + "node": "inward"},
		"crdt/recon":       {network: "sans-io", database: "sans-io", "net": "sans-io", own + "node": "inward"},
		"crdt/access":      {network: "pure", database: "pure", own + "node": "inward"},
		"crdt/match":       {network: "pure", database: "pure", "net": "pure", own + "crdt/access": "access judges, match folds", own + "node": "inward"},
		"pubsub":           {database: "never stores", own + "node": "inward", own + "bridge": "inward"},
		"node/badgerstore": {network: "one outside thing each", own + "node/lan": "inward"},
		"bridge":           {network: "declares what it needs", database: "declares what it needs", own + "node": "bridge and node do not know each other"},
		"node":             {database: "a store is an interface", own + "bridge": "node and bridge do not know each other"},
	} {
		out, err := exec.Command("go", "list", "-deps", own+pkg).Output()
		if err != nil {
			t.Fatalf("%s: %v", pkg, err)
		}
		for _, dep := range strings.Fields(string(out)) {
			for f, why := range forbidden {
				if why != "" && (dep == f || strings.HasPrefix(dep, f+"/")) {
					t.Errorf("%s imports %s: %s", pkg, dep, why)
				}
			}
		}
	}
}
