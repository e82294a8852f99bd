package bridge

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"touchline.dev/touchline/crdt/match/table"
)

// Added is a competition after matches were taken in, what had to go for them, and
// which of them do not know its settings.
type Added struct {
	*Competition
	Replaced []Replaced `json:"replaced,omitempty"`
	Untold   []Untold   `json:"untold,omitempty"`
}

// Replaced is a match or a result that another match took the place of in a tie.
type Replaced struct {
	Tie   string `json:"tie"`
	Match string `json:"match"`
}

// RemoveRequest names a match of a competition: its ID, the unmistakable beginning
// of it, or the name of a result from elsewhere.
type RemoveRequest struct {
	Match string `json:"match"`
}

// Deleted names the competition that is no more.
type Deleted struct {
	Competition string `json:"competition"`
}

// Delete forgets a competition. The matches in it stay.
func (c *Competitions) Delete(ctx context.Context, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := c.Get(name); err != nil {
		return err
	}
	return c.keeper.SetMeta(ctx, competitionKey(name), nil)
}

// Remove takes a match or a result out; the match itself stays where it is.
func (one *Competition) Remove(name string) error {
	var at []int
	for i, f := range one.Matches {
		if name != "" && strings.HasPrefix(f.Match.String(), strings.ToLower(name)) {
			at = append(at, i)
		}
	}
	if len(at) == 1 {
		one.Matches = slices.Delete(one.Matches, at[0], at[0]+1)
		return nil
	}
	if i := slices.IndexFunc(one.Results, func(o Outcome) bool { return o.Match == name }); i >= 0 {
		one.Results = slices.Delete(one.Results, i, i+1)
		return nil
	}
	if len(at) > 1 {
		return badRequest(fmt.Sprintf("%d matches of competition %q begin with %q; write more of the ID", len(at), one.Name, name))
	}
	return newProblem(http.StatusNotFound, "not-found", "No such match", fmt.Sprintf("competition %q has no match or result %q", one.Name, name))
}

// place takes a match in. One of a tie must be of the teams that the tie is known
// to be for, and takes the place of whichever match had it.
func (s *Server) place(one *Competition, f Fixture) ([]Replaced, error) {
	var gone []Replaced
	if f.Tie != "" {
		if !one.hasTie(f.Tie) {
			return nil, badRequest(fmt.Sprintf("competition %q has no tie %q in its knock-out; touchline bracket shows them", one.Name, f.Tie))
		}
		if err := s.fits(one, f); err != nil {
			return nil, err
		}
		for _, o := range one.Results {
			if o.Tie == f.Tie && one.legs(f.Tie) < 2 {
				gone = append(gone, Replaced{f.Tie, o.Match})
			}
		}
		legs := one.legs(f.Tie)
		if n := one.inTie(f); legs > 1 && n >= legs {
			return nil, badRequest(fmt.Sprintf("tie %s has its %d legs already; touchline competition remove takes one out", f.Tie, legs))
		}
		one.Matches = slices.DeleteFunc(one.Matches, func(o Fixture) bool {
			same := o.Tie == f.Tie && o.Match != f.Match && legs < 2
			if same {
				gone = append(gone, Replaced{f.Tie, o.Match.String()})
			}
			return same
		})
	}
	one.Add(f)
	return gone, nil
}

// legs is how many matches a tie has whose goals are added up; 0 and 1: one match.
func (one *Competition) legs(tie string) int {
	i := slices.IndexFunc(one.Bracket.Ties, func(t table.Tie) bool { return t.ID == tie })
	return one.Bracket.Ties[i].Legs
}

// inTie counts the followed matches of a tie other than the given one.
func (one *Competition) inTie(f Fixture) (n int) {
	for _, o := range one.Matches {
		if o.Tie == f.Tie && o.Match != f.Match {
			n++
		}
	}
	return n
}

// fits refuses a match whose teams are not those of its tie, as far as the sources
// of the tie are final and the match names its teams.
func (s *Server) fits(one *Competition, f Fixture) error {
	seen := s.season(one)
	delete(seen.ties, f.Tie) // what stands there now says nothing of who should play
	ties, err := seen.bracket()
	if err != nil {
		return nil // without tables nobody is known
	}
	alone := *one
	alone.Results, alone.Matches = nil, []Fixture{f}
	list := s.season(&alone).ties[f.Tie]
	if len(list) == 0 {
		return nil // it cannot be read here
	}
	played := list[0]
	i := slices.IndexFunc(ties, func(t table.Resolved) bool { return t.ID == f.Tie })
	for _, e := range ties[i].Entrants {
		known := e.Team != "" && !e.Provisional && played.Teams[0] != "" && played.Teams[1] != ""
		if known && !slices.Contains(played.Teams[:], e.Team) {
			return badRequest(fmt.Sprintf("tie %s is for %s, and match %s is %s – %s", f.Tie, e.Team, f.Match.Short(), played.Teams[0], played.Teams[1]))
		}
	}
	return nil
}

func (l local) addFixtures(w http.ResponseWriter, r *http.Request) {
	var in []Fixture
	err := readBody(w, r, &in)
	for _, f := range in {
		if err == nil {
			_, err = l.admin.Log(f.Match)
		}
	}
	var out Added
	l.change(w, r, err, func(one *Competition) (_ any, err error) {
		out.Competition = one
		for _, f := range in {
			gone, err := l.server.place(one, f)
			if err != nil {
				return nil, err
			}
			out.Replaced = append(out.Replaced, gone...)
		}
		out.Untold, err = l.tell(r.Context(), one)
		return out, err
	})
}

func (l local) removeFixture(w http.ResponseWriter, r *http.Request) {
	var in RemoveRequest
	err := readBody(w, r, &in)
	l.change(w, r, err, func(one *Competition) (any, error) { return one, one.Remove(in.Match) })
}

func (l local) deleteCompetition(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	if err := l.server.cfg.Competitions.Delete(r.Context(), name); err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, Deleted{name})
}

// change answers with what f makes of the competition that the path names, or with
// why its request could not be read.
func (l local) change(w http.ResponseWriter, r *http.Request, err error, f func(*Competition) (any, error)) {
	var out any
	if err == nil {
		_, err = l.server.cfg.Competitions.Change(r.Context(), r.PathValue("name"), func(one *Competition) (err error) {
			out, err = f(one)
			return err
		})
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, out)
}
