package badgerstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// Open opens the store in dir, made when it is not there. One process may have
// it open. When the disk is full, Open still succeeds: [Store.Health] says so
// and the store comes to life when there is space.
func Open(dir string, opts Options) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := mkdirSynced(dir); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	if err := forOwnerOnly(dir); err != nil {
		opts.logger().Warn("store can be read by other users of this machine", "error", err)
	}
	lock, err := lockFile(filepath.Join(dir, "lock"))
	if err != nil {
		if errors.Is(err, fs.ErrPermission) || errors.Is(err, errReadOnlyDisk) {
			return nil, fmt.Errorf("open store %s: the data folder cannot be written, and a store needs that also to be read (copy the folder to another disk and name it with --data): %w", dir, err)
		}
		return nil, fmt.Errorf("open store %s: in use by another process? %w", dir, err)
	}
	s := &Store{
		dir: dir, opts: opts, log: opts.logger(), lock: lock,
		jobs: make(chan *job, 2*maxBatchEvents), closing: make(chan struct{}), ended: make(chan struct{}), turn: make(chan struct{}, 1), wake: make(chan struct{}, 1),
		logs: map[crdt.LogID]*logState{}, opened: time.Now(),
	}
	if err := s.ledger.read(filepath.Join(dir, "damage")); err != nil {
		s.report("the list of damages was damaged", "error", err)
	}
	if err := s.open(); errors.Is(err, crdt.ErrReadOnly) {
		s.fault = err
		s.log.Error("store takes no writes yet", "can be read", s.db != nil, "error", err)
	} else if err != nil {
		lock.Close()
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	} else {
		s.afterOpening()
	}
	s.workers.Go(s.keep)
	return s, nil
}

// forOwnerOnly closes the folder to other users: badger's files in it, which hold keys
// and events, are open to whom the umask leaves them, and a copy or an archive may
// have opened the folder since it was made.
func forOwnerOnly(dir string) error {
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return os.Chmod(dir, info.Mode().Perm()&^0o077)
}

// afterOpening takes back what a damage left, before anybody uses the store. What
// cannot be done now the keeper tries again.
func (s *Store) afterOpening() {
	if err := s.salvagePending(); err != nil {
		s.log.Warn("store", "error", err)
	}
	if err := s.checkSeen(); err != nil {
		s.log.Warn("store: records were not all taken back", "error", err)
	}
}

func (s *Store) dbDir() string { return filepath.Join(s.dir, "db") }

// open opens the database and reads the heads. On a full disk it returns why
// nothing can be written, whether or not the database can be read. The caller
// holds handle, or is the only one who knows s.
func (s *Store) open() error {
	last := s.readState()
	if id, ok := last.id(); ok {
		s.mu.Lock()
		s.id = id
		s.mu.Unlock()
	}
	if s.checkSpace() != nil {
		s.dropLeftovers()
	}
	short := s.checkSpace()
	if short != nil {
		if err := s.makeRoom(); err != nil {
			return err
		}
	}
	s.cramped = short != nil
	if err := s.finishRewrite(); err != nil {
		return err
	}
	_, err := os.Stat(s.dbDir())
	if s.cramped && err != nil {
		return short // nothing is there to be read
	}
	fresh := errors.Is(err, fs.ErrNotExist) && last == state{}
	if err := s.openChecked(); err != nil {
		return notDamage(err)
	}
	if !s.cramped {
		err = s.wal.open(s.dbDir())
	}
	if err == nil {
		err = s.readHeads()
	}
	if err == nil && !s.cramped {
		err = s.restoreKept()
	}
	if err == nil {
		err = s.settle(last, fresh)
	}
	if err != nil {
		return notDamage(errors.Join(err, s.closeBadger()))
	}
	if s.cramped {
		return short
	}
	s.keepBallast()
	return nil
}

