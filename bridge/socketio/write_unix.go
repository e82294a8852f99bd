//go:build unix

package socketio

import (
	"errors"
	"syscall"
)

// writeNow writes what the kernel takes without waiting; Go's sockets are
// non-blocking.
func writeNow(raw syscall.RawConn, b []byte) (taken int, err error) {
	failed := raw.Write(func(fd uintptr) bool {
		taken, err = syscall.Write(int(fd), b)
		return true
	})
	if failed != nil {
		return 0, failed
	}
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		err = nil
	}
	return max(taken, 0), err
}
