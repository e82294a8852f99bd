package badgerstore

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// syncsItself: badger need not sync, [wal.sync] does. Badger would sync its
// value log at each commit as well, in which we keep nothing.
const syncsItself = true

// wal makes durable what badger writes into the log of its memtable, a mapped
// file. It also makes that file before badger needs it, named for ever and with
// all its blocks, since a full disk is SIGBUS to whoever writes into a mapped
// hole. Badger takes an empty file as a new one and keeps the blocks beyond its
// end. Who has the turn owns it.
type wal struct {
	dir     string
	fid     int      // number of the log in use
	current *os.File // the log in use
	next    *os.File // nil when it could not be made
}

// open is called when badger has been opened, before anything is written.
func (w *wal) open(dir string) error {
	w.dir = dir
	if err := w.follow(); err != nil {
		return errors.Join(err, w.close())
	}
	return nil
}

// ready says why badger must not write now.
func (w *wal) ready() error {
	if w.next != nil {
		return nil
	}
	f, err := os.OpenFile(w.path(w.fid+1), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	err = reserve(f)
	if err == nil {
		err = errors.Join(f.Sync(), syncDir(w.dir))
	}
	if err != nil {
		return errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	w.next = f
	return nil
}

// sync returns when all that badger wrote is durable. Badger begins a new log
// before a transaction, never within one, so that one file has all of it.
func (w *wal) sync() error {
	if w.next == nil || size(w.next) > 0 {
		if err := w.follow(); err != nil {
			return err
		}
	}
	return fdatasync(w.current)
}

// follow finds the log in use and makes the one after it. A next one that
// cannot be made is no error yet: this one has room.
func (w *wal) follow() error {
	fid := 0
	paths, err := filepath.Glob(filepath.Join(w.dir, "*.mem"))
	for _, path := range paths {
		n, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(path), ".mem"))
		if info, statErr := os.Stat(path); err == nil && statErr == nil && info.Size() > 0 {
			fid = max(fid, n)
		}
	}
	if err != nil || fid == 0 {
		return fmt.Errorf("badger's log is not in %s: %w", w.dir, errors.Join(err, os.ErrNotExist))
	}
	f, err := os.OpenFile(w.path(fid), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	if err := errors.Join(w.close(), reserve(f)); err != nil {
		return errors.Join(err, f.Close())
	}
	w.fid, w.current = fid, f
	w.ready() // asked again before each commit
	return nil
}

// close lets go of the files, and of the next one if badger has not taken it.
func (w *wal) close() (err error) {
	if w.current != nil {
		err = w.current.Close()
	}
	if w.next != nil {
		if size(w.next) == 0 {
			err = errors.Join(err, os.Remove(w.next.Name()))
		}
		err = errors.Join(err, w.next.Close())
	}
	w.current, w.next = nil, nil
	return err
}

func (w *wal) path(fid int) string { return filepath.Join(w.dir, fmt.Sprintf("%05d.mem", fid)) }

// size of an open file; 1 if it cannot be told, so that whoever asks looks again.
func size(f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		return 1
	}
	return info.Size()
}

// reserve gives a file the blocks of a whole log. Filesystems that cannot are
// left alone.
func reserve(f *os.File) error {
	err := unix.Fallocate(int(f.Fd()), unix.FALLOC_FL_KEEP_SIZE, 0, logBytes)
	if errors.Is(err, unix.EOPNOTSUPP) || errors.Is(err, unix.ENOSYS) {
		return nil
	}
	return err
}

// fdatasync writes the pages of a file, mapped ones too, and what is needed to
// find them.
func fdatasync(f *os.File) error {
	for {
		if err := unix.Fdatasync(int(f.Fd())); err != unix.EINTR {
			return err
		}
	}
}
