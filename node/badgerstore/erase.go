package badgerstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// Erase implements [crdt.Store]. Taking out of sets and barring is one
// transaction, which also notes what is still to be destroyed; then records are
// overwritten and unlinked, and tables are written anew without the bodies.
// An error after the transaction leaves the notes for the next opening.
func (s *Store) Erase(ctx context.Context, log crdt.LogID, hashes ...crdt.Hash) error {
	if err := s.writableNow(); err != nil {
		return err
	}
	if len(hashes) == 0 {
		return ctx.Err()
	}
	l := s.logFor(log)
	bodies := false
	for chunk := range slices.Chunk(hashes, maxJobEvents) {
		err := s.do(&job{ctx: ctx, events: len(chunk), bytes: checkpointSize, apply: func(b *batch) error {
			some, err := b.erase(l, chunk)
			bodies = bodies || some
			return err
		}})
		if err != nil {
			return fmt.Errorf("erase %d events: %w", len(hashes), err)
		}
	}
	if bodies {
		if err := s.do(&job{ctx: context.WithoutCancel(ctx), alone: s.wipe}); err != nil {
			return fmt.Errorf("destroy erased events: %w", err)
		}
	}
	return s.sweepLoose()
}

// erase reports whether bodies are left to be destroyed in tables.
func (b *batch) erase(l *logState, hashes []crdt.Hash) (bodies bool, err error) {
	st, err := b.stage(l)
	if err != nil {
		return false, err
	}
	for _, h := range hashes {
		if !b.erased(l, st, h) {
			b.put(erasedKey(l.id, h), []byte{})
			st.head.erasures++
		}
		b.after = append(b.after, func() { b.s.removeRecord(h) })
		at, p, ok := b.placeOf(st.head.num, h)
		if !ok {
			continue
		}
		b.put(arrivalKey(st.head.num, at), place{erased: true}.encode())
		b.delete(orderKey(st.head.num, p.set, p.el))
		st.head.counts[p.set]--
		st.removed = append(st.removed, p)
		if p.set == crdt.Records {
			b.delete(bodyKey(st.head.num, h))
		} else {
			b.put(wipeKey(st.head.num, h), []byte{})
			bodies = true
		}
	}
	return bodies, nil
}

func (b *batch) erased(l *logState, st *stage, h crdt.Hash) bool {
	return st.head.erasures > 0 && has(b.txn, erasedKey(l.id, h), nil)
}

// placeOf finds an event that is in its set, by its body or, if damage may have
// taken that, in the order of the sets.
func (b *batch) placeOf(num uint32, h crdt.Hash) (crdt.Arrival, place, bool) {
	v, _ := get(b.txn, bodyKey(num, h))
	if d, ok := decodeBody(v); ok {
		v, _ := get(b.txn, arrivalKey(num, d.at))
		p, ok := decodePlace(v)
		return d.at, p, ok && !p.erased
	}
	if !b.s.suspect.Load() {
		return 0, place{}, false
	}
	for _, set := range crdt.Sets {
		for k := range keys(b.txn, setKey(num, set), setKey(num, set)) {
			if bytes.HasSuffix(k, h[:]) {
				v, _ := get(b.txn, bytes.Clone(k))
				if len(v) == 8 {
					return arrivalOf(v), place{set: set, el: elementOf(k)}, true
				}
			}
		}
	}
	return 0, place{}, false
}

// wipe destroys the bodies of erased events: the tables that have them are
// written anew without, and so is what badger holds in its log. Deleting would
// leave old versions until some later compaction.
func (s *Store) wipe(db *badger.DB) error {
	var notes, bodies [][]byte
	db.View(func(txn *badger.Txn) error {
		for k := range keys(txn, []byte{kindWipe}, []byte{kindWipe}) {
			notes = append(notes, bytes.Clone(k))
			bodies = append(bodies, append([]byte{kindBody}, k[1:]...))
		}
		return nil
	})
	if len(notes) == 0 {
		return nil
	}
	if err := db.DropPrefix(bodies...); err != nil {
		return err
	}
	err := db.View(func(txn *badger.Txn) error {
		for _, k := range bodies {
			if has(txn, k, nil) { // badger only warns of some failures
				return errors.New("an erased event is still in a table")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for chunk := range slices.Chunk(notes, purgeBatch) {
		err := s.update(db, func(txn *badger.Txn) error {
			for _, k := range chunk {
				if err := txn.Delete(k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
