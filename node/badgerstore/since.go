package badgerstore

import (
	"encoding/binary"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// few is up to how many keys are looked up one by one: a walk costs as much to begin.
const few = 16

// Since implements [crdt.Store]. An event whose bytes are damaged comes
// without them.
func (s *Store) Since(log crdt.LogID, after crdt.Arrival, limit int) (entries []crdt.Entry, err error) {
	err = s.view(log, func(txn *badger.Txn, l *logState, h head) error {
		entries, err = l.arrived(txn, h, after, limit)
		if err != nil {
			s.noteDamage(l)
			return err
		}
		s.fill(txn, h, entries)
		return nil
	})
	return entries, err
}

// arrived lists what arrived after a place, without the events.
func (l *logState) arrived(txn *badger.Txn, h head, after crdt.Arrival, limit int) (entries []crdt.Entry, err error) {
	at := after
	if h.last > after && limit > 0 {
		entries = make([]crdt.Entry, 0, min(uint64(limit), uint64(h.last-after)))
	}
	take := func(p place, ok bool) error {
		if at++; !ok {
			return l.damaged("arrival %d is missing", at)
		}
		if !p.erased {
			entries = append(entries, crdt.Entry{Arrival: at, Set: p.set, Element: p.el})
		}
		return nil
	}
	more := func() bool { return at < h.last && at >= after && len(entries) < limit }
	if h.last > few && after < h.last-few && limit > few {
		for next, p := range places(txn, h.num, after+1) {
			if !more() || next != at+1 {
				break
			}
			if err := take(p, true); err != nil {
				return nil, err
			}
		}
	}
	for more() {
		v, _ := get(txn, arrivalKey(h.num, at+1))
		if err := take(decodePlace(v)); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// places yields a log's arrivals from one on, up to the first that cannot be read.
func places(txn *badger.Txn, num uint32, from crdt.Arrival) func(func(crdt.Arrival, place) bool) {
	return func(yield func(crdt.Arrival, place) bool) {
		prefix := numKey(kindArrival, num)
		for item := range items(txn, prefix, arrivalKey(num, from)) {
			at := crdt.Arrival(binary.BigEndian.Uint64(item.Key()[len(prefix):]))
			var p place
			ok := false
			if item.Value(func(v []byte) error { p, ok = decodePlace(v); return nil }) != nil || !ok || !yield(at, p) {
				return
			}
		}
	}
}

// fill reads the events of entries: on one walk over the log's bodies where many of
// them are wanted, since they lie side by side.
func (s *Store) fill(txn *badger.Txn, h head, entries []crdt.Entry) {
	if len(entries) > few && h.total() <= farApart*uint64(len(entries)) {
		s.fillWalking(txn, h, entries)
	}
	for i := range entries {
		if en := &entries[i]; en.Event == nil {
			e, err := s.event(txn, h.num, en.Element.Hash)
			if err != nil {
				s.report("damaged event", "event", en.Element.Hash, "error", err)
			}
			en.Event = e
		}
	}
}

// fillWalking leaves out what it cannot read.
func (s *Store) fillWalking(txn *badger.Txn, h head, entries []crdt.Entry) {
	wanted := make([][]byte, len(entries))
	for i := range entries {
		wanted[i] = entries[i].Element.Hash[:]
	}
	walkBodies(txn, h, wanted, func(i int, found func() *badger.Item) bool {
		item := found()
		if item == nil {
			return true
		}
		if v, err := item.ValueCopy(nil); err == nil {
			if b, ok := decodeBody(v); ok && b.where == bodyHere {
				entries[i].Event, _ = crdt.DecodeKnown(b.envelope, entries[i].Element.Hash)
			}
		}
		return true
	})
}
