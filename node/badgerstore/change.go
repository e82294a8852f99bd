package badgerstore

import (
	"context"
	"slices"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// purgeBatch is how many keys are deleted in one transaction.
const purgeBatch = 2000

// SetMeta implements [crdt.Store].
func (s *Store) SetMeta(ctx context.Context, key string, value []byte) error {
	if err := s.writableNow(); err != nil {
		return err
	}
	if s.isKept(key) {
		return s.setKept(ctx, key, value)
	}
	return s.putMeta(ctx, key, value)
}

// putMeta is SetMeta in the database alone.
func (s *Store) putMeta(ctx context.Context, key string, value []byte) error {
	value = slices.Clone(value)
	return s.do(&job{ctx: ctx, events: 1, bytes: len(value), apply: func(b *batch) error {
		if value == nil {
			b.delete(metaKey(key))
		} else {
			b.put(metaKey(key), value)
		}
		return nil
	}})
}

// Retire implements [crdt.Store].
func (s *Store) Retire(ctx context.Context, log crdt.LogID) error {
	if err := s.writableNow(); err != nil {
		return err
	}
	l := s.logFor(log)
	return s.do(&job{ctx: ctx, alone: func(db *badger.DB) error { return s.retire(db, l) }})
}

// retire writes the tombstone first; what a crash leaves is purged at the next start.
func (s *Store) retire(db *badger.DB, l *logState) error {
	l.mu.Lock()
	h := l.head
	l.mu.Unlock()
	h = head{num: h.num, retired: true, erasures: h.erasures}
	if err := s.putHead(db, l, h); err != nil {
		return err
	}
	if err := s.wipe(db); err != nil { // what is only deleted cannot be found any more
		return err
	}
	if err := s.purge(db, h.num); err != nil {
		return err
	}
	h.num = 0
	return s.putHead(db, l, h)
}

// Unretire implements [crdt.Store].
func (s *Store) Unretire(ctx context.Context, log crdt.LogID) error {
	if err := s.writableNow(); err != nil {
		return err
	}
	l := s.logFor(log)
	return s.do(&job{ctx: ctx, alone: func(db *badger.DB) error {
		if _, err := l.snapshot(); err == nil {
			return nil
		}
		if err := s.retire(db, l); err != nil {
			return err
		}
		l.mu.Lock()
		h := head{erasures: l.head.erasures}
		l.mu.Unlock()
		return s.putHead(db, l, h)
	}})
}

// putHead writes a head that stands for no entries.
func (s *Store) putHead(db *badger.DB, l *logState, h head) error {
	if err := s.update(db, func(txn *badger.Txn) error { return txn.Set(headKey(l.id), h.encode()) }); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.head, l.digests, l.saved, l.checked, l.latest = h, nil, 0, true, nil
	return nil
}

// purge deletes all that a log wrote under a local number.
func (s *Store) purge(db *badger.DB, num uint32) error {
	if num == 0 {
		return nil
	}
	s.removeRecordsOf(db, num)
	return s.purgeIndexes(db, num)
}

// purgeIndexes is purge without the files of records.
func (s *Store) purgeIndexes(db *badger.DB, num uint32) error {
	for _, kind := range []byte{kindBody, kindOrder, kindArrival, kindCheckpoint} {
		for {
			n, err := s.deleteSome(db, numKey(kind, num))
			if err != nil {
				return err
			}
			if n == 0 {
				break
			}
		}
	}
	return nil
}

func (s *Store) deleteSome(db *badger.DB, prefix []byte) (n int, err error) {
	err = s.update(db, func(txn *badger.Txn) error {
		var doomed [][]byte
		for k := range keys(txn, prefix, prefix) {
			if doomed = append(doomed, slices.Clone(k)); len(doomed) == purgeBatch {
				break
			}
		}
		for _, k := range doomed {
			if err := txn.Delete(k); err != nil {
				return err
			}
		}
		n = len(doomed)
		return nil
	})
	return n, err
}
