package badgerstore

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// recordPath spreads records over 256 folders.
func (s *Store) recordPath(h crdt.Hash) string {
	name := h.String()
	return filepath.Join(s.dir, "records", name[:2], name)
}

// writeRecord makes the file of an erasable record durable, unless it is
// there and whole, or erased.
func (s *Store) writeRecord(l *logState, e *crdt.Event) error {
	var erased bool
	if err := s.read(func(txn *badger.Txn) error {
		erased = has(txn, erasedKey(l.id, e.Hash), nil)
		return nil
	}); err != nil || erased {
		return err
	}
	if _, err := s.readRecord(e.Hash); err == nil {
		return nil
	}
	if err := writeFile(s.recordPath(e.Hash), e.Envelope()); err != nil {
		return fmt.Errorf("%w: record %s: %v", crdt.ErrReadOnly, e.Hash.Short(), err)
	}
	return nil
}

func (s *Store) readRecord(h crdt.Hash) (*crdt.Event, error) {
	b, err := os.ReadFile(s.recordPath(h))
	if err != nil {
		return nil, fmt.Errorf("record %s: %w: %v", h.Short(), crdt.ErrCorrupt, err)
	}
	return decodeChecked(b, h)
}

// removeRecord unlinks a file. The database already says that it is erased.
func (s *Store) removeRecord(h crdt.Hash) {
	path := s.recordPath(h)
	err := os.Remove(path)
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.report("an erased record is still on disk", "path", path, "error", err)
	}
}

func (s *Store) removeRecordsOf(db *badger.DB, num uint32) {
	db.View(func(txn *badger.Txn) error {
		prefix := setKey(num, crdt.Records)
		for k := range keys(txn, prefix, prefix) {
			s.removeRecord(elementOf(k).Hash)
		}
		return nil
	})
}

// writeFile replaces a file so that after a power cut it is the old or the new one.
func writeFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := mkdirSynced(dir); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(dir)
}

// mkdirSynced makes a folder and its parents durable.
func mkdirSynced(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	parent := filepath.Dir(dir)
	if err := mkdirSynced(parent); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncDir(parent)
}
