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

// The database is rewritten beside itself. The folders' names say how far it
// came: while "db" is there, "db.new" may be half written; without, it is whole.
func (s *Store) newDir() string { return filepath.Join(s.dir, "db.new") }
func (s *Store) oldDir() string { return filepath.Join(s.dir, "db.old") }

// Rewrite makes the database anew from what it says now, and overwrites the
// files of the one before, so that no value that was replaced or deleted stays
// in the folder: not in tables, not in badger's logs. Others wait meanwhile. It
// needs as much space as the database has ([Store.RoomToRewrite]). After an
// error the store is as it was, or, if its Health is bad, its next opening
// completes the exchange. See destroy for what a disk may keep beneath files.
func (s *Store) Rewrite() error {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-s.ended:
		return errClosed
	}
	s.handle.Lock()
	defer s.handle.Unlock()
	if err := errors.Join(s.writableNow(), s.RoomToRewrite()); err != nil {
		return fmt.Errorf("rewrite store: %w", err)
	}
	if err := s.copyDB(); err != nil {
		return fmt.Errorf("rewrite store: %w", errors.Join(err, s.destroyAll(s.newDir())))
	}
	err := s.closeBadger()
	if err == nil && !s.loose.Load() {
		err = s.writeState(true) // or opening would doubt what it finds
	}
	if err == nil {
		err = s.exchange()
	}
	if err := errors.Join(err, s.open()); err != nil {
		s.mu.Lock()
		s.fault = readOnly(err)
		s.mu.Unlock()
		s.wakeKeeper()
		return fmt.Errorf("rewrite store: %w", err)
	}
	return nil
}

// RoomToRewrite returns ErrReadOnly if the disk has no room for a [Store.Rewrite].
func (s *Store) RoomToRewrite() error {
	var need uint64
	err := eachFile(s.dbDir(), func(_ string, size int64) error { need += uint64(size); return nil })
	if err != nil {
		return err
	}
	total, free, err := diskSpace(s.dir)
	if err != nil {
		return err
	}
	if need += s.opts.minFree(total); free < need {
		return fmt.Errorf("%w: only %d MB free at %s, %d MB are needed", crdt.ErrReadOnly, free/mb, s.dir, need/mb)
	}
	return nil
}

// copyDB writes what the database says now into a new one, and makes it durable.
func (s *Store) copyDB() error {
	if err := s.destroyAll(s.newDir()); err != nil {
		return err
	}
	total, _, _ := diskSpace(s.dir)
	to, err := badger.Open(badgerOptions(s.newDir(), s.opts.Small || total < smallFilesystem, s.log))
	if err != nil {
		return err
	}
	if err := errors.Join(copyEntries(s.db, to), to.Close()); err != nil {
		return err
	}
	err = eachFile(s.newDir(), func(path string, _ int64) error { return syncFile(path) })
	return errors.Join(err, syncDir(s.newDir()), syncDir(s.dir))
}

func copyEntries(from, to *badger.DB) error {
	batch := to.NewWriteBatch()
	defer batch.Cancel()
	err := from.View(func(txn *badger.Txn) error {
		it := txn.NewIterator(badger.DefaultIteratorOptions)
		defer it.Close()
		for it.Rewind(); it.Valid(); it.Next() {
			v, err := it.Item().ValueCopy(nil)
			if err == nil {
				err = batch.Set(it.Item().KeyCopy(nil), v)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return batch.Flush()
}

// exchange puts the whole new database in the place of the old one. It is
// completed by whoever opens the store after a crash; the caller has no database.
func (s *Store) exchange() error {
	if err := errors.Join(os.Rename(s.dbDir(), s.oldDir()), syncDir(s.dir)); err != nil {
		return err
	}
	return s.finishRewrite()
}

// finishRewrite completes, or takes back, what a crash cut off.
func (s *Store) finishRewrite() error {
	if !isThere(s.dbDir()) && isThere(s.oldDir()) && isThere(s.newDir()) {
		if err := errors.Join(os.Rename(s.newDir(), s.dbDir()), syncDir(s.dir)); err != nil {
			return err
		}
	}
	return errors.Join(s.destroyAll(s.oldDir()), s.destroyAll(s.newDir()))
}

// destroyAll overwrites and unlinks a folder's files, and then the folder.
func (s *Store) destroyAll(dir string) error {
	if !isThere(dir) {
		return nil
	}
	if err := eachFile(dir, func(path string, _ int64) error { return overwrite(path) }); err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dir), syncDir(s.dir))
}

func isThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// eachFile visits the files of a folder, if that is there, with their sizes in bytes.
func eachFile(dir string, visit func(path string, size int64) error) error {
	if !isThere(dir) {
		return nil
	}
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return visit(path, info.Size())
	})
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
