package bridge

import (
	"encoding/json"
	"net/http"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// lens shows the events of a match to one caller (promise 10). Those who record
// for both sides, and the person at the device, see them as they are. Others see
// what the view of the state shows of each: no words and names of others, an
// injury as "play stopped", and nothing that tells a result that is not for them.
type lens struct {
	server *Server
	log    *crdt.Log
	caller Caller
	clear  bool // the caller sees everything
	viewer match.Viewer
	view   *view // of the present state; nil until focused
}

func (s *Server) lens(r *http.Request, log *crdt.Log) *lens {
	c, _ := callerOf(r)
	return s.lensOf(c, log)
}

func (s *Server) lensOf(c Caller, log *crdt.Log) *lens {
	return &lens{server: s, log: log, caller: c, clear: c.seesAll()}
}

// focus looks at the state as it is now: call it after reading the events that
// are to be shown.
func (l *lens) focus() error {
	if l.clear {
		return nil
	}
	folded, err := l.server.folds.Of(l.log)
	if err != nil {
		return err
	}
	l.viewer = l.server.viewerOf(l.caller, l.log.ID(), folded.State)
	l.view, err = l.server.folds.view(l.log, folded, l.viewer)
	return err
}

// show makes the JSON form of an event; false if the caller may not see it.
func (l *lens) show(e *crdt.Event) (Event, bool) {
	out := l.server.render(e)
	if l.clear {
		return out, true
	}
	if out.Sealed {
		return out, true // its bytes say nothing
	}
	entry := l.view.entries[e.Hash]
	if entry == nil {
		return l.correction(out)
	}
	if entry.Side != match.NoSide && entry.Side == l.viewer.Side && access.Role(l.viewer.Role).MayWrite() {
		return out, true
	}
	if entry.Type != out.Type || l.view.state.Hidden && entry.Period != out.Period {
		out.Period, out.ClockMs = entry.Period, nil
		if entry.Clocked {
			out.ClockMs = &entry.ClockMs
		}
	}
	out.Private = out.Private && entry.Type == out.Type
	out.Type = entry.Type
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

// correction shows a confirm, a retract or an amend without its words and what
// it sets; where results are hidden, not at all.
func (l *lens) correction(out Event) (Event, bool) {
	for i := range l.view.state.Corrections {
		if l.view.state.Corrections[i].Hash == out.Hash {
			out.Data = json.RawMessage("{}")
			return out, true
		}
	}
	return out, false
}
