package badgerstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// A disk may be full when the store is opened, and badger cannot be opened
// without writing: it makes logs, and tables of what a crash left in old ones.
// So that it can, a file is kept that holds as much space as that takes, made
// while there is room and let go when there is none. The store is cramped then:
// it is read, nothing is written, not even by compaction, which may take more
// space than there is and dies of a full disk.
const (
	ballastBytes      = 48 * mb
	smallBallastBytes = 40 * mb // tables of three memtables, the files of badger's own, and the store's
	ballastFilesystem = 256 * mb
)

func (s *Store) ballastPath() string { return filepath.Join(s.dir, "ballast") }

// ballastSize is what opening may take on a filesystem of total bytes.
func (o Options) ballastSize(total uint64) uint64 {
	if o.Small || total < smallFilesystem {
		return smallBallastBytes
	}
	return ballastBytes
}

// keepBallast makes the ballast when there is room. Without it, opening waits
// for space. Filesystems below 256 MB have no room for one.
func (s *Store) keepBallast() {
	total, free, err := diskSpace(s.dir)
	size := s.opts.ballastSize(total)
	if err != nil || total < ballastFilesystem || free < s.opts.minFree(total)+size {
		return
	}
	if info, err := os.Stat(s.ballastPath()); err == nil && info.Size() >= int64(size) {
		return
	}
	if err := makeBallast(s.ballastPath(), size); err != nil {
		s.log.Warn("store: no space was put by for opening on a full disk", "error", errors.Join(err, os.Remove(s.ballastPath())))
	}
}

func makeBallast(path string, size uint64) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(allocate(f, int64(size)), f.Sync(), f.Close())
}

// writeZeros allocates where nothing else does.
func writeZeros(f *os.File, size int64) error {
	zeros := make([]byte, mb)
	for done := int64(0); done < size; done += mb {
		if _, err := f.Write(zeros); err != nil {
			return err
		}
	}
	return nil
}

// openingTakes is how much space opening may take, in bytes: a table for each log
// that the last run left, and files of badger's and the store's own.
func (s *Store) openingTakes() uint64 {
	return uint64(s.logsThere())*logBytes + 6*mb
}

// logsThere counts badger's logs, but for the empty one that is made beforehand.
func (s *Store) logsThere() (n int) {
	paths, _ := filepath.Glob(filepath.Join(s.dbDir(), "*.mem"))
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || info.Size() > 0 {
			n++
		}
	}
	return n
}

// logBytes is what a log, and so its table, can come to hold: a memtable, and
// the transaction that overfills it.
const logBytes = memTableBytes + memTableBytes/4

// makeRoom is asked when the disk is too full to write. It returns nil when
// there is room to open the database for reading, letting go of the ballast if
// that is what it takes.
func (s *Store) makeRoom() error {
	_, free, err := diskSpace(s.dir)
	if err != nil || free >= s.openingTakes() {
		return err
	}
	if os.Remove(s.ballastPath()) != nil || syncDir(s.dir) != nil { // its blocks are free after that
		return s.checkSpace()
	}
	if _, free, err = diskSpace(s.dir); err != nil || free >= s.openingTakes() {
		return err
	}
	return s.checkSpace()
}

// takeBack puts by again what opening did not use, before others fill it, as
// far as it goes; badger has made its tables when it has one log. The next opening
// of a cramped store lives on it.
func (s *Store) takeBack() {
	total, free, err := diskSpace(s.dir)
	size := s.opts.ballastSize(total)
	if err != nil || isThere(s.ballastPath()) || total < ballastFilesystem || s.logsThere() > 1 {
		return
	}
	if free < size+crampedReserve { // what opening took has moved into tables
		size = max(free, crampedReserve) - crampedReserve
	}
	if size == 0 {
		return
	}
	if err := makeBallast(s.ballastPath(), size); err != nil {
		os.Remove(s.ballastPath())
	}
}

// crampedReserve stays free for the small files of an open store.
const crampedReserve = 2 * mb

// tendCramped looks after a store that is open on a full disk.
func (s *Store) tendCramped() {
	s.handle.RLock()
	defer s.handle.RUnlock()
	if s.cramped && s.db != nil {
		s.takeBack()
	}
}

// closeCramped closes a database in which nothing was written: it is what the
// last run left, or what opening made of that, and need not be doubted again.
// The caller holds handle for writing.
func (s *Store) closeCramped() error {
	err := s.closeBadger()
	if err == nil {
		if !s.loose.Load() {
			err = s.writeState(true)
		}
		s.takeBack()
	}
	if err != nil {
		return fmt.Errorf("close %s: %w", s.dir, err)
	}
	return nil
}
