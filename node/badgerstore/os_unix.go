//go:build unix

package badgerstore

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// diskSpace returns the size of a filesystem and what is free for us, in bytes.
func diskSpace(dir string) (total, free uint64, err error) {
	var st unix.Statfs_t
	err = unix.Statfs(dir, &st)
	return uint64(st.Blocks) * uint64(st.Bsize), uint64(st.Bavail) * uint64(st.Bsize), err
}

// errReadOnlyDisk: the file system is mounted read-only.
var errReadOnlyDisk error = unix.EROFS

// tryWriting writes, maps, syncs and removes a file.
func tryWriting(path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(path)) }()
	page := make([]byte, os.Getpagesize())
	if _, err := f.Write(page); err != nil {
		return err
	}
	if err := f.Sync(); err != nil { // before it is mapped: its blocks are there
		return err
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, len(page), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	mapped[0] = 1
	return errors.Join(unix.Msync(mapped, unix.MS_SYNC), unix.Munmap(mapped))
}

// lockFile takes a lock that ends with the process or when the file is closed.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
