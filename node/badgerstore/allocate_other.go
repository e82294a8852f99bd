//go:build !linux

package badgerstore

import "os"

// allocate gives an empty file so many bytes of disk.
func allocate(f *os.File, size int64) error { return writeZeros(f, size) }
