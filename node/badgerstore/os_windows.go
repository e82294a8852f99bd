package badgerstore

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// diskSpace returns the size of a filesystem and what is free for us, in bytes.
func diskSpace(dir string) (total, free uint64, err error) {
	p, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, 0, err
	}
	err = windows.GetDiskFreeSpaceEx(p, &free, &total, nil)
	return total, free, err
}

// errReadOnlyDisk: the medium is write-protected.
var errReadOnlyDisk error = windows.ERROR_WRITE_PROTECT

// tryWriting writes, syncs and removes a file.
func tryWriting(path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(path)) }()
	if _, err := f.Write(make([]byte, os.Getpagesize())); err != nil {
		return err
	}
	return f.Sync()
}

// lockFile takes a lock that ends with the process or when the file is closed.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	flags := uint32(windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY)
	if err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, &windows.Overlapped{}); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// syncDir has no meaning on Windows: NTFS journals names.
func syncDir(string) error { return nil }
