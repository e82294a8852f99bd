package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node/badgerstore"
	"touchline.dev/touchline/node/vault"
)

// After a passphrase was set no file of the folder has a key, whatever was
// written before and in how many runs, at rest and while a node is running;
// nor has it one that opens under the passphrase before.
func TestPassphraseLeavesNoKey(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "s", "--sealed")
	f.run("a", "match", "new", "--label", "o")
	f.run("a", "rotate", "s")
	f.run("a", "record", "s", "goal", "team=home")
	f.run("a", "token", "o", "--role", "record") // makes the secret of tokens
	dir := filepath.Join(f.dir, "a")
	keys := secretsOf(t, dir, nil)
	if found := keysIn(t, dir, keys); len(keys) < 9 || len(found) != len(keys) {
		t.Fatalf("%d keys, %d of them in files before", len(keys), len(found))
	}
	set := func(passphrase, before string) map[string][]byte {
		t.Helper()
		cmd := exec.Command(f.bin, "--data", dir, "passphrase", "set")
		cmd.Stdin = strings.NewReader(passphrase)
		cmd.Env = append(os.Environ(), "TOUCHLINE_PASSPHRASE="+before)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		v, err := vault.Open(filepath.Join(dir, passphraseName), []byte(passphrase))
		if err != nil {
			t.Fatal(err)
		}
		return secretsOf(t, dir, v)
	}
	same := set("blue whistle", "")
	if found := keysIn(t, dir, keys); len(found) > 0 {
		t.Errorf("at rest: %q", found)
	}
	for name, key := range keys {
		if !bytes.Equal(same[name], key) {
			t.Errorf("%s is another key now", name)
		}
	}
	old := sealedIn(t, dir)
	set("red card", "blue whistle")
	if found := keysIn(t, dir, old); len(old) == 0 || len(found) > 0 {
		t.Errorf("what opens under the passphrase before: %q of %d", found, len(old))
	}
	t.Setenv("TOUCHLINE_PASSPHRASE", "red card")
	f.run("a", "record", "s", "goal", "team=away")
	serveFolder(t, f.bin, dir)
	if found := keysIn(t, dir, keys); len(found) > 0 {
		t.Errorf("while a node is running: %q", found)
	}
}

// A passphrase that is soon guessed is refused in words that say what would do,
// and the folder is as it was.
func TestShortPassphrase(t *testing.T) {
	f := newFolders(t)
	f.run("a", "match", "new", "--label", "o")
	cmd := exec.Command(f.bin, "--data", filepath.Join(f.dir, "a"), "passphrase", "set")
	cmd.Stdin = strings.NewReader("offside\n")
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "at least 8 characters") || !strings.Contains(string(out), "nothing was changed") {
		t.Errorf("seven characters: %v: %s", err, out)
	}
	f.run("a", "state", "o") // needs none
}

// secretsOf opens a folder that nobody uses and lists its keys by what they are.
func secretsOf(t *testing.T, dir string, v *vault.Vault) map[string][]byte {
	t.Helper()
	keys := map[string][]byte{}
	eachMeta(t, dir, "member/", func(name string, b []byte) {
		b, err := opened(v, name, b)
		if err != nil {
			t.Fatal(err)
		}
		m, err := access.DecodeMember(b)
		if err != nil {
			t.Fatal(err)
		}
		name = m.Label + " " // of the match
		keys[name+"seed"], keys[name+"topic"], keys[name+"hpke"] = m.Seed, m.TopicSecret, m.HPKE
		for _, k := range m.Keys {
			keys[name+"epoch "+hex.EncodeToString(k.Key[:4])] = k.Key
		}
	})
	eachMeta(t, dir, "secret/", func(name string, b []byte) {
		b, err := opened(v, name, b)
		if err != nil {
			t.Fatal(err)
		}
		keys[name] = b
	})
	return keys
}

func opened(v *vault.Vault, name string, b []byte) ([]byte, error) {
	if v == nil {
		return b, nil
	}
	return v.Open(name, b)
}

// sealedIn lists the secrets as they lie on disk.
func sealedIn(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	sealed := map[string][]byte{}
	eachMeta(t, dir, "", func(name string, b []byte) {
		if vault.IsSealed(b) {
			sealed[name] = b
		}
	})
	return sealed
}

func eachMeta(t *testing.T, dir, prefix string, f func(name string, value []byte)) {
	t.Helper()
	s, err := badgerstore.Open(filepath.Join(dir, storeName), badgerstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	names, err := s.MetaKeys(prefix)
	for _, name := range names {
		b, metaErr := s.Meta(name)
		err = errors.Join(err, metaErr)
		f(name, b)
	}
	if err := errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
}

// keysIn searches every byte of every file of a folder.
func keysIn(t *testing.T, dir string, keys map[string][]byte) (found []string) {
	t.Helper()
	seen := map[string]bool{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a running node tidies up
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := readIfThere(path)
		for name, key := range keys {
			if !seen[name] && bytes.Contains(b, key) {
				seen[name], found = true, append(found, name)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
