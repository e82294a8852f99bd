package bridge

import (
	"sync"

	"touchline.dev/touchline/bridge/socketio"
	"touchline.dev/touchline/crdt"
)

// What events are called in a room.
const (
	liveEvent = "live_event"
	teamEvent = "team_event"
)

// Limits of one socket.
const (
	maxMatchRooms = 32
	maxTeamRooms  = 32
)

// member is a socket and the rooms that it is in.
type member struct {
	socket *socketio.Socket // immutable
	caller Caller           // immutable
	to     audience         // immutable
	resume *offset          // where it goes on; nil: it is new

	mu      sync.Mutex
	matches map[crdt.LogID]string // guarded by mu; by what name it is in the room of each
	waiting map[string]bool       // guarded by mu; names of matches that are not here yet
	teams   map[string]bool       // guarded by mu
	at      map[crdt.LogID]place  // guarded by mu; up to here it has had everything
	rooms   string                // guarded by mu; as part of an offset
}

func newMember(s *socketio.Socket, c Caller) *member {
	return &member{
		socket: s, caller: c, to: c.audience(),
		matches: map[crdt.LogID]string{}, waiting: map[string]bool{}, teams: map[string]bool{}, at: map[crdt.LogID]place{},
	}
}

// give sends the member an event if it is for one of its rooms and it has not
// had it. False: it is gone.
func (m *member) give(c *cast) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := c.feed.log.ID()
	inMatch := m.matches[id] != ""
	inTeam := c.content != nil && c.content.Team != "" && m.teams[c.content.Team]
	if !inMatch && !inTeam || c.after.at <= m.at[id].at {
		return !m.socket.Gone()
	}
	m.at[id] = c.lenses.name(c.after, m.to)
	here := true
	if inMatch {
		here = m.sendLocked(c, liveEvent, !inTeam)
	}
	if inTeam && here {
		here = m.sendLocked(c, teamEvent, true)
	}
	return here
}

// sendLocked sends an event to one room. Only the last message about an event
// says where the member stands after it: the connection may end before that.
func (m *member) sendLocked(c *cast, event string, last bool) bool {
	body := c.bodyFor(event, m.to)
	switch {
	case body == nil:
		return true
	case !last:
		return m.socket.Send(c.messageFor(castKey{event, c.together(m.to), ""}, func() *socketio.Message { return socketio.PlainEvent(body) }))
	case len(m.at) > 1:
		return m.socket.Send(socketio.Event(body, m.offsetLocked()))
	}
	key := castKey{event, c.together(m.to), m.rooms}
	return m.socket.Send(c.messageFor(key, func() *socketio.Message { return socketio.Event(body, m.offsetLocked()) }))
}

// begin notes that the member has had all that it is to have of a log that it
// enters. teams are those that have events there.
func (m *member) begin(id crdt.LogID, at place, teams map[string]bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, known := m.at[id]
	concerned := m.matches[id] != ""
	for t := range m.teams {
		concerned = concerned || teams[t]
	}
	if concerned && !known {
		m.at[id] = at
	}
}

// inMatch reports whether the member is in a match's room.
func (m *member) inMatch(id crdt.LogID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.matches[id] != ""
}

// change changes the rooms and what depends on them.
func (m *member) change(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
	m.rooms = encodeRooms(m.matches, m.waiting, m.teams)
}

// offset is what a client says to go on from here.
func (m *member) offset() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.offsetLocked()
}

func (m *member) offsetLocked() string { return encodeOffset(m.rooms, m.at) }
