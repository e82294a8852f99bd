package badgerstore

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

var errClosed = crdt.ErrClosed

// maxLoaded is how many logs have their digests (6 KiB) in memory.
const maxLoaded = 1024

// Store implements [crdt.Store] in one folder. See the package comment.
type Store struct {
	dir     string        // immutable
	opts    Options       // immutable
	log     *slog.Logger  // immutable
	lock    *os.File      // immutable; held while the store is open
	jobs    chan *job     // immutable
	closing chan struct{} // immutable; closed by Close
	ended   chan struct{} // immutable; closed by Close after the last commit
	turn    chan struct{} // immutable; holds one while somebody commits
	wake    chan struct{} // immutable; tells the keeper of a fault
	workers sync.WaitGroup

	// handle is held for reading by whoever uses db, for writing by whoever
	// opens or closes it.
	handle sync.RWMutex
	db     *badger.DB // guarded by handle; nil while it cannot be opened
	// cramped: the disk was full when db was opened. Nothing is written then, and
	// there is a fault until db was opened again. Guarded by handle.
	cramped bool

	keptMu sync.Mutex // held while both copies of a kept value change

	ledger ledger              // what was found wrong
	seen   map[crdt.LogID]seen // owned by the keeper; by Open and Close while there is none

	lastBatch int // owned by who has the turn
	wal       wal // owned by who has the turn, or handle for writing

	uses    atomic.Uint64 // reads and commits since opening
	suspect atomic.Bool   // something may be missing: absence needs a second look
	loose   atomic.Bool   // there may be files of records that no entry speaks of
	opened  time.Time     // immutable

	mu       sync.Mutex
	closed   bool                     // guarded by mu
	fault    error                    // guarded by mu; why writes are refused
	id       crdt.StoreID             // guarded by mu
	logs     map[crdt.LogID]*logState // guarded by mu
	nextNum  uint32                   // guarded by mu; last local number given out
	loaded   int                      // guarded by mu; roughly how many digests are in memory
	doubted  bool                     // guarded by mu
	repaired string                   // guarded by mu
	moved    string                   // guarded by mu
}

var _ crdt.Store = (*Store)(nil)

// ID implements [crdt.Store].
func (s *Store) ID() crdt.StoreID {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

// Doubted reports whether this store could not prove that it remembers
// everything it acknowledged, and so took a new [crdt.StoreID]: after a crash,
// a damage or a failed sync. It is not an error.
func (s *Store) Doubted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doubted
}

// Repaired says what damage was found since this opening and, when the database
// had to be replaced, where the damaged one was moved to. [Store.Damages] has all.
func (s *Store) Repaired() (what, moved string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.repaired, s.moved
}

// Health implements [crdt.Store].
func (s *Store) Health() error { return s.writableNow() }

// Close implements [crdt.Store]. It waits for the commit under way.
func (s *Store) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return errClosed
	}
	s.closed = true
	close(s.closing)
	s.mu.Unlock()
	s.workers.Wait()
	s.turn <- struct{}{} // for ever
	s.refuseRest()
	close(s.ended)

	s.handle.Lock()
	defer s.handle.Unlock()
	defer s.lock.Close()
	if s.db == nil {
		return nil
	}
	if s.cramped {
		return s.closeCramped()
	}
	if s.faulty() {
		if err := s.tryWriting(); err != nil {
			return fmt.Errorf("close %s: %w", s.dir, err) // badger stays as it is: it would wait for the disk
		}
	}
	lookErr := s.lookClosing()
	err := s.closeBadger()
	if err = errors.Join(lookErr, err); err != nil {
		return fmt.Errorf("close %s: %w", s.dir, err)
	}
	if s.faulty() || s.loose.Load() {
		return nil // not proven: the next Open shall doubt
	}
	return s.writeState(true)
}

func (s *Store) accepting() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return errClosed
	}
	return nil
}

func (s *Store) faulty() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.fault != nil
}

// writableNow is writable for callers that are not committing.
func (s *Store) writableNow() error {
	if err := s.accepting(); err != nil {
		return err
	}
	return s.writable()
}

// writable says why nothing can be written, if so.
func (s *Store) writable() error {
	s.mu.Lock()
	fault := s.fault
	s.mu.Unlock()
	if fault != nil {
		return fault
	}
	return s.checkSpace()
}

// logFor returns the state of a log, made when it is new; an empty one is not
// listed and costs nothing on disk.
func (s *Store) logFor(id crdt.LogID) *logState {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.logs[id]
	if l == nil {
		l = &logState{id: id, checked: true}
		s.logs[id] = l
	}
	return l
}

// known returns the state of a log, which for an unknown one is not kept.
func (s *Store) known(id crdt.LogID) *logState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.logs[id]; l != nil {
		return l
	}
	return &logState{id: id, checked: true}
}

// useNum says that a local number is taken.
func (s *Store) useNum(n uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextNum = max(s.nextNum, n)
}

func (s *Store) newNum() uint32 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nextNum++
	return s.nextNum
}

// allLogs copies the list of logs.
func (s *Store) allLogs() []*logState {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*logState, 0, len(s.logs))
	for _, l := range s.logs {
		all = append(all, l)
	}
	return all
}

// noteLoaded unloads a quarter of the logs when too many are in memory.
func (s *Store) noteLoaded() {
	s.mu.Lock()
	s.loaded++
	full := s.loaded > maxLoaded
	if full {
		s.loaded = 0
	}
	s.mu.Unlock()
	if !full {
		return
	}
	kept := 0
	for _, l := range s.allLogs() {
		if kept >= maxLoaded*3/4 || !l.inUse() {
			l.unload()
		} else {
			kept++
		}
	}
	s.mu.Lock()
	s.loaded += kept
	s.mu.Unlock()
}
