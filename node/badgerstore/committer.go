package badgerstore

import (
	"errors"
	"fmt"
	"runtime"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

const (
	maxBatchEvents = 512
	maxBatchBytes  = 384 << 10 // badger allows a transaction 15 % of a memtable
	maxJobEvents   = 256
	maxJobBytes    = 256 << 10
)

// commitNext commits what is queued, as much as fits a transaction. The caller
// has the turn, and so is the only writer of the database.
func (s *Store) commitNext() {
	select {
	case j := <-s.jobs:
		s.commit(s.gather(j))
	default:
	}
}

// gather takes what waits, up to a transaction full. Callers that the last
// commit woke get a chance to come back first: that doubles the batches.
func (s *Store) gather(first *job) []*job {
	jobs, events, bytes := []*job{first}, first.events, first.bytes
	yielded := false
	for events < maxBatchEvents && bytes < maxBatchBytes {
		select {
		case j := <-s.jobs:
			jobs, events, bytes = append(jobs, j), events+j.events, bytes+j.bytes
			continue
		default:
		}
		if yielded || len(jobs) == 1 && s.lastBatch < 2 {
			break
		}
		yielded = true
		runtime.Gosched()
	}
	s.lastBatch = len(jobs)
	return jobs
}

func (s *Store) refuseRest() {
	for {
		select {
		case j := <-s.jobs:
			j.done <- errClosed
		default:
			return
		}
	}
}

// commit does jobs in order: runs of ordinary ones in one transaction each.
func (s *Store) commit(jobs []*job) {
	s.handle.RLock()
	defer s.handle.RUnlock()
	for len(jobs) > 0 {
		n := 0
		for n < len(jobs) && jobs[n].alone == nil {
			n++
		}
		if n == 0 {
			jobs[0].done <- s.commitAlone(jobs[0])
			jobs = jobs[1:]
			continue
		}
		s.commitTogether(jobs[:n])
		jobs = jobs[n:]
	}
}

func (s *Store) commitAlone(j *job) error {
	if err := s.mayCommit(); err != nil {
		return err
	}
	if err := j.ctx.Err(); err != nil {
		return err
	}
	err := j.alone(s.db)
	if err != nil && !errors.Is(err, crdt.ErrGone) && !errors.Is(err, crdt.ErrCorrupt) {
		return s.fail(err)
	}
	return err
}

func (s *Store) commitTogether(jobs []*job) {
	errs := make([]error, len(jobs))
	err := s.mayCommit()
	if err == nil {
		err = s.transact(jobs, errs)
	}
	for i, j := range jobs {
		if errs[i] == nil {
			errs[i] = err
		}
		j.done <- errs[i]
	}
}

// transact is one transaction. errs receives what concerns single jobs; the
// error returned concerns all others.
func (s *Store) transact(jobs []*job, errs []error) error {
	b := newBatch(s)
	defer b.discard()
	for i, j := range jobs {
		if errs[i] = j.ctx.Err(); errs[i] == nil {
			errs[i] = j.apply(b)
		}
		if b.err != nil {
			return s.fail(b.err)
		}
	}
	if err := b.commit(); err != nil {
		return s.fail(err)
	}
	return nil
}

// mayCommit is writable for who has the turn.
func (s *Store) mayCommit() error {
	if err := s.writable(); err != nil {
		return err
	}
	if err := s.wal.ready(); err != nil {
		return fmt.Errorf("%w: make badger's next log in %s: %v", crdt.ErrReadOnly, s.dir, err)
	}
	return nil
}

// update is one transaction of somebody who has the turn. It is durable when
// this returns nil.
func (s *Store) update(db *badger.DB, f func(*badger.Txn) error) error {
	if err := db.Update(f); err != nil {
		return err
	}
	return s.wal.sync()
}

// fail remembers that a write went wrong: the keeper opens the database again
// before writes resume.
func (s *Store) fail(err error) error {
	err = fmt.Errorf("%w: commit in %s: %v", crdt.ErrReadOnly, s.dir, err)
	s.mu.Lock()
	s.fault = err
	s.mu.Unlock()
	s.log.Error("store refuses writes", "error", err)
	s.wakeKeeper()
	return err
}
