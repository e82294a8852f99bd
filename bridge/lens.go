package bridge

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// lens shows the events of a match to one caller (promise 10). Those who record for
// both sides see them as they are, but for what is private. Others see what the view of
// the state shows of each: no words and names of others, an injury as "play stopped",
// and nothing that tells a result that is not for them.
type lens struct {
	server *Server
	log    *crdt.Log
	caller Caller
	own    bool // the caller is the person at the device
	clear  bool // the caller sees everything that is not private
	viewer match.Viewer
	view   *view          // of the present state; nil until focused
	told   []crdt.Arrival // of the events that outsiders may see, likewise
}

func (s *Server) lens(r *http.Request, log *crdt.Log) *lens {
	c, _ := callerOf(r)
	return s.lensOf(c, log)
}

func (s *Server) lensOf(c Caller, log *crdt.Log) *lens {
	own := c == owner
	c = s.inMatch(c, log.ID())
	return &lens{server: s, log: log, caller: c, own: own, clear: c.seesAll()}
}

// inMatch is the caller as far as it may do something in a match: the person at the
// device sees what the device's own right lets it see.
func (s *Server) inMatch(c Caller, id crdt.LogID) Caller {
	if c == owner {
		c.Role, c.Team, c.Grant = s.ownRight(id)
	}
	return c
}

// focus looks at the state as it is now: call it after reading the events that
// are to be shown.
func (l *lens) focus() error {
	if l.clear {
		l.view = nil // looked at when something private comes
		return nil
	}
	return l.look()
}

func (l *lens) look() error {
	folded, err := l.server.folds.Of(l.log)
	if l.own && errors.Is(err, errSealed) {
		l.view = &view{state: &match.State{}} // whose device holds it knows that it is there
		return nil
	}
	if err != nil {
		return err
	}
	l.told = folded.told
	l.viewer = l.server.viewerOf(l.caller, l.log.ID(), folded.State)
	l.view, err = l.server.folds.view(l.log, folded, l.viewer)
	return err
}

// show makes the JSON form of an event; false if the caller may not see it.
func (l *lens) show(e *crdt.Event) (Event, bool) {
	out := l.server.render(e)
	switch {
	case l.clear && l.server.guarded(l.log, &out):
		return l.showGuarded(out, e), true
	case l.clear:
		return out, true
	case out.Sealed:
		return out, !l.hides() // its bytes say nothing but that it is there
	}
	entry := l.view.entries[e.Hash]
	if entry == nil {
		return l.correction(out)
	}
	if entry.Side != match.NoSide && entry.Side == l.viewer.Side && access.Role(l.viewer.Role).MayWrite() {
		return out, true
	}
	if l.hides() {
		l.uncount(&out)
	}
	return seenAs(out, entry, l.hides())
}

// hides reports whether the result is not for the caller.
func (l *lens) hides() bool { return l.view != nil && l.view.state.Hidden }

// cursor is how the caller is told a place in the order of arrival.
func (l *lens) cursor(at cursor) cursor {
	if l.hides() {
		n, found := slices.BinarySearch(l.told, at.at)
		if found {
			n++
		}
		at.at, at.told = crdt.Arrival(n), true
	}
	return at
}

// place is where a cursor that some caller was told lies in the order of arrival.
func (l *lens) place(c cursor) (cursor, error) {
	if !c.told {
		return c, nil
	}
	if err := l.look(); err != nil {
		return c, err
	}
	n := min(uint64(c.at), uint64(len(l.told)))
	c.at, c.told = 0, false
	if n > 0 {
		c.at = l.told[n-1]
	}
	return c, nil
}

// toldPlaces marks an arrival that a page is told and that counts what outsiders may
// see, so that it is no other place when the match is opened to them, or closed.
const toldPlaces crdt.Arrival = 1 << 52

// arrival is how a page is told a place in the order of arrival; see cursor.
func (l *lens) arrival(at crdt.Arrival) crdt.Arrival {
	if c := l.cursor(cursor{at: at}); c.told {
		return c.at | toldPlaces
	}
	return at
}

