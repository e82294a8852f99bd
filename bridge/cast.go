package bridge

import (
	"encoding/json"

	"touchline.dev/touchline/bridge/socketio"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// audience are those who see the same of every event.
type audience struct {
	role  access.Role
	team  string
	child string
	grant crdt.Hash // of a guardian's device: which children it says; of a recorder's: what it told
}

// all reports whether these see everything that is not private.
func (a audience) all() bool { return Caller{Role: a.role, Team: a.team}.seesAll() }

// audience is whom the caller sees events with.
func (c Caller) audience() audience {
	a := audience{role: c.Role, team: c.Team, child: c.Child}
	if c.Role == access.Guardian || c.Role.MayWrite() {
		a.grant = c.Grant
	}
	return a
}

// lenses are how those who may not see everything see a log now, one for each
// audience.
type lenses struct {
	feed *feed
	made map[audience]*lens
}

func newLenses(f *feed) *lenses { return &lenses{f, map[audience]*lens{}} }

func (l *lenses) of(a audience) (*lens, error) {
	if l.made[a] == nil {
		n := &lens{
			server: l.feed.feeds.server, log: l.feed.log, clear: a.all(), caller: Caller{Role: a.role, Team: a.team, Child: a.child, Grant: a.grant},
		}
		if err := n.focus(); err != nil {
			return nil, err
		}
		l.made[a] = n
	}
	return l.made[a], nil
}

// name is a place as an audience is told it. Where the match cannot be looked at, nobody
// sees more than outsiders.
func (l *lenses) name(p place, to audience) place {
	if to.all() {
		return p
	}
	if n, err := l.of(to); err != nil || n.hides() {
		return p.unseen()
	}
	return p
}

// cast is one event on its way to members, encoded once for all who see the
// same.
type cast struct {
	feed     *feed
	entry    crdt.Entry
	after    place         // what a member has had with it
	content  *crdt.Content // nil: it cannot be read here
	body     []byte        // for those who see everything
	guarded  bool          // private, or about what is: not even those
	lenses   *lenses
	bodies   map[castKey]socketio.Body // nil values: not for them
	messages map[castKey]*socketio.Message
}

// castKey is what two members must have in common to get the same bytes.
type castKey struct {
	event string
	to    audience
	rooms string // for a message; "" where it says no place
}

func newCast(f *feed, en crdt.Entry, l *lenses) (*cast, error) {
	c := &cast{feed: f, entry: en, lenses: l}
	var err error
	if c.body, c.content, err = f.feeds.server.pageForm(en.Event); err != nil {
		// What cannot be read here is in nobody's way.
		f.feeds.server.log.Debug("event not shown", "event", en.Event.Hash.Short(), "err", err)
		c.body, c.content, err = nil, nil, nil
	}
	if c.content != nil {
		form := f.feeds.server.render(en.Event)
		c.guarded = f.feeds.server.guarded(f.log, &form)
	}
	return c, err
}

// together are all who see the same of this event as an audience does.
func (c *cast) together(to audience) audience {
	if to.all() && !c.guarded {
		return audience{role: access.Organiser}
	}
	return to
}

// bodyFor returns the event as an audience sees it; nil if it does not.
func (c *cast) bodyFor(event string, to audience) socketio.Body {
	to = c.together(to)
	key := castKey{event: event, to: to}
	if b, ok := c.bodies[key]; ok {
		return b
	}
	body := c.body
	if !to.all() || c.guarded {
		body = c.redacted(to)
	}
	var out socketio.Body
	if body != nil {
		out = socketio.NewRawBody(event, body)
	}
	if c.bodies == nil {
		c.bodies = map[castKey]socketio.Body{}
	}
	c.bodies[key] = out
	return out
}

// messageFor returns the message for those who have the key in common.
func (c *cast) messageFor(key castKey, made func() *socketio.Message) *socketio.Message {
	msg := c.messages[key]
	if msg == nil {
		msg = made()
		if c.messages == nil {
			c.messages = map[castKey]*socketio.Message{}
		}
		c.messages[key] = msg
	}
	return msg
}

func (c *cast) redacted(to audience) []byte {
	if c.content == nil {
		return c.body
	}
	l, err := c.lenses.of(to)
	if err != nil {
		c.feed.feeds.server.log.Warn("redact", "match", c.feed.log.ID().Short(), "err", err)
		return nil
	}
	e, ok := l.show(c.entry.Event)
	if !ok {
		return nil
	}
	object, err := eventObject(e, c.entry.Event)
	if err != nil {
		return nil
	}
	fields := pageFields(c.content, nil)
	for _, name := range []string{"matchId", "created"} { // which it is, and no more of what a page sent
		if fields[name] != nil {
			object[name] = fields[name]
		}
	}
	if object["id"] == nil {
		object["id"], _ = json.Marshal(e.Hash) // pages know an event by its id
	}
	b, err := marshal(object)
	if err != nil {
		return nil
	}
	return b
}
