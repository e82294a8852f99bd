package badgerstore

import "time"

const (
	firstRetry = time.Second
	lastRetry  = 30 * time.Second
	// glanceEvery is how often what logs have is written down, with up to 200 logs.
	glanceEvery = 2 * time.Second
	idleAfter   = 20 * time.Second // between two looks at whether the database is used
)

// keep opens the database again after a fault, scrubs it after each opening,
// and gives memory back while nobody uses it.
func (s *Store) keep() {
	retry := firstRetry
	scrubbed := false
	idle := time.NewTicker(idleAfter)
	defer idle.Stop()
	var used uint64
	glance := time.NewTimer(glanceEvery)
	defer glance.Stop()
	for {
		if s.faulty() {
			scrubbed = false
			switch {
			case s.readable() && s.tryWriting() != nil:
				s.tendCramped()
				retry = firstRetry // it goes on being read, and looking costs little
			case s.reopen():
				retry = firstRetry
				s.afterOpening()
			default:
				retry = min(2*retry, lastRetry)
			}
		} else {
			s.keepBallast()
			if len(s.ledger.pending()) > 0 {
				if err := s.salvagePending(); err == nil {
					s.log.Warn("store: restart the node; it began without what was only now read out", "dir", s.dir)
				} else if s.accepting() == nil {
					s.log.Warn("store", "error", err)
				}
			}
			if err := s.sweepLoose(); err != nil && s.accepting() == nil {
				s.log.Warn("store: leftovers of records", "error", err)
			}
			if !scrubbed {
				if err := s.tendKept(); err != nil && s.accepting() == nil {
					s.log.Warn("store: second copies of memberships and keys", "error", err)
				}
				scrubbed = s.scrub()
			}
		}
		var again <-chan time.Time
		if s.faulty() || !scrubbed {
			if s.checkSpace() == nil || retry > 2*firstRetry {
				again = time.After(retry)
			} else {
				again = time.After(firstRetry) // only space is missing: look often
				retry = firstRetry
			}
		}
		select {
		case <-s.closing:
			return
		case <-s.wake:
		case <-again:
		case <-idle.C:
			if n := s.uses.Load(); n == used {
				s.letGo()
			} else {
				used = n
			}
			s.tendLosses()
		case <-glance.C:
			if s.writable() == nil {
				if err := s.look(s.read); err != nil && s.accepting() == nil {
					s.log.Warn("store", "error", err)
				}
			}
			glance.Reset(glanceEvery * time.Duration(1+len(s.seen)/200)) // a club's list is long
		}
	}
}

func (s *Store) wakeKeeper() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// readable reports whether the database can be read.
func (s *Store) readable() bool {
	s.handle.RLock()
	defer s.handle.RUnlock()
	return s.db != nil
}

// reopen closes the database, of which after a failed sync nobody knows what
// is on disk, and opens it again under a new StoreID.
func (s *Store) reopen() bool {
	s.handle.Lock()
	defer s.handle.Unlock()
	if s.cramped && s.db != nil {
		if err := s.closeCramped(); err != nil {
			s.log.Warn("store: closing for reopening", "error", err)
		}
	} else if s.db != nil {
		if err := s.closeBadger(); err != nil {
			s.log.Warn("store: closing for reopening", "error", err)
		}
	}
	err := s.open()
	s.mu.Lock()
	s.fault = nil
	if err != nil {
		s.fault = readOnly(err)
	}
	s.mu.Unlock()
	if err == nil {
		s.log.Info("store accepts writes again", "dir", s.dir)
	}
	return err == nil
}

// scrub reads every block of every table, slowly. It reports whether it came
// to the end.
func (s *Store) scrub() bool {
	for _, t := range s.liveTables() {
		stopped := false
		err := s.checkLive(t, func() bool {
			select {
			case <-s.closing:
				stopped = true
			case <-time.After(scrubPause):
			}
			return !stopped
		})
		if stopped {
			return false
		}
		if err != nil {
			s.suspectAll(err)
			return true
		}
	}
	s.suspect.Store(false)
	return true
}

// suspectAll looks through every log after a table was found damaged.
func (s *Store) suspectAll(why error) {
	s.report("a table is damaged", "error", why)
	s.doubt()
	if err := s.writeState(false); err != nil {
		s.log.Warn("store", "error", err)
	}
	for _, l := range s.allLogs() {
		l.unload()
		if err := s.ready(l); err != nil {
			s.log.Warn("store: log cannot be rebuilt now", "log", l.id, "error", err)
		}
	}
}
