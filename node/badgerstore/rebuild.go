package badgerstore

import (
	"context"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// noteDamage makes the next use of a log look through it.
func (s *Store) noteDamage(l *logState) {
	s.suspect.Store(true)
	l.mu.Lock()
	if !l.pinned {
		l.digests, l.checked = nil, false
	}
	l.mu.Unlock()
	s.report("entries are missing", "log", l.id)
}

// rebuild writes a log anew, under a new local number, from the events of it
// that can still be read. The others are no members any more, so that
// reconciliation brings them again. Arrivals change, so the StoreID does.
func (s *Store) rebuild(l *logState, why error) error {
	return s.do(&job{ctx: context.Background(), alone: func(db *badger.DB) error {
		l.mu.Lock()
		err := l.load(db)
		h := l.head
		l.mu.Unlock()
		if err == nil {
			return nil // somebody else did
		}
		s.suspect.Store(true)
		s.report("log had gaps and was built anew", "log", l.id, "error", why)
		s.renew()
		if err := s.writeState(false); err != nil {
			return err
		}
		return s.copyLog(db, l, h)
	}})
}

func (s *Store) copyLog(db *badger.DB, l *logState, old head) error {
	if err := s.wipe(db); err != nil { // what is only deleted cannot be found any more
		return err
	}
	h := head{num: s.newNum(), erasures: old.erasures}
	var c checkpoint
	var places []place
	if err := db.View(func(txn *badger.Txn) error { places = survivors(txn, old); return nil }); err != nil {
		return err
	}
	all := places
	for len(places) > 0 {
		n := min(len(places), maxJobEvents/8) // full-size events fit a transaction
		err := s.update(db, func(txn *badger.Txn) error {
			for _, p := range places[:n] {
				if err := s.copyEntry(txn, l, old.num, p, &h, &c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		places = places[n:]
	}
	if err := s.update(db, func(txn *badger.Txn) error { return txn.Set(numKey(kindCheckpoint, h.num), c.encode()) }); err != nil {
		return err
	}
	if err := s.putHead(db, l, h); err != nil { // from here on the new one counts
		return err
	}
	s.lackUncopied(db, l, old, h, all)
	return s.purgeIndexes(db, old.num)
}

// lackUncopied notes what a log had and could not be copied.
func (s *Store) lackUncopied(db *badger.DB, l *logState, old, now head, places []place) {
	if now.sum() >= old.sum() {
		return
	}
	was := loss{Log: l.id, Sum: old.sum()}
	db.View(func(txn *badger.Txn) error {
		for _, p := range places {
			was.Until = max(was.Until, p.el.Time)
			if !has(txn, bodyKey(now.num, p.el.Hash), nil) && !has(txn, erasedKey(l.id, p.el.Hash), nil) && len(was.Names) < maxNames {
				was.Names = append(was.Names, p.el.Hash)
			}
		}
		return nil
	})
	s.lack(was)
}

// survivors collects what any of the two indexes still names, by point reads
// where that is possible: one bad block hides the rest of its table from a scan.
func survivors(txn *badger.Txn, h head) (places []place) {
	seen := map[crdt.Hash]bool{}
	note := func(p place) {
		if !seen[p.el.Hash] {
			seen[p.el.Hash] = true
			places = append(places, p)
		}
	}
	for at := crdt.Arrival(1); at <= h.last; at++ {
		v, _ := get(txn, arrivalKey(h.num, at))
		if p, ok := decodePlace(v); ok && !p.erased {
			note(p)
		}
	}
	for _, set := range crdt.Sets {
		for k := range keys(txn, setKey(h.num, set), setKey(h.num, set)) {
			note(place{set: set, el: elementOf(k)})
		}
	}
	return places
}

func (s *Store) copyEntry(txn *badger.Txn, l *logState, from uint32, p place, h *head, c *checkpoint) error {
	if h.erasures > 0 && has(txn, erasedKey(l.id, p.el.Hash), nil) {
		return nil
	}
	e, err := s.event(txn, from, p.el.Hash)
	if err != nil {
		return nil // unreadable: peers have it
	}
	h.last++
	h.counts[p.set]++
	c.digests[p.set].Add(p.el.Hash)
	c.last = h.last
	b := body{at: h.last, where: bodyHere, envelope: e.Envelope()}
	if p.set == crdt.Records {
		b.where, b.envelope = bodyFile, nil
	}
	for _, kv := range [][2][]byte{
		{arrivalKey(h.num, h.last), p.encode()},
		{orderKey(h.num, p.set, p.el), arrivalValue(h.last)},
		{bodyKey(h.num, p.el.Hash), b.encode()},
	} {
		if err := txn.Set(kv[0], kv[1]); err != nil {
			return err
		}
	}
	return nil
}
