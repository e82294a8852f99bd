package badgerstore

import (
	"bytes"
	"fmt"
	"sync"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// checkpointEvery is how many arrivals may lie between two checkpoints of the
// digests: what the first use of a log has to replay.
const checkpointEvery = 256

// logState is a log in memory. Heads of all logs are; digests of those in use.
type logState struct {
	id crdt.LogID // immutable

	mu      sync.Mutex
	head    head         // guarded by mu; what is committed
	digests *checkpoint  // guarded by mu; of head.last, or nil while not in use
	saved   crdt.Arrival // guarded by mu; last of the checkpoint in the database
	checked bool         // guarded by mu; false after doubt, until looked through for gaps
	pinned  bool         // guarded by mu; a batch is adding to it
	latest  *latest      // guarded by mu; nil until a batch adds to it
}

// snapshot returns the head, or ErrGone when the log is retired.
func (l *logState) snapshot() (head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head.retired {
		return l.head, fmt.Errorf("log %s: %w", l.id.Short(), crdt.ErrGone)
	}
	return l.head, nil
}

// load brings the digests into memory. It returns ErrCorrupt when entries are
// missing. The caller holds mu.
func (l *logState) load(db *badger.DB) error {
	if l.digests != nil {
		return nil
	}
	return db.View(func(txn *badger.Txn) error {
		if !l.checked {
			if err := l.check(txn); err != nil {
				return err
			}
			l.checked = true
		}
		return l.replay(txn)
	})
}

// replay adds to the checkpoint what arrived after it.
func (l *logState) replay(txn *badger.Txn) error {
	v, _ := get(txn, numKey(kindCheckpoint, l.head.num))
	c := decodeCheckpoint(v)
	if c.last > l.head.last {
		*c = checkpoint{}
	}
	l.saved = c.last
	if c.last < l.head.last {
		for at, p := range places(txn, l.head.num, c.last+1) {
			if at > l.head.last || at != c.last+1 {
				break
			}
			if c.last++; !p.erased {
				c.digests[p.set].Add(p.el.Hash)
			}
		}
	}
	if c.last < l.head.last {
		return l.damaged("arrival %d is missing", c.last+1)
	}
	for i := range c.digests {
		if c.digests[i].Count() != l.head.counts[i] {
			return l.damaged("the digest counts %d %s, the head %d", c.digests[i].Count(), crdt.Sets[i], l.head.counts[i])
		}
	}
	l.digests = c
	return nil
}

// check looks for gaps in both indexes without reading values.
func (l *logState) check(txn *badger.Txn) error {
	if n := countKeys(txn, numKey(kindArrival, l.head.num)); n != uint64(l.head.last) {
		return l.damaged("%d arrivals of %d are there", n, l.head.last)
	}
	for _, set := range crdt.Sets {
		if n := countKeys(txn, setKey(l.head.num, set)); n != l.head.counts[set] {
			return l.damaged("%d of %d %s are there", n, l.head.counts[set], set)
		}
	}
	return nil
}

func (l *logState) damaged(format string, args ...any) error {
	return fmt.Errorf("log %s: %w: "+format, append([]any{l.id.Short(), crdt.ErrCorrupt}, args...)...)
}

// doubted reports whether it has to be looked through for gaps.
func (l *logState) doubted() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.checked
}

// inUse reports whether the digests are in memory.
func (l *logState) inUse() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.digests != nil
}

// unload forgets the digests unless they are being added to.
func (l *logState) unload() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.pinned {
		l.digests = nil
	}
}

func countKeys(txn *badger.Txn, prefix []byte) (n uint64) {
	for range keys(txn, prefix, prefix) {
		n++
	}
	return n
}

// keys yields the keys with a prefix from a key on. A key is valid until the next.
func keys(txn *badger.Txn, prefix, from []byte) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for item := range items(txn, prefix, from) {
			if !yield(item.Key()) {
				return
			}
		}
	}
}

// items yields what lies under a prefix from a key on. An item is valid until the next.
func items(txn *badger.Txn, prefix, from []byte) func(func(*badger.Item) bool) {
	return func(yield func(*badger.Item) bool) {
		o := badger.DefaultIteratorOptions
		o.PrefetchValues, o.Prefix = false, prefix
		it := txn.NewIterator(o)
		defer it.Close()
		for it.Seek(from); it.ValidForPrefix(prefix); it.Next() {
			if !yield(it.Item()) {
				return
			}
		}
	}
}

// get copies a value. A value that cannot be read is as good as missing:
// whoever needs it sees from another index that it should be there.
func get(txn *badger.Txn, key []byte) ([]byte, bool) {
	item, err := txn.Get(key)
	if err != nil {
		return nil, false
	}
	v, err := item.ValueCopy(nil)
	return v, err == nil
}

// has reports whether a value is there and equal to want, when that is not nil.
func has(txn *badger.Txn, key, want []byte) bool {
	item, err := txn.Get(key)
	if err != nil || want == nil {
		return err == nil
	}
	same := false
	err = item.Value(func(v []byte) error {
		same = bytes.Equal(v, want)
		return nil
	})
	return err == nil && same
}
