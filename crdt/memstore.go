package crdt

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync"
)

// MemStore is a [Store] in maps, for tests and for nodes that keep nothing. It
// forgets everything when the process ends, and is otherwise the model that
// every other Store is compared with.
type MemStore struct {
	id StoreID // immutable

	mu     sync.RWMutex
	logs   map[LogID]*memLog // guarded by mu
	meta   map[string][]byte // guarded by mu
	closed bool              // guarded by mu
}

var _ Store = (*MemStore)(nil)

// NewMemStore returns an empty store with a random ID.
func NewMemStore() *MemStore {
	m := &MemStore{logs: map[LogID]*memLog{}, meta: map[string][]byte{}}
	rand.Read(m.id[:])
	return m
}

// ID implements [Store].
func (m *MemStore) ID() StoreID { return m.id }

// Append implements [Store].
func (m *MemStore) Append(ctx context.Context, log LogID, events ...*Event) ([]Added, error) {
	var added []Added
	err := m.change(ctx, func() error {
		l := m.log(log)
		if l.retired {
			return ErrGone
		}
		for _, e := range events {
			added = append(added, l.add(e))
		}
		return nil
	})
	return added, err
}

// Event implements [Store].
func (m *MemStore) Event(log LogID, h Hash) (e *Event, err error) {
	err = m.view(log, func(l *memLog) error {
		e, err = l.event(h)
		return err
	})
	return e, err
}

// Find implements [Store].
func (m *MemStore) Find(log LogID, set Set, t Time, prefix []byte) (found []Element, err error) {
	err = m.Elements(log, set, Element{Time: t}, func(el Element) bool {
		if el.Time == t && strings.HasPrefix(string(el.Hash[:]), string(prefix)) {
			found = append(found, el)
		}
		return el.Time == t
	})
	return found, err
}

// Envelopes implements [Store].
func (m *MemStore) Envelopes(log LogID, most int, names ...Name) ([]Found, error) {
	out, bytes := make([]Found, len(names)), 0
	for i, n := range names {
		f := &out[i]
		if f.Left = i > 0 && bytes >= most; f.Left {
			continue
		}
		elements, err := m.Find(log, n.Set, n.Time, n.Prefix)
		if err != nil {
			return nil, err
		}
		for _, el := range elements {
			var e *Event
			if e, f.Err = m.Event(log, el.Hash); f.Err == nil {
				f.Envelopes = append(f.Envelopes, e.Envelope())
				bytes += len(e.Envelope())
			}
		}
	}
	return out, nil
}

// Elements implements [Store].
func (m *MemStore) Elements(log LogID, set Set, from Element, yield func(Element) bool) error {
	return m.view(log, func(l *memLog) error {
		order := l.order[set]
		i, _ := slices.BinarySearchFunc(order, from, Element.Compare)
		for _, el := range order[i:] {
			if !yield(el) {
				break
			}
		}
		return nil
	})
}

// Since implements [Store].
func (m *MemStore) Since(log LogID, after Arrival, limit int) (entries []Entry, err error) {
	err = m.view(log, func(l *memLog) error {
		for i := uint64(after); i < uint64(len(l.entries)) && len(entries) < limit; i++ {
			if l.entries[i].Event != nil {
				entries = append(entries, l.entries[i])
			}
		}
		return nil
	})
	return entries, err
}

// Digest implements [Store].
func (m *MemStore) Digest(log LogID) (d [NumSets]Digest, last Arrival, err error) {
	err = m.view(log, func(l *memLog) error {
		d, last = l.digests, Arrival(len(l.entries))
		return nil
	})
	return d, last, err
}

// Counts implements [Store].
func (m *MemStore) Counts(log LogID) (n [NumSets]uint64, last Arrival, err error) {
	d, last, err := m.Digest(log)
	for i := range d {
		n[i] = d[i].Count()
	}
	return n, last, err
}

// Logs implements [Store].
func (m *MemStore) Logs() ([]LogInfo, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return nil, ErrClosed
	}
	var infos []LogInfo
	for id, l := range m.logs {
		if l.retired || len(l.entries) > 0 {
			infos = append(infos, l.info(id))
		}
	}
	return infos, nil
}

// Erase implements [Store].
func (m *MemStore) Erase(ctx context.Context, log LogID, hashes ...Hash) error {
	return m.change(ctx, func() error {
		for _, h := range hashes {
			m.log(log).erase(h)
		}
		return nil
	})
}

// Retire implements [Store].
func (m *MemStore) Retire(ctx context.Context, log LogID) error {
	return m.change(ctx, func() error {
		m.logs[log] = newMemLog(m.log(log).erased)
		m.logs[log].retired = true
		return nil
	})
}

// Unretire implements [Store].
func (m *MemStore) Unretire(ctx context.Context, log LogID) error {
	return m.change(ctx, func() error {
		m.log(log).retired = false
		return nil
	})
}

// Meta implements [Store].
func (m *MemStore) Meta(key string) ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return nil, ErrClosed
	}
	v, ok := m.meta[key]
	if !ok {
		return nil, ErrNotFound
	}
	return slices.Clone(v), nil
}

// SetMeta implements [Store].
func (m *MemStore) SetMeta(ctx context.Context, key string, value []byte) error {
	return m.change(ctx, func() error {
		if value == nil {
			delete(m.meta, key)
		} else {
			m.meta[key] = append([]byte{}, value...)
		}
		return nil
	})
}

// MetaKeys implements [Store].
func (m *MemStore) MetaKeys(prefix string) ([]string, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return nil, ErrClosed
	}
	var keys []string
	for k := range m.meta {
		if strings.HasPrefix(k, prefix) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return keys, nil
}

// Health implements [Store].
func (m *MemStore) Health() error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return ErrClosed
	}
	return nil
}

// Close implements [Store].
func (m *MemStore) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	m.closed = true
	return nil
}

func (m *MemStore) change(ctx context.Context, f func() error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return f()
}

// view calls f with a log; one never heard of is an empty one.
func (m *MemStore) view(log LogID, f func(*memLog) error) error {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if m.closed {
		return ErrClosed
	}
	l := m.logs[log]
	if l == nil {
		l = newMemLog(nil)
	}
	if l.retired {
		return ErrGone
	}
	return f(l)
}

// log returns a log, made when it is new. The caller holds mu for writing.
func (m *MemStore) log(id LogID) *memLog {
	if m.logs[id] == nil {
		m.logs[id] = newMemLog(nil)
	}
	return m.logs[id]
}
