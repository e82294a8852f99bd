package recon

import (
	"errors"
	"fmt"
)

// Errors of a [Session] and of the parsers. All are the peer's fault: drop the
// stream, remember the peer, keep running.
var (
	// ErrMalformed: bytes that are not a message, or not in its one encoding.
	ErrMalformed = errors.New("malformed reconciliation message")
	// ErrProtocol: a well-formed message that has no business here.
	ErrProtocol = errors.New("unexpected reconciliation message")
	// ErrLimit: the peer asked for more than [Limits] allow.
	ErrLimit = errors.New("reconciliation limit exceeded")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

func unexpected(what string) error { return fmt.Errorf("%w: %s", ErrProtocol, what) }
