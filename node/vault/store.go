package vault

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"touchline.dev/touchline/crdt"
)

// ErrLocked: the folder's secrets lie under a passphrase, and none was given.
var ErrLocked = errors.New("the keys of this folder lie under a passphrase")

// secretPrefixes begin the meta keys whose values are secrets.
var secretPrefixes = []string{"member/", "client/", "secret/"}

func isSecret(key string) bool {
	for _, p := range secretPrefixes {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// store is a crdt.Store whose secrets lie sealed on disk.
type store struct {
	crdt.Store
	vault *Vault // nil: nothing is sealed
}

// Store returns a store that seals the secrets among its meta values. Without a
// vault it keeps them open, and returns ErrLocked for one that is sealed.
func Store(s crdt.Store, v *Vault) crdt.Store { return store{s, v} }

// Meta implements crdt.Store.
func (s store) Meta(key string) ([]byte, error) {
	b, err := s.Store.Meta(key)
	if err != nil || !isSecret(key) || !IsSealed(b) {
		return b, err
	}
	if s.vault == nil {
		return nil, ErrLocked
	}
	return s.vault.Open(key, b)
}

// SetMeta implements crdt.Store.
func (s store) SetMeta(ctx context.Context, key string, value []byte) error {
	if s.vault != nil && value != nil && isSecret(key) {
		value = s.vault.Seal(key, value)
	}
	return s.Store.SetMeta(ctx, key, value)
}

// Rekey rewrites every secret of a store from one vault to another; nil is none.
// It may be repeated after a failure: what was rewritten opens under either.
func Rekey(ctx context.Context, s crdt.Store, from, to *Vault) error {
	for _, prefix := range secretPrefixes {
		keys, err := s.MetaKeys(prefix)
		if err != nil {
			return fmt.Errorf("rewrite keys: %w", err)
		}
		for _, k := range keys {
			secret, err := openEither(s, k, from, to)
			if err != nil {
				return fmt.Errorf("rewrite keys: %w", err)
			}
			if err := Store(s, to).SetMeta(ctx, k, secret); err != nil {
				return fmt.Errorf("rewrite keys: %w", err)
			}
		}
	}
	return nil
}

func openEither(s crdt.Store, key string, from, to *Vault) ([]byte, error) {
	b, err := Store(s, from).Meta(key)
	if err != nil && to != nil {
		if again, err := Store(s, to).Meta(key); err == nil {
			return again, nil
		}
	}
	return b, err
}
