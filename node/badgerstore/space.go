package badgerstore

import (
	"errors"
	"fmt"

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

func readOnly(err error) error {
	if errors.Is(err, crdt.ErrReadOnly) {
		return err
	}
	return fmt.Errorf("%w: %v", crdt.ErrReadOnly, err)
}
