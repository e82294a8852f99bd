package bridge

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"time"

	"touchline.dev/touchline/bridge/socketio"
	"touchline.dev/touchline/crdt"
)

// Events of the first plan's pages.
const (
	joinMatch  = "join_match"
	leaveMatch = "leave_match"
	joinTeam   = "join_team"
	leaveTeam  = "leave_team"
	matchEvent = "match_event"
	eventError = "event_error"
	// offsetEvent tells a client where it stands after its rooms changed. No page
	// listens to it; the client library keeps its last argument for us.
	offsetEvent = "touchline:offset"
)

// tokenSessions bounds the sessions that one token has at once.
const tokenSessions = 128

// rooms serves pages of the first plan over Socket.IO.
type rooms struct{ server *Server }

var _ socketio.Handler = rooms{}

func newSocketIO(s *Server) *socketio.Server {
	return socketio.New(socketio.Config{
		Handler: rooms{s},
		Log:     s.log,
		Identify: func(r *http.Request) (any, string, int) {
			c, _ := callerOf(r)
			if c == s.cfg.Guests.caller() {
				return c, "guest", 0
			}
			return c, c.Client, tokenSessions
		},
		WriteTimeout: s.cfg.WriteTimeout,
	})
}

// hello is what a client sends as auth; pid and offset are the library's own.
type hello struct {
	Token   string `json:"token"`
	Private string `json:"pid"`
	Offset  string `json:"offset"`
}

var privateID = regexp.MustCompile(`^[A-Za-z0-9_-]{20}$`)

// Connect implements socketio.Handler.
func (r rooms) Connect(s *socketio.Socket, auth json.RawMessage) error {
	var in hello
	if len(auth) > 0 {
		if err := json.Unmarshal(auth, &in); err != nil {
			return badRequest("auth is an object with a token")
		}
	}
	c, _ := s.Info.(Caller)
	if in.Token != "" {
		var err error
		if c, err = r.server.tokenCaller(in.Token); err != nil {
			return err
		}
	}
	if c.Role == 0 || !c.reads(c.Match) {
		return newProblem(http.StatusUnauthorized, "token", "A token is needed",
			"a token is needed: touchline token MATCH on the node's device makes one, for the client's auth.token; or the node runs with --guests record")
	}
	m := newMember(s, c)
	if privateID.MatchString(in.Private) {
		m.resume = parseOffset(in.Offset)
	}
	if m.resume != nil {
		s.Private = in.Private
	} else {
		b := make([]byte, 15)
		rand.Read(b)
		s.Private = base64.RawURLEncoding.EncodeToString(b)
	}
	id := sha256.Sum256([]byte("touchline socket " + s.Private))
	s.ID = base64.RawURLEncoding.EncodeToString(id[:15]) // the same again after recovery
	s.State = m
	r.server.watchRight(m)
	return nil
}

// Connected implements socketio.Handler: who goes on with a session is back in
// its rooms and gets what it missed.
func (r rooms) Connected(s *socketio.Socket) {
	m := s.State.(*member)
	if m.resume == nil {
		return
	}
	ctx := context.Background()
	for _, team := range m.resume.teams {
		m.change(func() { m.teams[team] = true })
	}
	for _, name := range m.resume.matches {
		if err := r.goOn(ctx, m, name); err != nil {
			r.refuse(s, name, err)
		}
	}
	if len(m.resume.teams) > 0 {
		r.server.feeds.enterTeams(m, func(id crdt.LogID) (orderName, bool) { return m.resume.at[prefixOf(id)], true })
	}
	m.resume = nil
}

// goOn puts a member back into a match's room.
func (r rooms) goOn(ctx context.Context, m *member, name string) error {
	id, f, err := r.find(ctx, m, name)
	if f == nil || err != nil {
		return err
	}
	from, err := f.place(m.resume.at[prefixOf(id)], m.to)
	if err != nil {
		return err
	}
	m.change(func() { m.matches[id], m.at[id] = name, from })
	_, err = f.attach(m, from.at)
	return err
}

// Event implements socketio.Handler.
func (r rooms) Event(s *socketio.Socket, e socketio.Incoming) {
	m := s.State.(*member)
	var about json.RawMessage = []byte("null")
	if len(e.Args) > 0 {
		about = e.Args[0]
	}
	err := r.event(s, m, e, about)
	if err != nil {
		r.refuse(s, about, err)
	}
}

