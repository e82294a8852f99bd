package recon_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestImports holds the package to what keeps it pure.
func TestImports(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{join .Imports "\n"}}`, ".").Output()
	if err != nil {
		t.Skip("no go command:", err)
	}
	allowed := map[string]bool{"touchline.dev/touchline/crdt": true, "github.com/dchest/siphash": true}
	for _, path := range strings.Fields(string(out)) {
		switch {
		case path == "net" || path == "os" || path == "time" || path == "sync" || path == "math/rand/v2":
			t.Errorf("imports %s: a session has no clock, no goroutines and no I/O", path)
		case strings.Contains(path, ".") && !allowed[path]:
			t.Errorf("imports %s", path)
		}
	}
}
