//go:build !unix

package socketio

import "syscall"

// writeNow takes nothing: a goroutine writes.
func writeNow(syscall.RawConn, []byte) (int, error) { return 0, nil }