// event does what a client asks for. An acknowledgement means that it happened.
func (r rooms) event(s *socketio.Socket, m *member, e socketio.Incoming, about json.RawMessage) error {
	var do func(context.Context, *member, string) (string, error)
	switch e.Name {
	case joinMatch:
		do = r.joinMatch
	case leaveMatch:
		do = r.leaveMatch
	case joinTeam:
		do = r.joinTeam
	case leaveTeam:
		do = r.leaveTeam
	case matchEvent:
		return r.record(s, m, e, about)
	default:
		return nil // a page may say more than a server listens to
	}
	name, err := textField(about, "the id", maxTeam, true)
	if err == nil && name == "" {
		err = badRequest(e.Name + " needs an id")
	}
	if err != nil {
		return err
	}
	room, err := do(context.Background(), m, name)
	if err != nil {
		return err
	}
	if b, err := socketio.NewBody(offsetEvent); err == nil {
		s.Send(socketio.Event(b, m.offset()))
	}
	return s.Acknowledge(e, map[string]any{"ok": true, "room": room})
}

func (r rooms) record(s *socketio.Socket, m *member, e socketio.Incoming, raw json.RawMessage) error {
	if len(e.Binary) > 0 {
		return badRequest("an event has no binary parts")
	}
	caller, err := r.server.standing(m.caller, time.Now())
	if err != nil {
		return err
	}
	out, err := r.server.recordPatiently(context.Background(), caller, raw)
	if err != nil {
		return err
	}
	return s.Acknowledge(e, json.RawMessage(out.body))
}

// refuse tells the sender, and nobody else, that something was not done.
func (r rooms) refuse(s *socketio.Socket, about any, err error) {
	p := problemOf(err)
	if p.Status >= http.StatusInternalServerError {
		r.server.log.Warn("event not taken", "err", err)
	}
	b, err := socketio.NewBody(eventError, map[string]any{"event": about, "error": p.Error()})
	if err == nil {
		s.Send(socketio.PlainEvent(b))
	}
}

// Disconnected implements socketio.Handler.
func (r rooms) Disconnected(s *socketio.Socket) {
	if m, ok := s.State.(*member); ok {
		r.server.tenants.leave(m)
		r.server.feeds.drop(m)
	}
}

// find returns the match that a member means and may see. Nil: it is not here,
// and the member waits for it.
func (r rooms) find(ctx context.Context, m *member, name string) (crdt.LogID, *feed, error) {
	create := m.caller.Match.IsZero() && (m.caller.Role.MayWrite() || r.server.names.shared())
	id, err := r.server.names.match(ctx, name, create)
	if _, notID := crdt.ParseLogID(name); errors.Is(err, crdt.ErrNotFound) && notID != nil && m.caller.Match.IsZero() {
		m.change(func() { m.waiting[name] = true })
		r.server.feeds.wait(name, m)
		return id, nil, nil
	}
	if err != nil {
		return id, nil, err
	}
	if !m.caller.reads(id) {
		return id, nil, errOtherMatch
	}
	f, err := r.server.feeds.of(id)
	return id, f, err
}

func (r rooms) joinMatch(ctx context.Context, m *member, name string) (string, error) {
	room := "match_" + name
	m.mu.Lock()
	full := len(m.matches)+len(m.waiting) >= maxMatchRooms
	m.mu.Unlock()
	if full {
		return room, newProblem(http.StatusTooManyRequests, "busy", "Too many rooms", "a socket is in too many rooms")
	}
	id, f, err := r.find(ctx, m, name)
	if f == nil || err != nil || m.inMatch(id) {
		return room, err
	}
	m.change(func() { m.matches[id] = name })
	if err := f.enter(m); err != nil {
		return room, err
	}
	r.server.feeds.fresh()
	return room, nil
}

func (r rooms) leaveMatch(ctx context.Context, m *member, name string) (string, error) {
	room := "match_" + name
	m.change(func() { delete(m.waiting, name) })
	id, err := r.server.names.match(ctx, name, false)
	if err != nil || !m.inMatch(id) {
		return room, nil // it is in no such room
	}
	m.change(func() { delete(m.matches, id) })
	f, err := r.server.feeds.of(id)
	if err != nil {
		return room, nil
	}
	m.mu.Lock()
	teams := len(m.teams)
	m.mu.Unlock()
	if teams == 0 {
		f.leave(m)
		m.change(func() { delete(m.at, id) })
	}
	return room, nil
}

func (r rooms) joinTeam(_ context.Context, m *member, name string) (string, error) {
	room := "team_" + name
	full, known := false, false
	m.change(func() {
		if known = m.teams[name]; !known {
			if full = len(m.teams) >= maxTeamRooms; !full {
				m.teams[name] = true
			}
		}
	})
	if full {
		return room, newProblem(http.StatusTooManyRequests, "busy", "Too many rooms", "a socket is in too many rooms")
	}
	if !known {
		r.server.feeds.enterTeams(m, func(crdt.LogID) (orderName, bool) { return orderName{}, false })
	}
	return room, nil
}

func (r rooms) leaveTeam(_ context.Context, m *member, name string) (string, error) {
	last := false
	m.change(func() {
		delete(m.teams, name)
		last = len(m.teams) == 0
	})
	if last {
		r.server.feeds.leaveTeams(m)
	}
	return "team_" + name, nil
}
