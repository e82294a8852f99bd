package bridge

import (
	"sync"
	"time"
)

// tenants are the sockets in rooms whose callers' rights may end: those of guests
// do not.
type tenants struct {
	mu      sync.Mutex
	all     map[*member]bool // guarded by mu
	running bool             // guarded by mu; a goroutine looks at them
}

// watchRight puts a member out when its right ends, until it leaves.
func (s *Server) watchRight(m *member) {
	if m.caller.Token == "" && m.caller.Grant.IsZero() {
		return
	}
	ts := &s.tenants
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.all == nil {
		ts.all = map[*member]bool{}
	}
	ts.all[m] = true
	if !ts.running {
		ts.running = s.feeds.start(s.recheckMembers)
	}
}

func (ts *tenants) leave(m *member) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	delete(ts.all, m)
}

// list returns all; if there are none, who asks is to look no more.
func (ts *tenants) list() (out []*member) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for m := range ts.all {
		out = append(out, m)
	}
	ts.running = len(out) > 0
	return out
}

// recheckMembers looks at all members until there are none, or the server closes.
func (s *Server) recheckMembers() {
	tick := time.NewTicker(s.cfg.Recheck)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-s.closing:
			return
		}
		list := s.tenants.list()
		if len(list) == 0 {
			return
		}
		for _, m := range list {
			if err := s.still(m.caller, time.Now()); err != nil {
				s.expel(m, err)
			}
		}
	}
}

// expel tells a member why it hears no more, and puts it out.
func (s *Server) expel(m *member, why error) {
	rooms{s}.refuse(m.socket, nil, why)
	s.feeds.drop(m) // now: the client's leave may take its time
	m.socket.Disconnect()
}