// settle decides whether this is what the last run left, and marks that we run.
func (s *Store) settle(last state, fresh bool) error {
	switch _, moved := s.Repaired(); {
	case fresh:
		s.renew()
		s.mu.Lock()
		s.doubted = false
		s.mu.Unlock()
	case moved != "" || !last.Clean:
		s.doubt()
	case last.Heads != s.headsSum():
		s.report("heads differ from those of the last close")
		s.doubt()
	}
	s.suspect.Store(true) // until the scrub has seen all
	s.loose.Store(!fresh && !last.Clean)
	return s.writeState(false)
}

func (s *Store) doubt() {
	s.renew()
	for _, l := range s.allLogs() {
		l.mu.Lock()
		l.checked = false
		l.mu.Unlock()
	}
}

// openChecked opens a database that is whole, else moves it aside and opens a
// new one.
func (s *Store) openChecked() error {
	if err := s.dropEmpty(); err != nil {
		return err
	}
	if err := s.saveHoled(); err != nil {
		return err
	}
	err := s.inspect()
	if err == nil {
		err = s.openBadger()
	}
	if err == nil || isEnvironment(err) {
		return err
	}
	if s.opts.NoRepair {
		return fmt.Errorf("database %s is damaged: %w", s.dbDir(), err)
	}
	if err := s.moveAside(err); err != nil {
		return err
	}
	return s.openBadger()
}

