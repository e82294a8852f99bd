package bridge

import (
	"net/http"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// viewer is who looks at a match with a request. The person at the device sees
// what the device's own right lets it see; others what their token says.
func (s *Server) viewer(r *http.Request, id crdt.LogID, state *match.State) match.Viewer {
	c, _ := callerOf(r)
	role, team := c.Role, c.Team
	if c == owner {
		role, team = s.ownRight(id)
	}
	return viewerOf(role, team, state)
}

// viewerOf is who sees what a role on a team may; team is home, away or an ID.
func viewerOf(role access.Role, team string, state *match.State) match.Viewer {
	v := match.Viewer{Role: match.Role(role), Side: match.Side(team)}
	for i, side := range [2]match.Side{match.Home, match.Away} {
		if team != "" && state.Teams[i].Team.ID == team {
			v.Side = side
		}
	}
	return v
}

// ownRight is the role and team of this device in a match; a spectator's if its
// grant has not arrived.
func (s *Server) ownRight(id crdt.LogID) (access.Role, string) {
	for _, m := range s.backend.Matches() {
		if m.ID != id {
			continue
		}
		if right, ok := s.backend.Right(id, m.Grant); ok {
			return right.Role, right.Team
		}
	}
	return access.Spectator, ""
}

// view is the state as somebody sees it, and its entries by the hashes of all
// events behind them.
type view struct {
	state   *match.State
	entries map[crdt.Hash]*match.Entry
}

func newView(s *match.State, v match.Viewer) *view {
	out := &view{state: match.View(s, v, nil), entries: map[crdt.Hash]*match.Entry{}}
	for _, e := range out.state.Timeline {
		out.entries[e.Hash] = e
		for _, src := range e.Sources {
			out.entries[src.Hash] = e
		}
	}
	return out
}

// View is the state as a viewer may see it.
func (f *Folded) View(v match.Viewer) *match.State { return f.view(v).state }

func (f *Folded) view(v match.Viewer) *view {
	if len(v.Children) > 0 {
		return newView(f.State, v)
	}
	key := viewKey{v.Role, v.Side}
	f.fold.mu.Lock()
	defer f.fold.mu.Unlock()
	if f.fold.folded.State != f.State {
		return newView(f.State, v) // it has moved on
	}
	if f.fold.views[key] == nil {
		f.fold.views[key] = newView(f.State, v)
	}
	return f.fold.views[key]
}

// seen folds the match of a request and shows it to the caller.
func (s *Server) seen(r *http.Request) (*Folded, match.Viewer, *match.State, error) {
	log, err := s.matchLog(r)
	if err != nil {
		return nil, match.Viewer{}, nil, err
	}
	folded, err := s.folds.Of(log)
	if err != nil {
		return nil, match.Viewer{}, nil, err
	}
	v := s.viewer(r, log.ID(), folded.State)
	return folded, v, folded.View(v), nil
}
