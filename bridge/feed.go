package bridge

import (
	"fmt"
	"sync"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

const (
	feedBatch = 256 // entries read at once
	maxFeeds  = 512 // kept while nobody follows them
)

// feed follows one log for the sockets in its rooms: what arrives, by whatever
// path, goes to all of them, in this store's order of arrival and from one
// encoding. It also knows which IDs pages have used in the log.
type feed struct {
	feeds *feeds    // immutable
	log   *crdt.Log // immutable

	mu      sync.Mutex
	at      crdt.Arrival         // guarded by mu; up to here everything was read
	order   order                // guarded by mu; of what was read
	ids     map[string]crdt.Hash // guarded by mu; the first event of a page with each ID
	teams   map[string]bool      // guarded by mu; of events so far
	members map[*member]bool     // guarded by mu
	running bool                 // guarded by mu; a goroutine reads what arrives
	left    chan bool            // has room for one; tells it that a member left
}

// feeds are the feeds of a server.
type feeds struct {
	server *Server
	wg     sync.WaitGroup // of goroutines that read; they end when the server closes

	mu      sync.Mutex
	all     map[crdt.LogID]*feed // guarded by mu
	stopped bool                 // guarded by mu; wg takes no more

	teamRooms teamRooms
}

func newFeeds(s *Server) *feeds {
	return &feeds{
		server: s, all: map[crdt.LogID]*feed{},
		teamRooms: teamRooms{members: map[*member]bool{}, waiting: map[string]map[*member]bool{}, seen: map[crdt.LogID]bool{}, poke: make(chan bool, 1)},
	}
}

// start runs f in a goroutine that close waits for; false: the server closes.
func (fs *feeds) start(f func()) bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if !fs.stopped {
		fs.wg.Go(f)
	}
	return !fs.stopped
}

// close waits until nothing is read any more. The server is closing.
func (fs *feeds) close() {
	fs.mu.Lock()
	fs.stopped = true
	fs.mu.Unlock()
	fs.wg.Wait()
}

