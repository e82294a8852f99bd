package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/node/vault"
)

func TestPassphrase(t *testing.T) {
	file := filepath.Join(t.TempDir(), "passphrase.json")
	v, err := vault.Create(file, []byte("blue whistle"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Create(file, []byte("other whistle")); !errors.Is(err, os.ErrExist) {
		t.Errorf("a second vault over the first: %v", err)
	}
	for _, short := range []string{"", "1234567", "äöüßéèà"} { // characters count, not bytes
		if _, err := vault.Create(file+"2", []byte(short)); !errors.Is(err, vault.ErrShort) {
			t.Errorf("passphrase %q: %v", short, err)
		}
	}
	if _, err := os.Stat(file + "2"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a refused passphrase left a file: %v", err)
	}
	sealed := v.Seal("member/1", []byte("key"))
	if bytes.Contains(sealed, []byte("key")) || !vault.IsSealed(sealed) {
		t.Errorf("sealed: %q", sealed)
	}
	again, err := vault.Open(file, []byte("blue whistle"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := again.Open("member/1", sealed); err != nil || string(b) != "key" {
		t.Errorf("opened %q, %v", b, err)
	}
	if _, err := again.Open("member/2", sealed); err == nil {
		t.Error("a value moved to another name opens")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := again.Open("member/1", sealed); err == nil {
		t.Error("a changed value opens")
	}
	if _, err := vault.Open(file, []byte("blue Whistle")); !errors.Is(err, vault.ErrPassphrase) {
		t.Errorf("wrong passphrase: %v", err)
	}
	for _, bad := range []string{"", "{}", `{"kdf":"argon2id","time":1000000,"memoryKiB":9,"threads":1,"salt":"AAAAAAAAAAAAAAAAAAAAAA=="}`} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.Open(file, []byte("blue whistle")); err == nil || errors.Is(err, vault.ErrPassphrase) {
			t.Errorf("parameters %q: %v", bad, err)
		}
	}
}

func TestStoreKeepsSecretsSealed(t *testing.T) {
	ctx, raw := context.Background(), crdt.NewMemStore()
	v, err := vault.Create(filepath.Join(t.TempDir(), "p"), []byte("blue whistle"))
	if err != nil {
		t.Fatal(err)
	}
	open := vault.Store(raw, nil)
	for key, value := range map[string]string{"member/a": "one", "client/b": "two", "secret/c": "three", "sync/d": "four"} {
		if err := open.SetMeta(ctx, key, []byte(value)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 { // repeated, as after a crash half way
		if err := vault.Rekey(ctx, raw, nil, v); err != nil {
			t.Fatal(err)
		}
	}
	for key, want := range map[string]string{"member/a": "one", "client/b": "two", "secret/c": "three", "sync/d": "four"} {
		b, _ := raw.Meta(key)
		if secret := key != "sync/d"; vault.IsSealed(b) != secret || bytes.Contains(b, []byte(want)) == secret {
			t.Errorf("%s on disk: %q", key, b)
		}
		if b, err := vault.Store(raw, v).Meta(key); err != nil || string(b) != want {
			t.Errorf("%s: %q, %v", key, b, err)
		}
	}
	if _, err := open.Meta("member/a"); !errors.Is(err, vault.ErrLocked) {
		t.Errorf("without the passphrase: %v", err)
	}
	if err := vault.Rekey(ctx, raw, v, nil); err != nil {
		t.Fatal(err)
	}
	if b, err := open.Meta("member/a"); err != nil || string(b) != "one" {
		t.Errorf("unlocked: %q, %v", b, err)
	}
}

// Whatever lies in the store in the place of a secret is refused, unless it was sealed
// under that very name.
func FuzzSealed(f *testing.F) {
	v, err := vault.Create(filepath.Join(f.TempDir(), "passphrase.json"), []byte("blue whistle"))
	if err != nil {
		f.Fatal(err)
	}
	sealed := v.Seal("member/1", []byte("key"))
	f.Add(sealed)
	f.Add(sealed[:20])
	f.Add([]byte("key"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := v.Open("member/2", b); err == nil {
			t.Error("opened under another name")
		}
		if _, err := v.Open("member/1", b); err == nil && !bytes.Equal(b, sealed) {
			t.Error("opened what was not sealed")
		}
	})
}
