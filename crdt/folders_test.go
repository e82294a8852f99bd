package crdt_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Every folder with source has its sentence in docs/ARCHITECTURE.md; what is only
// measured beside us is named in the row above it.
func TestEveryFolderHasARow(t *testing.T) {
	doc, err := os.ReadFile("../docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	folders := map[string]bool{}
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		made := []string{"node_modules", "types", "dist", "testdata", ".git", ".tools"} // not written by hand, or no source
		if d.IsDir() && (slices.Contains(made, d.Name()) || path == filepath.FromSlash("../bridge/bench/socketio")) {
			return filepath.SkipDir
		}
		if slices.Contains([]string{".go", ".ts", ".tsx"}, filepath.Ext(path)) {
			folders[filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), ".."+string(filepath.Separator)))] = true
		}
		return nil
	})
	if err != nil || len(folders) < 30 {
		t.Fatal(len(folders), err)
	}
	for f := range folders {
		if !strings.Contains(string(doc), "\n| `"+f+"` |") && !strings.HasPrefix(f, "bridge/bench/") {
			t.Errorf("%s has no row in docs/ARCHITECTURE.md", f)
		}
	}
}
