package main

import (
	"errors"
	"syscall"
)

const errorLockViolation, errorSharingViolation = syscall.Errno(33), syscall.Errno(32)

// inUse reports whether a store could not be opened because another process
// has it open.
func inUse(err error) bool {
	return errors.Is(err, errorLockViolation) || errors.Is(err, errorSharingViolation)
}
