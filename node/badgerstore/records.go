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
	return s.writeRecordFile(e)
}

func (s *Store) writeRecordFile(e *crdt.Event) error {
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
	return crdt.DecodeKnown(b, h)
}

// removeRecord destroys a file. The database already says that it is erased.
func (s *Store) removeRecord(h crdt.Hash) { s.destroy(s.recordPath(h)) }

// destroy overwrites and unlinks a file. What a journal, a snapshot or the
// wear levelling of a flash disk keeps is beyond our reach.
func (s *Store) destroy(path string) {
	err := overwrite(path)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err := errors.Join(err, os.Remove(path), syncDir(filepath.Dir(path))); err != nil {
		s.report("an erased record is still on disk", "path", path, "error", err)
		s.loose.Store(true)
	}
}

func overwrite(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(overwriteOpen(f), f.Close())
}

func overwriteOpen(f *os.File) error {
	info, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt(make([]byte, info.Size()), 0)
	}
	if err == nil {
		err = f.Sync()
	}
	return err
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

// tempPrefix begins the names of files that are being written.
const tempPrefix = ".tmp-"

// writeFile replaces a file so that after a power cut it is the old or the new one.
func writeFile(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := mkdirSynced(dir); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, tempPrefix+"*")
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
