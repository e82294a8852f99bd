package bridge

import (
	"io"
	"maps"
	"net/http"
	"slices"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

// maxImport bounds a file of results, in bytes.
const maxImport = 8 << 20

// CompetitionList is a page of what this device keeps, by name.
type CompetitionList struct {
	Competitions []Competition `json:"competitions"`
	Next         string        `json:"next,omitempty"` // where the next page begins; empty: this is the last
}

// NewCompetition begins one.
type NewCompetition struct {
	Name    string         `json:"name"`
	Preset  string         `json:"preset"`
	Rules   *table.Rules   `json:"rules,omitempty"` // in place of those of the preset
	Bracket *table.Bracket `json:"bracket,omitempty"`
	Ladder  table.Ladder   `json:"ladder,omitempty"`

	Settings match.Settings `json:"settings,omitempty"` // what its matches inherit
}

// Imported says what came of a file.
type Imported struct {
	Competition string   `json:"competition"`
	Matches     int      `json:"matches"`
	Left        []string `json:"left,omitempty"` // numbers of knock-out matches that are no ties of the organiser's knock-out
	// Unread are the first lines of football.txt of which nothing was made, UnreadCount
	// is how many there are.
	Unread      []UnreadLine `json:"unread,omitempty"`
	UnreadCount int          `json:"unreadCount,omitempty"`
}

// UnreadLine is a line of a file that means nothing to this program.
type UnreadLine struct {
	Line int    `json:"line"`
	Text string `json:"text"`
}

func (s *Server) competitionRoutes(mux *http.ServeMux) {
	s.route(mux, http.MethodGet, "/v1/competitions", s.getCompetitions)
	s.route(mux, http.MethodGet, "/v1/competitions/{name}", s.getCompetition)
	s.route(mux, http.MethodGet, "/v1/competitions/{name}/table", s.getTable)
	s.route(mux, http.MethodGet, "/v1/competitions/{name}/thirds", s.getThirds)
	s.route(mux, http.MethodGet, "/v1/competitions/{name}/bracket", s.getBracket)
	s.route(mux, http.MethodGet, "/v1/competitions/{name}/pairs", s.getPairs)
	s.route(mux, http.MethodGet, "/v1/competitions/{name}/ladder", s.getLadder)
}

// sees reports whether a caller may see a competition: one whose token is for a
// single match, if it is in it.
func (c Caller) sees(one *Competition) bool {
	if c.Match.IsZero() {
		return c.reads(crdt.LogID{})
	}
	for _, f := range one.Matches {
		if c.reads(f.Match) {
			return true
		}
	}
	return false
}

func (s *Server) getCompetitions(w http.ResponseWriter, r *http.Request) {
	caller, ok := callerOf(r)
	if !ok {
		s.fail(w, r, errNoToken)
		return
	}
	all, err := s.cfg.Competitions.List()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	all = slices.DeleteFunc(all, func(one Competition) bool { return !caller.sees(&one) })
	all, next, err := pageOf(r, all, func(one *Competition) string { return one.Name })
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for i := range all {
		all[i] = s.listed(s.shownTo(&all[i], caller))
	}
	reply(w, http.StatusOK, CompetitionList{all, next})
}

// listed adds what only lists say.
func (s *Server) listed(one Competition) Competition {
	preset, err := table.Preset(one.Preset)
	one.Changed = err == nil && !one.Rules.Like(&preset)
	teams := map[string]bool{}
	for _, r := range one.Results {
		teams[r.Teams[0]], teams[r.Teams[1]] = true, true
	}
	for _, pitch := range one.Ladder {
		teams[pitch[0]], teams[pitch[1]] = true, true
	}
	for _, f := range one.Matches {
		if log, err := s.backend.Log(f.Match); err == nil {
			if b, err := s.folds.briefly(log); err == nil {
				teams[b.names[0]], teams[b.names[1]] = true, true
			}
		}
	}
	delete(teams, "")
	one.Teams = slices.Sorted(maps.Keys(teams))
	return one
}

// shownTo leaves out what lists may not tell: scores where there is no table.
func (s *Server) shownTo(c *Competition, to Caller) Competition {
	one := *c
	if !to.Role.MayWrite() && (one.Rules.NoTable || len(one.Results) > 0 && s.season(c).secret) {
		one.Results = []Outcome{}
	}
	if one.Rules.Criteria == nil {
		one.Rules.Criteria = []table.Criterion{} // as all lists: empty, and not null
	}
	return one
}

// competition returns the one that the path names, if the caller may see it.
func (s *Server) competition(r *http.Request) (*Competition, Caller, error) {
	caller, ok := callerOf(r)
	if !ok {
		return nil, caller, errNoToken
	}
	one, err := s.cfg.Competitions.Show(r.PathValue("name"))
	if err == nil && !caller.sees(one) {
		err = errOtherMatch
	}
	return one, caller, err
}

func (s *Server) getCompetition(w http.ResponseWriter, r *http.Request) {
	one, caller, err := s.competition(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, s.shownTo(one, caller))
}

func (s *Server) getTable(w http.ResponseWriter, r *http.Request) {
	one, _, err := s.competition(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	season := s.season(one)
	groups, err := season.tables(r.FormValue("live") == "true")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, TableView{Competition: one.Name, Groups: groups, Missing: season.missing})
}

func (s *Server) getBracket(w http.ResponseWriter, r *http.Request) {
	one, _, err := s.competition(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	season := s.season(one)
	ties, err := season.bracket()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, BracketView{Competition: one.Name, Ties: ties, Missing: season.missing})
}

func (s *Server) getPairs(w http.ResponseWriter, r *http.Request) {
	one, _, err := s.competition(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	season := s.season(one)
	groups, err := season.pairs()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, PairsView{Competition: one.Name, Groups: groups, Missing: season.missing})
}

func (l local) competitionRoutes(mux *http.ServeMux) {
	l.server.route(mux, http.MethodPost, "/local/competitions", l.newCompetition)
	l.server.route(mux, http.MethodPost, "/local/competitions/{name}/matches", l.addFixtures)
	l.server.route(mux, http.MethodPost, "/local/competitions/{name}/settings", l.setSettings)
	l.server.route(mux, http.MethodPost, "/local/competitions/{name}/remove", l.removeFixture)
	l.server.route(mux, http.MethodPost, "/local/competitions/{name}/delete", l.deleteCompetition)
	l.server.route(mux, http.MethodPost, "/local/competitions/{name}/adjust", l.adjust)
	l.server.route(mux, http.MethodPost, "/local/competitions/{name}/lots", l.drawLots)
	l.server.route(mux, http.MethodPost, "/local/competitions/{name}/forfeit", l.forfeit)
	l.server.route(mux, http.MethodPost, "/local/competitions/{name}/import", l.importResults)
}

func (l local) newCompetition(w http.ResponseWriter, r *http.Request) {
	var in NewCompetition
	err := readBody(w, r, &in)
	var out *Competition
	if err == nil {
		out, err = l.server.cfg.Competitions.New(r.Context(), in)
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusCreated, out)
}

func (l local) importResults(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxImport))
	l.change(w, r, err, func(one *Competition) (any, error) {
		return one.Import(b)
	})
}
