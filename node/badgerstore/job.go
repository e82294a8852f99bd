package badgerstore

import (
	"context"

	"github.com/dgraph-io/badger/v4"
)

// job is one thing whoever commits is asked to do: either something to put into
// the next transaction, or, with alone, something done between transactions.
type job struct {
	ctx    context.Context
	events int // how much of a transaction it takes
	bytes  int
	apply  func(*batch) error     // an error before the first put fails only this job
	alone  func(*badger.DB) error // if not nil, apply is not called
	done   chan error             // buffered: who commits never waits
}

// do has a job committed and waits until it is durable.
func (s *Store) do(j *job) error {
	if err := s.send(j); err != nil {
		return err
	}
	return s.wait(j)
}

// send queues a job; when the queue is full it lends a hand first.
func (s *Store) send(j *job) error {
	j.done = make(chan error, 1)
	if err := s.accepting(); err != nil {
		return err
	}
	if err := j.ctx.Err(); err != nil {
		return err
	}
	for {
		select {
		case s.jobs <- j:
			return nil
		case <-j.ctx.Done():
			return j.ctx.Err()
		case <-s.closing:
			return errClosed
		case s.turn <- struct{}{}:
			s.commitNext()
			<-s.turn
		}
	}
}

// wait returns when the job is done, by another caller or by this one: whoever
// gets the turn commits for all who wait. A goroutine for it would cost every
// lone writer two more wake-ups.
func (s *Store) wait(j *job) error {
	for {
		select {
		case err := <-j.done:
			return err
		case <-j.ctx.Done():
			return j.ctx.Err()
		case <-s.ended:
			return j.refused()
		case s.turn <- struct{}{}:
			s.commitNext()
			<-s.turn
		}
	}
}

// refused is the answer after Close, for a job that may have been done before.
func (j *job) refused() error {
	select {
	case err := <-j.done:
		return err
	default:
		return errClosed
	}
}