// dropEmpty removes files that a crash left empty between making and filling
// them, at which badger would refuse the whole database. Nothing was in them:
// log and value log are filled to their full size before the first entry, the
// key registry says nothing without encryption, and an empty manifest beside
// tables is left for inspect.
func (s *Store) dropEmpty() error {
	tables, _ := filepath.Glob(filepath.Join(s.dbDir(), "*.sst"))
	patterns := []string{"*.mem", "*.vlog", "KEYREGISTRY"}
	if len(tables) == 0 {
		patterns = append(patterns, "MANIFEST")
	}
	for _, pattern := range patterns {
		paths, _ := filepath.Glob(filepath.Join(s.dbDir(), pattern))
		for _, path := range paths {
			if info, err := os.Stat(path); err != nil || info.Size() > 0 {
				continue
			}
			if pattern != "*.mem" { // one is made before it is needed
				s.log.Warn("store: removed an empty file", "file", path)
			}
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropLeftovers removes tables that a crash left half made, as badger would,
// which a full disk does not let us open: they may be what fills it.
func (s *Store) dropLeftovers() {
	counted, err := manifestTables(s.dbDir())
	if err != nil || len(counted) == 0 {
		return
	}
	tables, _ := filepath.Glob(filepath.Join(s.dbDir(), "*.sst"))
	for _, t := range tables {
		if !slices.Contains(counted, t) {
			s.log.Warn("store: removed a table that was never finished", "file", t, "error", os.Remove(t))
		}
	}
}

// inspect finds what would make badger panic, or already has: a short table
// does, in a goroutine of its own.
func (s *Store) inspect() error {
	crash, err := os.ReadFile(s.openingPath())
	interrupted := err == nil
	if len(crash) > 0 && !strings.Contains(string(crash), "SIGBUS") { // SIGBUS is a full disk
		first, _, _ := strings.Cut(string(crash), "\n")
		return fmt.Errorf("opening it crashed: %s", first)
	}
	tables, err := manifestTables(s.dbDir())
	for _, t := range tables {
		err = errors.Join(err, checkTable(t, interrupted, nil)) // all of it only when in doubt
	}
	return err
}

func (s *Store) openingPath() string { return filepath.Join(s.dir, "opening") }

func (s *Store) openBadger() error {
	marker, err := os.Create(s.openingPath())
	if err != nil {
		return err
	}
	defer marker.Close()
	if err := debug.SetCrashOutput(marker, debug.CrashOptions{}); err != nil {
		return err
	}
	total, _, _ := diskSpace(s.dir)
	o := badgerOptions(s.dbDir(), s.opts.Small || total < smallFilesystem, s.log)
	if s.cramped {
		o = o.WithNumCompactors(0).WithNumLevelZeroTablesStall(1 << 20)
	}
	db, err := badger.Open(o)
	debug.SetCrashOutput(nil, debug.CrashOptions{})
	if err == nil || isEnvironment(err) {
		os.Remove(s.openingPath())
	}
	if err != nil {
		return err
	}
	s.db = db
	return nil
}

// closeBadger ends with no database, whatever it returns.
func (s *Store) closeBadger() error {
	err := errors.Join(s.wal.close(), s.db.Close())
	s.db = nil
	return err
}

// asideName is a folder beside that of the store for what is damaged.
func (s *Store) asideName() string {
	return fmt.Sprintf("%s.bad-%s", s.dir, time.Now().UTC().Format("20060102T150405.000000000"))
}

// moveAside keeps the damaged database beside the folder of the store.
func (s *Store) moveAside(why error) error {
	to := s.asideName()
	if err := s.reportMoved("the database was damaged and is replaced by a new one", to, why); err != nil {
		return err // what is moved must be remembered
	}
	if err := os.Rename(s.dbDir(), to); err != nil {
		return fmt.Errorf("move the damaged database aside (%v): %w", why, err)
	}
	if err := errors.Join(syncDir(s.dir), syncDir(filepath.Dir(to))); err != nil {
		return err
	}
	os.Remove(s.openingPath())
	s.mu.Lock()
	s.moved = to
	s.mu.Unlock()
	return nil
}

// readHeads brings the heads of all logs into memory, and finishes what a
// crash interrupted.
func (s *Store) readHeads() error {
	for _, l := range s.allLogs() {
		l.mu.Lock()
		l.head, l.digests, l.saved, l.checked, l.latest = head{}, nil, 0, true, nil
		l.mu.Unlock()
	}
	var halfRetired []*logState
	err := s.db.View(func(txn *badger.Txn) error {
		for k := range keys(txn, []byte{kindHead}, []byte{kindHead}) {
			v, _ := get(txn, k)
			h, ok := decodeHead(v)
			if !ok || len(k) != 1+crdt.HashSize {
				s.report("a head cannot be read", "key", fmt.Sprintf("%x", k))
				continue
			}
			l := s.logFor(crdt.LogID(k[1:]))
			l.mu.Lock()
			l.head = h
			l.mu.Unlock()
			s.useNum(h.num)
			if h.retired && h.num != 0 {
				halfRetired = append(halfRetired, l)
			}
		}
		for _, kind := range []byte{kindArrival, kindBody} { // also of logs whose head a damage took
			if k := lastKey(txn, []byte{kind}, []byte{kind, 255, 255, 255, 255, 255}); len(k) >= 5 {
				s.useNum(binary.BigEndian.Uint32(k[1:]))
			}
		}
		return nil
	})
	if s.cramped {
		return err // what a crash interrupted needs writing
	}
	for _, l := range halfRetired {
		err = errors.Join(err, s.retire(s.db, l))
	}
	if wipeErr := s.wipe(s.db); wipeErr != nil {
		s.report("erased events are still in tables", "error", wipeErr)
	}
	return err
}

// notDamage gives what the machine lacks the name callers branch on.
func notDamage(err error) error {
	if isEnvironment(err) {
		return fmt.Errorf("%w: %v", crdt.ErrReadOnly, err)
	}
	return err
}

// isEnvironment reports whether an error is the machine's fault and says
// nothing about the database. Badger does not wrap, so the text must do.
func isEnvironment(err error) bool {
	if err == nil {
		return false
	}
	for _, e := range []syscall.Errno{
		syscall.ENOSPC, syscall.EIO, syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EACCES, syscall.EPERM, syscall.EROFS, syscall.EAGAIN,
	} {
		if errors.Is(err, e) || strings.Contains(err.Error(), e.Error()) {
			return true
		}
	}
	return strings.Contains(err.Error(), "directory lock")
}
