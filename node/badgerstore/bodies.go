package badgerstore

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// farApart is about how many bodies a walk passes in the time in which one is found by
// itself, for which a block of the table it is in must be read and checked.
const farApart = 64

// Envelopes implements [crdt.Store]. Bodies are read in the order in which they lie, in
// which a prefix finds them too.
func (s *Store) Envelopes(log crdt.LogID, most int, names ...crdt.Name) (out []crdt.Found, err error) {
	err = s.view(log, func(txn *badger.Txn, _ *logState, hd head) error {
		out = make([]crdt.Found, len(names))
		wanted := make([][]byte, len(names))
		for i, n := range names {
			out[i].Left, wanted[i] = true, n.Prefix
		}
		size := 0
		walkBodies(txn, hd, wanted, func(i int, found func() *badger.Item) bool {
			f := &out[i]
			f.Left = false
			for item := found(); item != nil; item = found() {
				key := item.Key()
				h := crdt.Hash(key[len(key)-crdt.HashSize:])
				if hd.erasures > 0 && has(txn, erasedKey(log, h), nil) {
					continue
				}
				envelope, err := s.envelope(item, h)
				if err != nil {
					f.Err = err
					continue
				}
				f.Envelopes = append(f.Envelopes, envelope)
				size += len(envelope)
			}
			return size < most
		})
		return nil
	})
	return out, err
}

// walkBodies calls yield for each of the beginnings of hashes, with a function that
// returns one after the other the bodies under it and then nil, until yield returns false. An
// item is valid until the next. A beginning that is there twice is yielded twice.
func walkBodies(txn *badger.Txn, h head, wanted [][]byte, yield func(i int, found func() *badger.Item) bool) {
	order := make([]int, len(wanted))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return bytes.Compare(wanted[a], wanted[b]) })
	prefix := numKey(kindBody, h.num)
	o := badger.DefaultIteratorOptions
	o.PrefetchValues, o.Prefix = false, prefix
	it := txn.NewIterator(o)
	defer it.Close()
	near := h.total() <= farApart*uint64(len(wanted))
	var first, last []byte
	fresh, begun := false, false
	found := func() *badger.Item {
		if !fresh {
			it.Next()
		}
		if fresh = false; !it.ValidForPrefix(first) {
			return nil
		}
		return it.Item()
	}
	for _, i := range order {
		first, last = append(append(last[:0], prefix...), wanted[i]...), first
		switch again := bytes.Equal(first, last); {
		case !begun, again, !near:
			it.Seek(first)
		default:
			passBefore(it, first)
		}
		fresh, begun = true, true
		if !yield(i, found) {
			return
		}
	}
}

// passBefore moves on to a key that is not far, or else looks for it.
func passBefore(it *badger.Iterator, key []byte) {
	for steps := 0; it.Valid() && bytes.Compare(it.Item().Key(), key) < 0; steps++ {
		if steps > 4*farApart {
			it.Seek(key)
			return
		}
		it.Next()
	}
}

// envelope reads the bytes of an event from its body.
func (s *Store) envelope(item *badger.Item, h crdt.Hash) ([]byte, error) {
	v, err := item.ValueCopy(nil)
	b, ok := decodeBody(v)
	switch {
	case err == nil && ok && b.where == bodyFile:
		e, err := s.readRecord(h)
		if err != nil {
			return nil, err
		}
		return e.Envelope(), nil
	case err == nil && ok && crdt.Sum(b.envelope) == h:
		return b.envelope, nil
	}
	return nil, fmt.Errorf("event %s: %w", h.Short(), crdt.ErrCorrupt)
}
