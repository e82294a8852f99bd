package bridge

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// viewer is who looks at a match with a request.
func (s *Server) viewer(r *http.Request, id crdt.LogID, state *match.State) match.Viewer {
	c, _ := callerOf(r)
	return s.viewerOf(s.inMatch(c, id), id, state)
}

// viewerOf is who looks at a match with what a caller may do in it.
func (s *Server) viewerOf(c Caller, id crdt.LogID, state *match.State) match.Viewer {
	v := sideOf(c.Role, c.Team, state)
	if c.Role.MayWrite() && !c.Grant.IsZero() {
		right, _ := s.backend.Right(id, c.Grant)
		v.Self = right.Subject
	}
	switch {
	case c.Role != access.Guardian:
	case c.Child != "":
		v.Children = []string{c.Child}
	case !c.Grant.IsZero():
		v.Children = s.backend.Wards(id, c.Grant, players(state, v.Side))
	}
	return v
}

// players are the IDs of a side's players, also of those who are spoken of and in
// no list.
func players(s *match.State, side match.Side) (ids []string) {
	if side == match.NoSide {
		return nil
	}
	for _, p := range s.Side(side).Players {
		ids = append(ids, p.ID)
	}
	for _, e := range s.Timeline {
		if e.Side == side && e.Facts.Player != "" {
			ids = append(ids, e.Facts.Player)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// sideOf is who sees what a role on a team may; team is home, away or an ID.
func sideOf(role access.Role, team string, state *match.State) match.Viewer {
	v := match.Viewer{Role: match.Role(role), Side: match.Side(team)}
	for i, side := range [2]match.Side{match.Home, match.Away} {
		if team != "" && state.Teams[i].Team.ID == team {
			v.Side = side
		}
	}
	return v
}

// ownRight is the role and team of this device in a match, and the right behind
// them; a spectator's if its grant has not arrived.
func (s *Server) ownRight(id crdt.LogID) (access.Role, string, crdt.Hash) {
	if s.cfg.Files {
		return access.Scorer, "", crdt.Hash{}
	}
	grant := ownGrant(s.backend, id)
	if right, ok := s.backend.Right(id, grant); ok {
		return right.Role, right.Team, grant
	}
	return access.Spectator, "", crdt.Hash{}
}

// ownGrant is the right of a device in a match that it follows; zero in any other.
func ownGrant(b Backend, id crdt.LogID) crdt.Hash {
	for _, m := range b.Matches() {
		if m.ID == id {
			return m.Grant
		}
	}
	return crdt.Hash{}
}

// view is the state as somebody sees it, and its entries by the hashes of all
// events behind them.
type view struct {
	state   *match.State
	entries map[crdt.Hash]*match.Entry
	zipped  zipped
}

func newView(s *match.State, v match.Viewer, people match.Roster) *view {
	out := &view{state: match.View(s, v, people), entries: map[crdt.Hash]*match.Entry{}}
	for _, e := range out.state.Timeline {
		out.entries[e.Hash] = e
		for _, src := range e.Sources {
			out.entries[src.Hash] = e
		}
	}
	return out
}

// view is the state as a viewer may see it, made once for all who see the same.
func (f *Folds) view(log *crdt.Log, folded *Folded, v match.Viewer) (*view, error) {
	key := viewKey{v.Role, v.Side, strings.Join(v.Children, "\x00"), v.Self}
	fd := folded.fold
	fd.mu.Lock()
	defer fd.mu.Unlock()
	kept := fd.folded.State == folded.State // else it has moved on
	if kept && fd.views[key] != nil {
		return fd.views[key], nil
	}
	records, err := f.backend.Records(log.ID())
	if err != nil {
		return nil, fmt.Errorf("names of match %s: %w", log.ID().Short(), err)
	}
	out := newView(match.Told(folded.State, besideOf(records)), v, roster(records, folded.State, v))
	if kept {
		fd.views[key] = out
	}
	return out, nil
}

// roster is the people of a match, with as much of their names as the viewer
// may see: staff all of their own, others what was consented to.
func roster(records []NamedRecord, s *match.State, v match.Viewer) match.Roster {
	people := match.Roster{}
	for _, rec := range records {
		if rec.Kind != access.NameRecord {
			continue
		}
		full := string(rec.Body)
		first, _, _ := strings.Cut(full, " ")
		p := match.Person{First: first, Full: full, Never: rec.Consent&access.NeverShow != 0}
		if !ownPlayer(s, v, rec.Subject) {
			if rec.Consent&access.ConsentFullName == 0 {
				p.Full = ""
			}
			if rec.Consent&(access.ConsentFirstName|access.ConsentFullName) == 0 {
				p.First = ""
			}
		}
		people[rec.Subject] = p
	}
	return people
}

// ownPlayer reports whether all players with this ID are looked after by the
// viewer: two sides may use the same one.
func ownPlayer(s *match.State, v match.Viewer, id string) bool {
	if slices.Contains(v.Children, id) {
		return !slices.ContainsFunc(s.Side(v.Side.Other()).Players, func(p match.Player) bool { return p.ID == id })
	}
	if !access.Role(v.Role).MayWrite() || v.Role == 0 {
		return false
	}
	for i, side := range [2]match.Side{match.Home, match.Away} {
		if v.Side != match.NoSide && v.Side != side && slices.ContainsFunc(s.Teams[i].Players, func(p match.Player) bool { return p.ID == id }) {
			return false
		}
	}
	return true
}

// seen folds the match of a request and shows it to the caller.
func (s *Server) seen(r *http.Request) (*Folded, match.Viewer, *view, error) {
	log, err := s.matchLog(r)
	if err != nil {
		return nil, match.Viewer{}, nil, err
	}
	folded, err := s.folds.Of(log)
	if err != nil {
		return nil, match.Viewer{}, nil, err
	}
	v := s.viewer(r, log.ID(), folded.State)
	view, err := s.folds.view(log, folded, v)
	if err != nil {
		return nil, v, nil, err
	}
	return folded, v, view, nil
}
