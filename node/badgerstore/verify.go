package badgerstore

import (
	"context"
	"fmt"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// Problem is one thing that [Store.Verify] found wrong.
type Problem struct {
	Log  crdt.LogID // zero: not of one log
	Hash crdt.Hash  // zero: not of one event
	What string
}

// Verify reads everything: each table against its checksums, each event
// against its hash, both indexes against each other and against the digests.
// It calls report for each problem and returns an error only if it could not
// go on. Writing may go on meanwhile.
func (s *Store) Verify(ctx context.Context, report func(Problem)) error {
	for _, t := range s.liveTables() {
		err := s.checkLive(t, func() bool { return ctx.Err() == nil })
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			report(Problem{What: err.Error()})
		}
	}
	for _, l := range s.allLogs() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.verifyLog(l, report); err != nil {
			return fmt.Errorf("verify log %s: %w", l.id.Short(), err)
		}
	}
	return nil
}

func (s *Store) verifyLog(l *logState, report func(Problem)) error {
	l.mu.Lock() // the head before the transaction, which must contain it
	h := l.head
	l.mu.Unlock()
	if h.retired {
		return nil
	}
	if lost, err := s.Lost(l.id); err != nil {
		return err
	} else if n := lost.Count(); n > 0 {
		report(Problem{Log: l.id, What: fmt.Sprintf("%d events that were here before a damage are missing", n)})
	}
	return s.read(func(txn *badger.Txn) error {
		l.mu.Lock()
		digests, loadErr := checkpoint{}, l.load(s.db)
		if loadErr == nil {
			digests = *l.digests
		}
		l.mu.Unlock()
		var fresh checkpoint
		for at := crdt.Arrival(1); at <= h.last; at++ {
			s.verifyEntry(txn, l, h, at, &fresh, report)
		}
		switch {
		case loadErr != nil:
			report(Problem{Log: l.id, What: loadErr.Error()})
		case digests.last == h.last && digests.digests != fresh.digests:
			report(Problem{Log: l.id, What: "digests differ from a computation from nothing"})
		}
		return nil
	})
}

func (s *Store) verifyEntry(txn *badger.Txn, l *logState, h head, at crdt.Arrival, c *checkpoint, report func(Problem)) {
	v, _ := get(txn, arrivalKey(h.num, at))
	p, ok := decodePlace(v)
	if !ok {
		report(Problem{Log: l.id, What: fmt.Sprintf("arrival %d is missing", at)})
		return
	}
	if p.erased {
		return
	}
	c.digests[p.set].Add(p.el.Hash)
	if !has(txn, orderKey(h.num, p.set, p.el), arrivalValue(at)) {
		report(Problem{l.id, p.el.Hash, "missing in the order of " + p.set.String()})
	}
	e, err := s.event(txn, h.num, p.el.Hash)
	switch {
	case err != nil:
		report(Problem{l.id, p.el.Hash, err.Error()})
	case e.Element() != p.el || e.Set != p.set:
		report(Problem{l.id, p.el.Hash, "indexed at a wrong place"})
	}
}
