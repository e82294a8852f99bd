package badgerstore

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// A kept value is a meta value that no peer can bring back: a membership, a key.
// It lies in the database and in a file of its own in the folder kept, so that
// neither damage to the one nor to the other loses it (ADR 20). The file is
// written before the database and removed before it. So it is never the older
// one, and what only one of the two has is copied to the other.
//
// The file is named by the hash of the key. It has a magic, the SHA-256 of the
// rest, the length of the key (2 bytes, big-endian), key and value.
const keptMagic = "touchline kept 1\n"

var errKept = errors.New("a kept value is damaged")

func (s *Store) keptDir() string { return filepath.Join(s.dir, "kept") }

func (s *Store) keptPath(key string) string {
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(s.keptDir(), hex.EncodeToString(sum[:16]))
}

// isKept reports whether a meta value is kept twice.
func (s *Store) isKept(key string) bool {
	for _, p := range s.opts.Hints {
		if strings.HasPrefix(key, p) {
			return false
		}
	}
	return len(key) <= 1<<16-1
}

func encodeKept(key string, value []byte) []byte {
	rest := append(binary.BigEndian.AppendUint16(nil, uint16(len(key))), key...)
	rest = append(rest, value...)
	sum := sha256.Sum256(rest)
	return append(append([]byte(keptMagic), sum[:]...), rest...)
}

func decodeKept(b []byte) (key string, value []byte, err error) {
	rest, ok := bytes.CutPrefix(b, []byte(keptMagic))
	if !ok || len(rest) < sha256.Size+2 {
		return "", nil, errKept
	}
	sum, rest := rest[:sha256.Size], rest[sha256.Size:]
	n := int(binary.BigEndian.Uint16(rest))
	if have := sha256.Sum256(rest); !bytes.Equal(have[:], sum) || len(rest) < 2+n {
		return "", nil, errKept
	}
	return string(rest[2 : 2+n]), rest[2+n:], nil
}

// setKept sets or, with a nil value, deletes a kept value. After an error the
// two copies may differ until the next look ([Store.tendKept]).
func (s *Store) setKept(ctx context.Context, key string, value []byte) error {
	s.keptMu.Lock()
	defer s.keptMu.Unlock()
	if err := s.writableNow(); err != nil {
		return err
	}
	if value == nil {
		if err := s.removeKept(key); err != nil {
			return fmt.Errorf("%w: %v", crdt.ErrReadOnly, err)
		}
	} else if err := s.writeKept(key, value); err != nil {
		return fmt.Errorf("%w: %v", crdt.ErrReadOnly, err)
	}
	return s.putMeta(ctx, key, value)
}

// writeKept replaces a file and overwrites what was in it before, which may have
// been a key in clear. What a crash leaves of that, dropUnkept overwrites.
func (s *Store) writeKept(key string, value []byte) error {
	path, next := s.keptPath(key), encodeKept(key, value)
	if was, err := os.ReadFile(path); err == nil && bytes.Equal(was, next) {
		return nil
	}
	before := filepath.Join(s.keptDir(), tempPrefix+"old-"+filepath.Base(path))
	linked := os.Link(path, before) == nil // not every filesystem can
	if err := writeFile(path, next); err != nil {
		return err
	}
	if !linked {
		return nil
	}
	return errors.Join(overwrite(before), os.Remove(before), syncDir(s.keptDir()))
}

func (s *Store) removeKept(key string) error {
	path := s.keptPath(key)
	if err := overwrite(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return errors.Join(os.Remove(path), syncDir(s.keptDir()))
}

// restoreKept brings back into the database what is kept and not there. The
// caller is opening the store.
func (s *Store) restoreKept() error {
	entries, err := os.ReadDir(s.keptDir())
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	there := s.namesKept()
	n := 0
	for _, e := range entries {
		if there[e.Name()] || strings.HasPrefix(e.Name(), tempPrefix) {
			continue
		}
		key, value, err := s.readKept(filepath.Join(s.keptDir(), e.Name()))
		if err != nil {
			s.report("a kept value cannot be read, nor is it in the database", "file", e.Name(), "error", err)
			continue
		}
		if !s.isKept(key) {
			continue
		}
		if err := s.update(s.db, func(txn *badger.Txn) error { return txn.Set(metaKey(key), value) }); err != nil {
			return fmt.Errorf("bring back a kept value: %w", err)
		}
		n++
	}
	if n > 0 {
		s.log.Warn("store: memberships and keys that the database lacked were brought back", "values", n, "dir", s.dir)
	}
	return nil
}

// namesKept are the names of the files of all kept values that can be read in
// the database.
func (s *Store) namesKept() map[string]bool {
	there := map[string]bool{}
	s.db.View(func(txn *badger.Txn) error {
		for k := range keys(txn, metaKey(""), metaKey("")) {
			if has(txn, k, nil) {
				there[filepath.Base(s.keptPath(string(k[1:])))] = true
			}
		}
		return nil
	})
	return there
}

func (s *Store) readKept(path string) (key string, value []byte, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return "", nil, err
	}
	key, value, err = decodeKept(b)
	if err == nil && s.keptPath(key) != path {
		err = errKept
	}
	return key, value, err
}

// tendKept compares both copies of all kept values, and mends the one that is
// damaged or missing. It reads some megabytes in a club's store.
func (s *Store) tendKept() error {
	all, err := s.MetaKeys("")
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, key := range all {
		if s.isKept(key) {
			known[filepath.Base(s.keptPath(key))] = true
			err = errors.Join(err, s.mendKept(key))
		}
	}
	return errors.Join(err, s.dropUnkept(known))
}

// mendKept makes both copies of a value equal. The file is the newer one, if it
// is whole.
func (s *Store) mendKept(key string) error {
	s.keptMu.Lock()
	defer s.keptMu.Unlock()
	value, dbErr := s.Meta(key)
	_, kept, fileErr := s.readKept(s.keptPath(key))
	switch {
	case fileErr == nil && dbErr == nil && bytes.Equal(value, kept):
		return nil
	case fileErr == nil && (dbErr == nil || errors.Is(dbErr, crdt.ErrNotFound)):
		return s.putMeta(context.Background(), key, kept)
	case dbErr != nil:
		return nil // deleted meanwhile, or neither can be read: opening says so
	}
	if err := s.writableNow(); err != nil {
		return err
	}
	if errors.Is(fileErr, errKept) {
		s.report("the second copy of a membership or key was damaged and is written anew", "file", filepath.Base(s.keptPath(key)))
	}
	return s.writeKept(key, value)
}

// dropUnkept removes half-written files, and those of values that are no longer
// kept twice.
func (s *Store) dropUnkept(known map[string]bool) error {
	entries, err := os.ReadDir(s.keptDir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		path := filepath.Join(s.keptDir(), e.Name())
		if known[e.Name()] {
			continue
		}
		s.keptMu.Lock()
		key, _, readErr := s.readKept(path)
		half := strings.HasPrefix(e.Name(), tempPrefix) // nobody writes: we have the lock
		if half || readErr == nil && !s.isKept(key) {
			err = errors.Join(err, overwrite(path), os.Remove(path))
		}
		s.keptMu.Unlock()
	}
	return err
}
