// Package badgerstoretest damages stores on purpose, for tests of what reads them.
package badgerstoretest

import (
	"bytes"
	"errors"
	"path/filepath"
	"slices"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// Spoil changes the last byte of the stored envelopes of events, checksums of
// the database and all, in the closed store in dir. Only their hashes know.
func Spoil(dir string, hashes ...crdt.Hash) error {
	return change(dir, hashes, func(txn *badger.Txn, key, value []byte) error {
		if len(value) < 100 { // not the envelope
			return nil
		}
		value[len(value)-1] ^= 1
		return txn.Set(key, value)
	})
}

// Lose takes entries whose keys end in these names out of the closed store in
// dir: what a table that went bad would take.
func Lose(dir string, names ...crdt.Hash) error {
	return change(dir, names, func(txn *badger.Txn, key, _ []byte) error { return txn.Delete(key) })
}

// change calls f for all entries whose key ends in one of the names or that
// say one of them at the end of a short value.
func change(dir string, names []crdt.Hash, f func(txn *badger.Txn, key, value []byte) error) error {
	db, err := badger.Open(badger.DefaultOptions(filepath.Join(dir, "db")).WithLogger(nil))
	if err != nil {
		return err
	}
	err = db.Update(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			key := it.Item().KeyCopy(nil)
			value, err := it.Item().ValueCopy(nil)
			if err != nil {
				return err
			}
			named := slices.ContainsFunc(names, func(h crdt.Hash) bool {
				return bytes.HasSuffix(key, h[:]) || len(value) < 100 && bytes.HasSuffix(value, h[:])
			})
			if !named {
				continue
			}
			if err := f(txn, key, value); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, db.Close())
}
