package bridge

import (
	"net/http"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// StateView is a match as it stands, as the caller may see it.
type StateView struct {
	Match crdt.LogID `json:"matchId"`
	Label string     `json:"label,omitempty"`
	*match.State
	// Digest is [match.State.Digest] of the whole state, for those alone who see all of
	// it, and for nobody if something is private: others could find out by guessing what
	// is hidden from them.
	Digest *crdt.Hash `json:"stateDigest,omitempty"`
	Unread int        `json:"unread,omitempty"` // events that this node cannot read
}

// TimelineView is what happened, in the order of play.
type TimelineView struct {
	Match       crdt.LogID         `json:"matchId"`
	Score       [2]int64           `json:"score"`
	Hidden      bool               `json:"hidden,omitempty"` // results are not for this viewer
	Timeline    []TimelineEntry    `json:"timeline"`
	Corrections []match.Correction `json:"corrections"`
}

// TimelineEntry is one thing that happened, with the minute to show.
type TimelineEntry struct {
	Minute string `json:"minute,omitempty"`
	*match.Entry
}

// StatsView is the numbers of a match.
type StatsView struct {
	Match    crdt.LogID         `json:"matchId"`
	Phase    string             `json:"phase"`
	PlayedMs int64              `json:"playedMs"`
	Hidden   bool               `json:"hidden,omitempty"` // results are not for this viewer
	Teams    [2]match.TeamState `json:"teams"`
	Momentum []match.Spell      `json:"momentum"`
	// Insights are for the coaches of a side: nobody else has any.
	Insights []match.Insights `json:"insights,omitempty"`
}

// WhyView says why the score is what it is.
type WhyView struct {
	Match  crdt.LogID `json:"matchId"`
	Unread int        `json:"unread,omitempty"` // events that this node cannot read
	match.Explanation
}

func (s *Server) viewRoutes(mux *http.ServeMux) {
	s.route(mux, http.MethodGet, "/v1/matches/{id}/state", s.getState)
	s.route(mux, http.MethodGet, "/v1/matches/{id}/timeline", s.getTimeline)
	s.route(mux, http.MethodGet, "/v1/matches/{id}/stats", s.getStats)
	s.route(mux, http.MethodGet, "/v1/matches/{id}/why", s.getWhy)
	s.route(mux, http.MethodGet, "/v1/teams/{team}/events", s.getTeamEvents)
}

// pathLog is the match that the path names; it was parsed before.
func pathLog(r *http.Request) crdt.LogID {
	id, _ := crdt.ParseLogID(r.PathValue("id"))
	return id
}

func (s *Server) getState(w http.ResponseWriter, r *http.Request) {
	folded, v, seen, err := s.seen(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	out := StateView{Match: pathLog(r), Label: s.labelFor(r), State: seen.state, Unread: folded.Unread}
	if v.SeesAll() && (s.cfg.Files || !folded.State.Privates()) { // who has a file could work it out
		out.Digest = folded.digest()
	}
	w.Header().Add("Vary", "Accept-Encoding")
	if !takesGzip(r) {
		reply(w, http.StatusOK, out)
		return
	}
	body, err := seen.zipped.of(out.Label, out)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	replyZipped(w, body)
}

// labelFor is this device's own name for a match, for its own people.
func (s *Server) labelFor(r *http.Request) string {
	id := pathLog(r)
	for _, m := range s.backend.Matches() {
		if m.ID == id {
			return m.Label
		}
	}
	return ""
}

func (s *Server) getTimeline(w http.ResponseWriter, r *http.Request) {
	_, _, seen, err := s.seen(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, timelineOf(pathLog(r), seen.state))
}

func timelineOf(id crdt.LogID, view *match.State) *TimelineView {
	out := &TimelineView{
		Match: id, Score: view.Score, Hidden: view.Hidden, Timeline: make([]TimelineEntry, 0, len(view.Timeline)), Corrections: view.Corrections,
	}
	for _, e := range view.Timeline {
		out.Timeline = append(out.Timeline, TimelineEntry{minuteOf(view, e), e})
	}
	return out
}

// minuteOf is when an entry is shown to have happened; empty if nobody said.
func minuteOf(s *match.State, e *match.Entry) string {
	if !e.Clocked {
		return ""
	}
	return s.Setup.Minute(e.Period, e.ClockMs)
}

func (s *Server) getStats(w http.ResponseWriter, r *http.Request) {
	folded, v, seen, err := s.seen(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	view := seen.state
	out := StatsView{
		Match: pathLog(r), Phase: view.Phase, PlayedMs: view.PlayedMs, Hidden: view.Hidden, Teams: view.Teams, Momentum: view.Momentum,
	}
	if access.Role(v.Role) == access.Organiser || access.Role(v.Role) == access.Coach {
		for _, side := range [2]match.Side{match.Home, match.Away} {
			if v.Side == match.NoSide || v.Side == side {
				in := match.Insight(folded.State, side, s.folds.earlier(out.Match, folded.State, side))
				if !v.Tends(side) {
					in.ForgetHealth()
				}
				out.Insights = append(out.Insights, in)
			}
		}
	}
	reply(w, http.StatusOK, out)
}

func (s *Server) getWhy(w http.ResponseWriter, r *http.Request) {
	folded, _, seen, err := s.seen(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, WhyView{Match: pathLog(r), Unread: folded.Unread, Explanation: match.Explain(seen.state)})
}
