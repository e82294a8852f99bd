package badgerstore

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// A file of a record is loose while no entry speaks of it: its append failed,
// or a crash came between the two. An erasure cannot know of it, so it goes.

// noteLoose is told of events whose append failed, or may have.
func (s *Store) noteLoose(events []*crdt.Event) {
	for _, e := range events {
		if e.Set == crdt.Records {
			s.loose.Store(true)
			s.wakeKeeper()
			return
		}
	}
}

// ensureRecords writes files that are missing, since they were loose when
// sweepLoose saw them. The caller has the turn.
func (b *batch) ensureRecords(l *logState, st *stage, events []*crdt.Event) error {
	for _, e := range events {
		if e.Set != crdt.Records || b.erased(l, st, e.Hash) {
			continue
		}
		if _, err := os.Stat(b.s.recordPath(e.Hash)); err == nil {
			continue
		}
		if err := b.s.writeRecordFile(e); err != nil {
			return err
		}
	}
	return nil
}

// sweepLoose destroys loose files, if there may be any.
func (s *Store) sweepLoose() error {
	if len(s.ledger.pending()) > 0 || !s.loose.Swap(false) { // records are not loose whose entries come back
		return nil
	}
	if err := s.sweep(); err != nil {
		s.loose.Store(true)
		return err
	}
	return nil
}

func (s *Store) sweep() error {
	var loose []string
	root := filepath.Join(s.dir, "records")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() {
			return err
		}
		if s.isLoose(s.read, path, d) {
			loose = append(loose, path)
		}
		return s.accepting()
	})
	if err != nil || len(loose) == 0 {
		return err
	}
	return s.do(&job{ctx: context.Background(), alone: func(db *badger.DB) error {
		for _, path := range loose {
			if info, err := os.Lstat(path); err == nil && s.isLoose(db.View, path, fs.FileInfoToDirEntry(info)) {
				s.destroy(path)
			}
		}
		return nil
	}})
}

// isLoose looks into a file for the log it belongs to, and into that with view.
func (s *Store) isLoose(view func(func(*badger.Txn) error) error, path string, d fs.DirEntry) bool {
	if strings.HasPrefix(d.Name(), tempPrefix) {
		info, err := d.Info()
		return err == nil && info.ModTime().Before(s.opened) // else it is being written
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return false
	}
	e, err := crdt.Decode(b)
	if err != nil || e.Hash.String() != d.Name() {
		return true // of no use to anybody
	}
	known := true
	view(func(txn *badger.Txn) error {
		l := s.known(e.LogID())
		l.mu.Lock()
		num := l.head.num
		l.mu.Unlock()
		known = num != 0 && has(txn, bodyKey(num, e.Hash), nil)
		return nil
	})
	return !known
}