// of returns the feed of a followed log.
func (fs *feeds) of(id crdt.LogID) (*feed, error) {
	log, err := fs.server.backend.Log(id)
	if err != nil {
		return nil, err
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	f := fs.all[id]
	if f != nil && f.log == log {
		return f, nil
	}
	if len(fs.all) >= maxFeeds {
		fs.tidyLocked()
	}
	f = &feed{feeds: fs, log: log, ids: map[string]crdt.Hash{}, teams: map[string]bool{}, members: map[*member]bool{}, left: make(chan bool, 1)}
	fs.all[id] = f
	return f, nil
}

// tidyLocked gives up feeds that nobody follows.
func (fs *feeds) tidyLocked() {
	for id, f := range fs.all {
		if f.mu.TryLock() {
			if len(f.members) == 0 {
				delete(fs.all, id)
			}
			f.mu.Unlock()
		}
	}
}

// stepLocked reads what has arrived and gives it to the members.
func (f *feed) stepLocked() error {
	for {
		entries, err := f.log.Since(f.at, feedBatch)
		if err != nil || len(entries) == 0 {
			return err
		}
		if err := f.giveLocked(entries); err != nil {
			return err
		}
		f.at = entries[len(entries)-1].Arrival
	}
}

func (f *feed) giveLocked(entries []crdt.Entry) error {
	lenses := newLenses(f)
	for _, en := range entries {
		if !shown(en) {
			continue
		}
		c, err := newCast(f, en, lenses)
		if err != nil {
			return err
		}
		c.after = f.order.add(en, c.content != nil && match.Outward(c.content.Type))
		repeat := f.noteLocked(c)
		for m := range f.members {
			if !repeat && !m.give(c) {
				delete(f.members, m)
			}
		}
	}
	return nil
}

// noteLocked remembers an event's ID and team and reports whether it is one that
// was there already: two nodes may have recorded what one page sent (rule R4).
func (f *feed) noteLocked(c *cast) (repeat bool) {
	if c.content == nil {
		return false
	}
	if c.content.Team != "" {
		f.teams[c.content.Team] = true
	}
	if pageFields(c.content, nil) == nil {
		return false
	}
	first, known := f.ids[c.content.ID]
	if !known {
		f.ids[c.content.ID] = c.entry.Event.Hash
	}
	return known && first != c.entry.Event.Hash && f.sameAs(first, c)
}

// sameAs reports whether an earlier event says what this one does.
func (f *feed) sameAs(first crdt.Hash, c *cast) bool {
	e, err := f.log.Event(first)
	if err != nil {
		return false
	}
	old, err := f.feeds.server.backend.Open(e)
	return err == nil && sameContent(old, c.content)
}

// place returns where in the log somebody is who has had what the name says. If
// it does not say the beginning of the log as it is here, that is at the
// beginning: they get all, some of it again, rather than miss anything.
func (f *feed) place(had orderName, to audience) (place, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.stepLocked()
	return newLenses(f).name(f.order.of(had), to), err
}

// attach lets a member have what arrives after a place in the log, which may be
// long ago: it gets that first, at its own pace. False: it is gone.
func (f *feed) attach(m *member, from crdt.Arrival) (bool, error) {
	for {
		done, err := f.attachStep(m, &from)
		if done || err != nil {
			return err == nil && !m.socket.Gone(), err
		}
		if !m.socket.Drained() {
			return false, nil
		}
	}
}

// attachStep gives a member the next part of what it missed. When that is little
// the others wait meanwhile, and the member is one of them from then on.
func (f *feed) attachStep(m *member, from *crdt.Arrival) (done bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.stepLocked(); err != nil {
		return false, err
	}
	*from = min(*from, f.at)
	entries, err := f.log.Since(*from, feedBatch)
	if err != nil {
		return false, err
	}
	lenses := newLenses(f)
	for _, en := range entries {
		if *from = en.Arrival; !shown(en) {
			continue
		}
		c, err := newCast(f, en, lenses)
		if err != nil {
			return false, err
		}
		c.after = f.order.after(en.Arrival)
		if !f.noteLocked(c) {
			m.give(c)
		}
	}
	if len(entries) == feedBatch {
		return false, nil
	}
	// What arrived since the step is read by the next one, and by the member's
	// own place in the log not given twice.
	f.members[m] = true
	f.runLocked()
	return true, nil
}

// admit is attach from the beginning, without waiting for the member.
func (f *feed) admit(m *member) error {
	var from crdt.Arrival
	for {
		if done, err := f.attachStep(m, &from); done || err != nil {
			return err
		}
	}
}

// enter is attach from now on.
func (f *feed) enter(m *member) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.stepLocked(); err != nil {
		return err
	}
	m.begin(f.log.ID(), newLenses(f).name(f.order.last(), m.to), f.teams)
	f.members[m] = true
	f.runLocked()
	return nil
}

// leave ends what attach and enter began.
func (f *feed) leave(m *member) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.members, m)
	if len(f.members) == 0 {
		select {
		case f.left <- true:
		default:
		}
	}
}

func (f *feed) runLocked() {
	if !f.running {
		f.running = f.feeds.start(f.run)
	}
}

// run gives members what arrives until there are none, or the server closes.
func (f *feed) run() {
	for {
		changed := f.log.Changed()
		f.mu.Lock()
		err := f.stepLocked()
		if err != nil || len(f.members) == 0 {
			f.running = false
			gone := f.members
			f.members = map[*member]bool{}
			f.mu.Unlock()
			if err != nil {
				f.feeds.server.log.Warn("rooms", "match", f.log.ID().Short(), "err", fmt.Errorf("%d sockets cut: %w", len(gone), err))
				for m := range gone {
					m.socket.Cut()
				}
			}
			return
		}
		f.mu.Unlock()
		select {
		case <-changed:
		case <-f.left:
		case <-f.feeds.server.closing:
			f.mu.Lock()
			f.running = false
			f.mu.Unlock()
			return
		}
	}
}
