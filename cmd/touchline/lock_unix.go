//go:build unix

package main

import (
	"errors"
	"syscall"
)

// inUse reports whether a store could not be opened because another process
// has it open.
func inUse(err error) bool { return errors.Is(err, syscall.EWOULDBLOCK) }
