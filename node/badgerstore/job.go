package badgerstore

import (
	"context"

	"github.com/dgraph-io/badger/v4"
)

// job is one thing the committer is asked to do: either something to put into
// the next transaction, or, with alone, something done between transactions.
type job struct {
	ctx    context.Context
	events int // how much of a transaction it takes
	bytes  int
	apply  func(*batch) error     // an error before the first put fails only this job
	alone  func(*badger.DB) error // if not nil, apply is not called
	done   chan error             // buffered: the committer never waits
}

// do hands a job to the committer and waits until it is durable.
func (s *Store) do(j *job) error {
	if err := s.send(j); err != nil {
		return err
	}
	return j.wait()
}

func (s *Store) send(j *job) error {
	j.done = make(chan error, 1)
	if err := s.accepting(); err != nil {
		return err
	}
	if err := j.ctx.Err(); err != nil {
		return err
	}
	select {
	case s.jobs <- j:
		return nil
	case <-s.closing:
		return errClosed
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}

func (j *job) wait() error {
	select {
	case err := <-j.done:
		return err
	case <-j.ctx.Done():
		return j.ctx.Err()
	}
}
