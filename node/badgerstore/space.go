package badgerstore

import (
	"errors"
	"fmt"
	"path/filepath"

	"touchline.dev/touchline/crdt"
)

// checkSpace returns ErrReadOnly when the disk is too full to write safely.
func (s *Store) checkSpace() error {
	total, free, err := diskSpace(s.dir)
	if err != nil {
		return fmt.Errorf("%w: free space of %s: %v", crdt.ErrReadOnly, s.dir, err)
	}
	if least := s.opts.minFree(total); free < least {
		return fmt.Errorf("%w: only %d MB free at %s, %d MB are needed", crdt.ErrReadOnly, free/mb, s.dir, least/mb)
	}
	return nil
}

// tryWriting says why badger would fail to write now: it writes, maps and syncs
// a small file as badger does its log. Badger itself must not be asked: with a
// disk that takes nothing it neither flushes nor closes, and waits for ever.
func (s *Store) tryWriting() error {
	if err := s.checkSpace(); err != nil {
		return err
	}
	if err := tryWriting(filepath.Join(s.dir, "try")); err != nil {
		return fmt.Errorf("%w: try to write in %s: %v", crdt.ErrReadOnly, s.dir, err)
	}
	return nil
}

func readOnly(err error) error {
	if errors.Is(err, crdt.ErrReadOnly) {
		return err
	}
	return fmt.Errorf("%w: %v", crdt.ErrReadOnly, err)
}
