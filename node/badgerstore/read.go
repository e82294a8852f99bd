package badgerstore

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// view runs f in a read transaction on one log that is not retired. The head
// is taken before the transaction begins, so that the transaction sees all that
// the head promises, and perhaps more.
func (s *Store) view(log crdt.LogID, f func(*badger.Txn, *logState, head) error) error {
	return s.withDB(func(db *badger.DB) error {
		l := s.known(log)
		h, err := l.snapshot()
		if err != nil {
			return err
		}
		return db.View(func(txn *badger.Txn) error { return f(txn, l, h) })
	})
}

func (s *Store) read(f func(*badger.Txn) error) error {
	return s.withDB(func(db *badger.DB) error { return db.View(f) })
}

// withDB runs f while the database is open and stays so.
func (s *Store) withDB(f func(*badger.DB) error) error {
	s.handle.RLock()
	defer s.handle.RUnlock()
	if err := s.accepting(); err != nil {
		return err
	}
	if s.db == nil {
		return s.writable()
	}
	s.uses.Add(1)
	return f(s.db)
}

// Event implements [crdt.Store].
func (s *Store) Event(log crdt.LogID, h crdt.Hash) (e *crdt.Event, err error) {
	err = s.view(log, func(txn *badger.Txn, l *logState, hd head) error {
		if hd.erasures > 0 && has(txn, erasedKey(log, h), nil) {
			return fmt.Errorf("event %s: %w", h.Short(), crdt.ErrGone)
		}
		e, err = s.event(txn, hd.num, h)
		if errors.Is(err, crdt.ErrNotFound) && s.suspect.Load() && inOrder(txn, hd.num, h) {
			err = fmt.Errorf("event %s: %w", h.Short(), crdt.ErrCorrupt)
		}
		return err
	})
	return e, err
}

// event reads and checks one event, which the caller knows is not erased.
func (s *Store) event(txn *badger.Txn, num uint32, h crdt.Hash) (*crdt.Event, error) {
	v, ok := get(txn, bodyKey(num, h))
	if !ok {
		return nil, fmt.Errorf("event %s: %w", h.Short(), crdt.ErrNotFound)
	}
	b, ok := decodeBody(v)
	if !ok {
		return nil, fmt.Errorf("event %s: %w", h.Short(), crdt.ErrCorrupt)
	}
	if b.where == bodyFile {
		return s.readRecord(h)
	}
	return crdt.DecodeKnown(b.envelope, h)
}

// inOrder looks through a whole log for a hash.
func inOrder(txn *badger.Txn, num uint32, h crdt.Hash) bool {
	prefix := numKey(kindOrder, num)
	for k := range keys(txn, prefix, prefix) {
		if bytes.HasSuffix(k, h[:]) {
			return true
		}
	}
	return false
}

// Find implements [crdt.Store].
func (s *Store) Find(log crdt.LogID, set crdt.Set, t crdt.Time, prefix []byte) (found []crdt.Element, err error) {
	err = s.view(log, func(txn *badger.Txn, _ *logState, h head) error {
		p := append(timeKey(h.num, set, t), prefix...)
		if len(prefix) == crdt.HashSize { // whole: no need to look at what lies beside it
			if has(txn, p, nil) {
				found = append(found, elementOf(p))
			}
			return nil
		}
		for k := range keys(txn, p, p) {
			found = append(found, elementOf(k))
		}
		return nil
	})
	return found, err
}

// Elements implements [crdt.Store].
func (s *Store) Elements(log crdt.LogID, set crdt.Set, from crdt.Element, yield func(crdt.Element) bool) error {
	return s.view(log, func(txn *badger.Txn, l *logState, h head) error {
		n := uint64(0)
		for k := range keys(txn, setKey(h.num, set), orderKey(h.num, set, from)) {
			n++
			if !yield(elementOf(k)) {
				return nil
			}
		}
		if from == (crdt.Element{}) && n < h.counts[set] {
			s.noteDamage(l)
			return l.damaged("%d of %d %s are there", n, h.counts[set], set)
		}
		return nil
	})
}

// Digest implements [crdt.Store].
func (s *Store) Digest(log crdt.LogID) (d [crdt.NumSets]crdt.Digest, last crdt.Arrival, err error) {
	l := s.known(log)
	if err := s.ready(l); err != nil {
		return d, 0, err
	}
	s.handle.RLock()
	defer s.handle.RUnlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.head.retired {
		return d, 0, fmt.Errorf("log %s: %w", log.Short(), crdt.ErrGone)
	}
	if s.db == nil {
		return d, 0, s.writable()
	}
	if err := l.load(s.db); err != nil {
		return d, 0, err
	}
	return l.digests.digests, l.digests.last, nil
}

// Counts implements [crdt.Store]: they are in the head. Only a log in doubt is looked
// through, and its digests are loaded.
func (s *Store) Counts(log crdt.LogID) (n [crdt.NumSets]uint64, last crdt.Arrival, err error) {
	l := s.known(log)
	if l.doubted() {
		if err := s.ready(l); err != nil {
			return n, 0, err
		}
	}
	err = s.withDB(func(*badger.DB) error {
		h, err := l.snapshot()
		n, last = h.counts, h.last
		return err
	})
	return n, last, err
}

// ready loads a log's digests, after building it anew if it has gaps.
func (s *Store) ready(l *logState) error {
	err := s.loadLog(l)
	if !errors.Is(err, crdt.ErrCorrupt) {
		return err
	}
	if err := s.rebuild(l, err); err != nil {
		return err
	}
	return s.loadLog(l)
}

func (s *Store) loadLog(l *logState) error {
	s.handle.RLock()
	defer s.handle.RUnlock()
	if err := s.accepting(); err != nil {
		return err
	}
	if s.db == nil {
		return s.writable()
	}
	l.mu.Lock()
	if l.head.retired {
		l.mu.Unlock()
		return fmt.Errorf("log %s: %w", l.id.Short(), crdt.ErrGone)
	}
	fresh := l.digests == nil
	err := l.load(s.db)
	l.mu.Unlock()
	if fresh && err == nil {
		s.noteLoaded()
	}
	return err
}

// Logs implements [crdt.Store].
func (s *Store) Logs() ([]crdt.LogInfo, error) {
	if err := s.read(func(*badger.Txn) error { return nil }); err != nil {
		return nil, err
	}
	var infos []crdt.LogInfo
	for _, l := range s.allLogs() {
		if h, _ := l.snapshot(); h.retired {
			infos = append(infos, crdt.LogInfo{Log: l.id, Retired: true})
		} else if h.last > 0 {
			infos = append(infos, crdt.LogInfo{Log: l.id, Counts: h.counts, Last: h.last})
		}
	}
	return infos, nil
}

// Meta implements [crdt.Store].
func (s *Store) Meta(key string) (value []byte, err error) {
	err = s.read(func(txn *badger.Txn) error {
		v, ok := get(txn, metaKey(key))
		if !ok {
			return fmt.Errorf("meta %q: %w", key, crdt.ErrNotFound)
		}
		value = v
		return nil
	})
	return value, err
}

// MetaKeys implements [crdt.Store].
func (s *Store) MetaKeys(prefix string) (found []string, err error) {
	err = s.read(func(txn *badger.Txn) error {
		for k := range keys(txn, metaKey(prefix), metaKey(prefix)) {
			found = append(found, strings.Clone(string(k[1:])))
		}
		return nil
	})
	slices.Sort(found)
	return found, err
}
