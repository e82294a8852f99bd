package bridge

import (
	"fmt"
	"net/http"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match/table"
)

// ThirdsView ranks the third-placed teams of all groups: the places 3rd:1, 3rd:2, …
// of a knock-out.
type ThirdsView struct {
	Competition string       `json:"competition"`
	Rows        []table.Row  `json:"rows"`              // each with its group; groups of two teams have none
	Complete    bool         `json:"complete"`          // every group is played
	Missing     []crdt.LogID `json:"missing,omitempty"` // matches that cannot be read here
}

// thirds are the ranking of thirds; ErrNoTable where no tables may be shown.
func (s *season) thirds(live bool) (*ThirdsView, error) {
	groups, err := s.tables(live)
	if err != nil {
		return nil, err
	}
	out := &ThirdsView{Competition: s.one.Name, Complete: true, Missing: s.missing, Rows: []table.Row{}}
	rows := map[string][]table.Row{}
	for _, g := range groups {
		if g.Group != "" {
			rows[g.Group] = g.Rows
			out.Complete = out.Complete && g.Complete
		}
	}
	if len(rows) == 0 {
		return nil, newProblem(http.StatusNotFound, "not-found", "No groups", fmt.Sprintf("competition %q has no groups, so no third places to compare", s.one.Name))
	}
	list, err := table.Across(rows, 3, &s.one.Rules)
	out.Rows = append(out.Rows, list...)
	return out, err
}

func (s *Server) getThirds(w http.ResponseWriter, r *http.Request) {
	one, _, err := s.competition(r)
	var out *ThirdsView
	if err == nil {
		out, err = s.season(one).thirds(r.FormValue("live") == "true")
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, out)
}
