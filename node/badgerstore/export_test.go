package badgerstore

import (
	"context"

	"touchline.dev/touchline/crdt"
)

// EraseOnly is Erase without the destruction: what a crash between them leaves.
func (s *Store) EraseOnly(log crdt.LogID, hashes ...crdt.Hash) error {
	l := s.logFor(log)
	return s.do(&job{ctx: context.Background(), apply: func(b *batch) error {
		_, err := b.erase(l, hashes)
		b.after = nil
		return err
	}})
}

// WriteOnly writes the file of a record and no entry.
func (s *Store) WriteOnly(e *crdt.Event) error { return s.writeRecordFile(e) }
