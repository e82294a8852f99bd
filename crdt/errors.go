package crdt

import (
	"errors"
	"fmt"
)

// Why an event is refused. Every path into a log reports these same errors
// (promise 3); callers branch on them with errors.Is.
var (
	// ErrMalformed: the bytes are not a canonical envelope. The sender's fault.
	ErrMalformed = errors.New("malformed event")
	// ErrTooLarge: the envelope is longer than [MaxEvent].
	ErrTooLarge = errors.New("event is larger than 15 KiB")
	// ErrSignature: the signature does not verify. The sender's fault.
	ErrSignature = errors.New("bad signature")
	// ErrWrongLog: the event belongs to another match or team.
	ErrWrongLog = errors.New("event belongs to another match")
	// ErrForbidden: the author's grant does not allow writing this.
	ErrForbidden = errors.New("not allowed")
	// ErrNoGrant: the author's grant has not arrived yet. Nobody's fault; the
	// event waits outside the set and is not acknowledged.
	ErrNoGrant = errors.New("author's grant is not known yet")
	// ErrBusy: a bound was reached; try later.
	ErrBusy = errors.New("busy, try later")

	// ErrCrowded is an ErrBusy: as many events as may wait for a grant already do.
	// What comes behind may bring the grants.
	ErrCrowded = fmt.Errorf("%w: too many events wait for their grant", ErrBusy)
	// ErrReadOnly: the store refuses writes (disk full, a failing sync).
	// Reading goes on and writing resumes by itself.
	ErrReadOnly = errors.New("store is read-only")
	// ErrNotFound: no such event or log here.
	ErrNotFound = errors.New("not found")
	// ErrGone: the event was erased or purged, or its log retired. It is not
	// wanted any more: to whoever offers it this counts as delivery.
	ErrGone = errors.New("erased or retired")
	// ErrCorrupt: stored bytes do not match their hash. Reconciliation heals it.
	ErrCorrupt = errors.New("stored event is damaged")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("store is closed")
)
