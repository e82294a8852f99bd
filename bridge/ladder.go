package bridge

import (
	"fmt"
	"net/http"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match/table"
)

// LadderView is a festival: its rounds, of which the last is the one to play.
type LadderView struct {
	Competition string        `json:"competition"`
	Rounds      []table.Round `json:"rounds"`
	Missing     []crdt.LogID  `json:"missing,omitempty"`
}

// ladder is the festival as far as it is played. Where somebody plays tells who won,
// so that of matches whose results are their teams' it is only for who records.
func (s *season) ladder(c Caller) ([]table.Round, error) {
	switch {
	case s.one.Ladder == nil:
		return nil, newProblem(http.StatusNotFound, "not-found", "No festival", fmt.Sprintf("competition %q is no festival; touchline competition new --pitch TEAM,TEAM begins one", s.one.Name))
	case (s.secret || s.one.Rules.NoTable) && !c.Role.MayWrite():
		return nil, table.ErrNoTable
	}
	return s.one.Ladder.Play(s.results), nil
}

func (s *Server) getLadder(w http.ResponseWriter, r *http.Request) {
	one, caller, err := s.competition(r)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	season := s.season(one)
	rounds, err := season.ladder(caller)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, LadderView{Competition: one.Name, Rounds: rounds, Missing: season.missing})
}