// arrived is the place that a page was told; false if it cannot have been.
func (l *lens) arrived(told, last crdt.Arrival) (crdt.Arrival, bool, error) {
	if told&toldPlaces == 0 {
		return told, told <= last, nil
	}
	c, err := l.place(cursor{at: told &^ toldPlaces, told: true})
	return c.at, uint64(told&^toldPlaces) <= uint64(len(l.told)), err
}

// uncount removes what tells of events that are not shown, and how many there are: of a
// match of which only goals are told, the number is the result.
func (l *lens) uncount(e *Event) {
	e.Seq = 0
	ms, _, _ := strings.Cut(e.HLC, ".")
	e.HLC = ms + ".0"
	e.Refs = slices.DeleteFunc(slices.Clone(e.Refs), func(h crdt.Hash) bool { return l.view.entries[h] == nil })
}

// plainID is the ID of an event if there are no words in it, which may be a name: a UUID
// has none, and what has no three letters together.
func plainID(id string) string {
	if _, err := uuid.Parse(id); err == nil {
		return id
	}
	run := 0
	for _, r := range id {
		if run++; !unicode.IsLetter(r) {
			run = 0
		}
		if run > 2 {
			return ""
		}
	}
	return id
}

// seenAs is an event as an entry of a view shows it.
func seenAs(out Event, entry *match.Entry, hidden bool) (Event, bool) {
	if entry.Type != out.Type || hidden && entry.Period != out.Period {
		out.Period, out.ClockMs = entry.Period, nil
		if entry.Clocked {
			out.ClockMs = &entry.ClockMs
		}
	}
	if entry.Type != out.Type {
		out.Type, out.Private = match.Stopped, false // no stop of the clock: that would wait for its end
	}
	out.ID = plainID(out.ID)
	if entry.Side == match.NoSide {
		out.Team = ""
	}
	facts, err := json.Marshal(entry.Facts)
	if err != nil {
		return out, false
	}
	out.Data = facts
	return out, true
}

// guarded reports whether an event is private, or speaks of one that is: not even
// those who see all others see all of it.
func (s *Server) guarded(log *crdt.Log, e *Event) bool {
	return e.Private || match.Private(e.Type) || match.Corrects(e.Type) && slices.ContainsFunc(e.Refs, func(ref crdt.Hash) bool {
		about, err := log.Event(ref)
		if err != nil {
			return false
		}
		c, private, err := openWhole(s.backend, about)
		return err == nil && (private || match.Private(c.Type))
	})
}

// showGuarded shows what is private to those who may see it, and that play was stopped
// to others.
func (l *lens) showGuarded(out Event, e *crdt.Event) Event {
	entry, known := l.lookFor(out.Hash)
	switch {
	case l.viewer.Self == e.Author, entry != nil && match.Private(entry.Type):
		return out
	case match.Corrects(out.Type):
		if !known || slices.ContainsFunc(out.Refs, func(h crdt.Hash) bool { return l.view.entries[h] == nil || !match.Private(l.view.entries[h].Type) }) {
			out.Data = json.RawMessage("{}")
		}
		return out
	}
	out.ID, out.Type, out.Team, out.Data, out.Private = plainID(out.ID), match.Stopped, "", json.RawMessage("{}"), false
	return out
}

// lookFor finds what the caller sees of an event that was read already; known: there is
// a view.
func (l *lens) lookFor(h crdt.Hash) (entry *match.Entry, known bool) {
	if l.view == nil || l.view.entries[h] == nil {
		if err := l.look(); err != nil {
			l.view = nil
			return nil, false
		}
	}
	return l.view.entries[h], true
}

// correction shows a confirm, a retract or an amend without its words and what
// it sets; where results are hidden, not at all.
func (l *lens) correction(out Event) (Event, bool) {
	for i := range l.view.state.Corrections {
		if l.view.state.Corrections[i].Hash == out.Hash {
			out.ID, out.Data = plainID(out.ID), json.RawMessage("{}")
			return out, true
		}
	}
	return out, false
}
