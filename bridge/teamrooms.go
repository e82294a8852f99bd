package bridge

import (
	"slices"
	"sync"
	"time"

	"touchline.dev/touchline/crdt"
)

// lookForMatches is how often members of team rooms are entered into matches
// that are new here.
const lookForMatches = time.Second

// teamRooms are the members of team rooms, which see events of all matches, and
// those who wait for a match that has a name and is not here.
type teamRooms struct {
	mu      sync.Mutex
	members map[*member]bool            // guarded by mu
	waiting map[string]map[*member]bool // guarded by mu
	seen    map[crdt.LogID]bool         // guarded by mu; logs that members are in
	running bool                        // guarded by mu
	poke    chan bool                   // has room for one; look now
}

// enterTeams enters a member into all matches it may see: from where it was, or
// from now on.
func (fs *feeds) enterTeams(m *member, had func(crdt.LogID) (orderName, bool)) {
	t := &fs.teamRooms
	logs := fs.matches()
	t.mu.Lock()
	t.members[m] = true
	for _, id := range logs {
		t.seen[id] = true
	}
	fs.watchLocked()
	t.mu.Unlock()
	for _, id := range logs {
		if !m.caller.reads(id) || m.inMatch(id) {
			continue
		}
		f, err := fs.of(id)
		if err != nil {
			continue // retired meanwhile
		}
		if name, known := had(id); known {
			var from place
			if from, err = f.place(name, m.to); err == nil {
				if from.at > 0 {
					m.change(func() { m.at[id] = from })
				}
				_, err = f.attach(m, from.at)
			}
		} else {
			err = f.enter(m)
		}
		if err != nil {
			fs.server.log.Warn("team room", "match", id.Short(), "err", err)
		}
	}
}

// matches lists the matches that are followed here.
func (fs *feeds) matches() (out []crdt.LogID) {
	for _, m := range fs.server.backend.Matches() {
		if !m.Team {
			out = append(out, m.ID)
		}
	}
	return out
}

// leaveTeams takes a member out of matches in whose rooms it is not.
func (fs *feeds) leaveTeams(m *member) {
	fs.teamRooms.mu.Lock()
	delete(fs.teamRooms.members, m)
	fs.teamRooms.mu.Unlock()
	for _, f := range fs.list() {
		if !m.inMatch(f.log.ID()) {
			f.leave(m)
			m.change(func() { delete(m.at, f.log.ID()) })
		}
	}
}

// drop takes a member that has gone out of everything.
func (fs *feeds) drop(m *member) {
	t := &fs.teamRooms
	t.mu.Lock()
	delete(t.members, m)
	for name, list := range t.waiting {
		if delete(list, m); len(list) == 0 {
			delete(t.waiting, name)
		}
	}
	t.mu.Unlock()
	for _, f := range fs.list() {
		f.leave(m)
	}
}

func (fs *feeds) list() (out []*feed) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	for _, f := range fs.all {
		out = append(out, f)
	}
	return out
}

// wait lets a member into the room of a named match when it is here.
func (fs *feeds) wait(name string, m *member) {
	t := &fs.teamRooms
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.waiting[name] == nil {
		t.waiting[name] = map[*member]bool{}
	}
	t.waiting[name][m] = true
	fs.watchLocked()
}

// fresh says that there may be a match that was not here before.
func (fs *feeds) fresh() {
	select {
	case fs.teamRooms.poke <- true:
	default:
	}
}

func (fs *feeds) watchLocked() {
	if !fs.teamRooms.running {
		fs.teamRooms.running = fs.start(fs.watch)
	}
}

// watch looks for new matches until nobody wants to know, or the server closes.
func (fs *feeds) watch() {
	t := &fs.teamRooms
	tick := time.NewTicker(lookForMatches)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-t.poke:
		case <-fs.server.closing:
			return
		}
		t.mu.Lock()
		if len(t.members) == 0 && len(t.waiting) == 0 {
			t.running, t.seen = false, map[crdt.LogID]bool{}
			t.mu.Unlock()
			return
		}
		t.mu.Unlock()
		fs.enterNew()
		fs.enterWaiting()
	}
}

// enterNew enters members of team rooms into matches that are new: all in them
// is new to the members.
func (fs *feeds) enterNew() {
	t := &fs.teamRooms
	for _, id := range fs.matches() {
		t.mu.Lock()
		var list []*member
		if !t.seen[id] {
			for m := range t.members {
				list = append(list, m)
			}
		}
		t.seen[id] = true
		t.mu.Unlock()
		list = slices.DeleteFunc(list, func(m *member) bool { return !m.caller.reads(id) || m.inMatch(id) })
		fs.attachAll(id, list)
	}
}

func (fs *feeds) enterWaiting() {
	t := &fs.teamRooms
	t.mu.Lock()
	var names []string
	for name := range t.waiting {
		names = append(names, name)
	}
	t.mu.Unlock()
	for _, name := range names {
		id, found, err := fs.server.names.from.Match(name)
		if err != nil || !found {
			continue
		}
		t.mu.Lock()
		var list []*member
		for m := range t.waiting[name] {
			list = append(list, m)
		}
		delete(t.waiting, name)
		t.mu.Unlock()
		for _, m := range list {
			m.change(func() {
				if m.waiting[name] {
					delete(m.waiting, name)
					m.matches[id] = name
				}
			})
		}
		fs.attachAll(id, list)
	}
}

// attachAll gives members all of a match that is new here. It is little; who has
// no room for it is cut, and comes back.
func (fs *feeds) attachAll(id crdt.LogID, list []*member) {
	if len(list) == 0 {
		return
	}
	f, err := fs.of(id)
	if err != nil {
		return // retired meanwhile
	}
	for _, m := range list {
		if err := f.admit(m); err != nil {
			fs.server.log.Warn("rooms", "match", id.Short(), "err", err)
			return
		}
	}
}
