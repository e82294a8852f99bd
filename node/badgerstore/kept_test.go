package badgerstore_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"touchline.dev/touchline/node/badgerstore"
)

var hinted = badgerstore.Options{Small: true, MinFree: 1, Hints: []string{"hint/"}}

// What no peer can bring back outlives every damage to the database.
func TestKeptOutlivesDamage(t *testing.T) {
	for name, damage := range map[string]func(*testing.T, string){
		"manifest":  func(t *testing.T, db string) { flip(20)(t, filepath.Join(db, "MANIFEST")) },
		"tables":    func(t *testing.T, db string) { each(t, filepath.Join(db, "*.sst"), cut(0)) },
		"all empty": func(t *testing.T, db string) { each(t, filepath.Join(db, "*"), cut(0)) },
		"no folder": func(t *testing.T, db string) { check(t, os.RemoveAll(db)) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "store")
			s := open(t, dir, hinted)
			want := map[string]string{"member/a": "seed", "client/b": "", "token/c": "x"}
			for k, v := range want {
				check(t, s.SetMeta(ctx, k, []byte(v)))
			}
			check(t, s.SetMeta(ctx, "member/a", []byte("newer seed")))
			want["member/a"] = "newer seed"
			check(t, s.SetMeta(ctx, "gone", []byte("v")))
			check(t, s.SetMeta(ctx, "gone", nil))
			check(t, s.SetMeta(ctx, "hint/d", []byte("v")))
			check(t, s.Close())
			damage(t, filepath.Join(dir, "db"))
			for range 2 {
				s = open(t, dir, hinted)
				for k, v := range want {
					if b, err := s.Meta(k); err != nil || string(b) != v {
						t.Fatalf("%s: %q %v", k, b, err)
					}
				}
				if keys, err := s.MetaKeys(""); err != nil || len(keys) != len(want) {
					t.Fatalf("keys %q %v", keys, err)
				}
				check(t, s.Close())
			}
		})
	}
}

// A damaged second copy is written anew from the database.
func TestKeptIsMended(t *testing.T) {
	for name, damage := range map[string]func(*testing.T, string){"flipped": flip(60), "empty": cut(0), "gone": remove} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "store")
			s := open(t, dir, hinted)
			check(t, s.SetMeta(ctx, "member/a", []byte("the seed of a device")))
			check(t, s.Close())
			path := onlyFile(t, dir)
			want, err := os.ReadFile(path)
			check(t, err)
			damage(t, path)
			s = open(t, dir, hinted)
			eventually(t, func() bool {
				b, _ := os.ReadFile(path)
				return bytes.Equal(b, want)
			})
			if b, err := s.Meta("member/a"); err != nil || string(b) != "the seed of a device" {
				t.Fatalf("%q %v", b, err)
			}
		})
	}
}

// A store of an earlier version gets its second copies, and a file that a crash
// left between both copies wins: it was written first.
func TestKeptCatchesUp(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir, hinted)
	check(t, s.SetMeta(ctx, "member/a", []byte("first")))
	before, err := os.ReadFile(onlyFile(t, dir))
	check(t, err)
	check(t, s.SetMeta(ctx, "member/a", []byte("second")))
	check(t, s.Close())
	check(t, os.WriteFile(onlyFile(t, dir), before, 0o600))
	s = open(t, dir, hinted)
	eventually(t, func() bool { b, _ := s.Meta("member/a"); return string(b) == "first" })
	check(t, s.Close())
	check(t, os.RemoveAll(filepath.Join(dir, "kept")))
	s = open(t, dir, hinted)
	eventually(t, func() bool { return len(files(t, dir)) == 1 })
	check(t, s.Close())
	s = open(t, dir, badgerstore.Options{Small: true, MinFree: 1, Hints: []string{"member/"}})
	eventually(t, func() bool { return len(files(t, dir)) == 0 }) // kept once from now on
}

// Nothing of a value that was replaced or deleted stays in the folder.
func TestKeptIsOverwritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := open(t, dir, hinted)
	check(t, s.SetMeta(ctx, "member/a", []byte("a seed in clear")))
	old := onlyFile(t, dir)
	still := filepath.Join(t.TempDir(), "the same file")
	check(t, os.Link(old, still)) // what is left on the disk
	check(t, s.SetMeta(ctx, "member/a", []byte("sealed")))
	if b, err := os.ReadFile(still); err != nil || strings.Contains(string(b), "clear") {
		t.Fatalf("%q %v", b, err)
	}
	check(t, s.SetMeta(ctx, "member/a", nil))
	if left := files(t, dir); len(left) != 0 {
		t.Fatalf("left: %q", left)
	}
	if _, err := s.Meta("member/a"); err == nil {
		t.Fatal("still there")
	}
	if info, err := os.Stat(filepath.Join(dir, "kept")); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Fatalf("%v %v", info.Mode(), err)
	}
}

func FuzzKept(f *testing.F) {
	f.Add(badgerstore.EncodeKept("member/a", []byte("v")))
	f.Fuzz(func(t *testing.T, b []byte) {
		if key, value, err := badgerstore.DecodeKept(b); err == nil && !bytes.Equal(badgerstore.EncodeKept(key, value), b) {
			t.Fatal("not the same bytes")
		}
	})
}

func each(t *testing.T, pattern string, damage func(*testing.T, string)) {
	t.Helper()
	paths, _ := filepath.Glob(pattern)
	if len(paths) == 0 {
		t.Fatalf("no %s", pattern)
	}
	for _, p := range paths {
		damage(t, p)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "kept", "*"))
	check(t, err)
	return paths
}

func onlyFile(t *testing.T, dir string) string {
	t.Helper()
	paths := files(t, dir)
	if len(paths) != 1 {
		t.Fatalf("files: %q", paths)
	}
	return paths[0]
}
