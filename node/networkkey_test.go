package node

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"
)

// A node keeps its name in the network; a file that a power cut left empty
// costs the name, not the node.
func TestNetworkKey(t *testing.T) {
	dir := t.TempDir()
	first, err := networkKey(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	again, err := networkKey(dir, slog.New(slog.DiscardHandler))
	if err != nil || !again.Equals(first) {
		t.Errorf("another key the second time, %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, networkKeyName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	fresh, err := networkKey(dir, slog.New(slog.DiscardHandler))
	if err != nil || fresh.Equals(first) {
		t.Fatalf("after damage: %v", err)
	}
	if again, err = networkKey(dir, slog.New(slog.DiscardHandler)); err != nil || !again.Equals(fresh) {
		t.Errorf("the fresh key is not kept, %v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 1 {
		t.Errorf("%d files, %v", len(files), err)
	}
}
