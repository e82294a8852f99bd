package crdt

import "context"

// Arrival is an event's place in a store's own order of arrival, counted from
// 1 per log. What was erased leaves a gap that is never filled again. It means
// nothing to any other store.
type Arrival uint64

// Entry is an event as a store gives it back in order of arrival.
type Entry struct {
	Arrival Arrival
	Set     Set
	Element Element
	Event   *Event // nil when the stored bytes are damaged
}

// Added is a store's answer for one event of an append.
type Added struct {
	Arrival Arrival // where it is, whether new or known before; 0 when barred
	New     bool
	Barred  bool // erased before: not taken, now or ever
}

// Name is what a peer calls an event: its place in the order of its set, as far as
// that goes.
type Name struct {
	Set    Set
	Time   Time
	Prefix []byte // of its hash
}

// Found is what a store has under a [Name].
type Found struct {
	Envelopes [][]byte // each compared with its hash; usually one
	Err       error    // wraps ErrCorrupt if one of them differs
	Left      bool     // nobody looked: ask again
}

// LogInfo is what a store knows of a log without reading it.
type LogInfo struct {
	Log     LogID
	Counts  [NumSets]uint64
	Last    Arrival // the last arrival given out, whether its event is still here or not
	Retired bool
}

// StoreID is a random name that a store keeps until it is restored, repaired
// or found damaged; then it takes a new one. What others remember of this
// store (sync points, acknowledgements) lapses with it (rule R12).
type StoreID [16]byte

// Store keeps logs durably. It trusts its caller: events were admitted before.
//
// All methods may be called from any goroutine. Reads see every append that
// returned before they began. Errors wrap the sentinels of this package:
// [ErrReadOnly], [ErrNotFound], [ErrGone], [ErrCorrupt], [ErrClosed].
//
// Implementations: [MemStore] (maps, for tests) and node/badgerstore. Both
// pass crdttest.TestStore.
type Store interface {
	// ID returns the store's current name.
	ID() StoreID

	// Append adds events of one log. When it returns nil, all are durable:
	// they survive kill -9 and a power cut. When it returns an error, none was
	// acknowledged; whether some are there will be seen by reading. An event
	// whose hash is present is not added again and is not an error. Nor is one
	// that was erased: Barred says that nothing of it is kept. Appending to a
	// retired log returns ErrGone. Data, indexes and digests change in one
	// step: no crash leaves one ahead of another.
	Append(ctx context.Context, log LogID, events ...*Event) ([]Added, error)

	// Event returns an event by its hash. ErrGone if it was erased,
	// ErrCorrupt if stored bytes do not hash to h.
	Event(log LogID, h Hash) (*Event, error)

	// Find returns the elements of a set with this time whose hash begins with
	// prefix: what a peer's short name can mean. Usually one.
	Find(log LogID, set Set, t Time, prefix []byte) ([]Element, error)

	// Envelopes returns, for each of the names, the bytes of the events that Find
	// finds. Prefixes have 16 bytes or more, which tell any two events apart: a store
	// need not look at sets and times. Many names at once cost less, each of them; once
	// there are most bytes or more, those not looked at yet are left. At least one is
	// not. An error is for all of them.
	Envelopes(log LogID, most int, names ...Name) ([]Found, error)

	// Elements calls yield for the elements of a set from (inclusive) upwards
	// in order of (Time, Hash), until yield returns false. yield must not call
	// back into the store.
	Elements(log LogID, set Set, from Element, yield func(Element) bool) error

	// Since returns up to limit entries of all sets with an arrival greater
	// than after, in order of arrival. Gaps where something was erased do not
	// count towards limit.
	Since(log LogID, after Arrival, limit int) ([]Entry, error)

	// Digest returns the digests of the three sets at one moment, and the
	// last arrival given out by then.
	Digest(log LogID) ([NumSets]Digest, Arrival, error)

	// Counts returns what Digest counts, and the same last arrival, without what
	// digests cost at the first use of a log.
	Counts(log LogID) ([NumSets]uint64, Arrival, error)

	// Logs lists all logs, retired ones too, in no particular order.
	Logs() ([]LogInfo, error)

	// Erase takes events out of their sets, indexes and digests, destroys their
	// bytes and bars their hashes for ever (rules R6, R8): also hashes that are
	// not present yet, and through retiring, rebuilding, backup and restore. All
	// but the destruction is one step; what a crash leaves of the bytes is
	// destroyed at the next opening.
	Erase(ctx context.Context, log LogID, hashes ...Hash) error

	// Retire destroys a whole log locally and leaves a tombstone (rule R13);
	// Unretire lifts it, so that the log may be followed again from nothing.
	Retire(ctx context.Context, log LogID) error
	Unretire(ctx context.Context, log LogID) error

	// Meta and SetMeta keep small values for the node, each as durable as an
	// event. Meta returns ErrNotFound for a key never set; SetMeta with a nil
	// value deletes. MetaKeys lists keys with a prefix, sorted.
	Meta(key string) ([]byte, error)
	SetMeta(ctx context.Context, key string, value []byte) error
	MetaKeys(prefix string) ([]string, error)

	// Health is nil while the store accepts writes, else an error wrapping
	// ErrReadOnly that says why. It changes back by itself.
	Health() error

	// Close flushes and releases the store. Later calls return ErrClosed.
	Close() error
}
