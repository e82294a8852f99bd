package bridge

import (
	"fmt"
	"net/http"
	"slices"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

// maxAdjust bounds the points that a ruling gives or takes.
const maxAdjust = 1000

// AdjustRequest says how many points a team is given, or below 0 loses; 0 takes an
// earlier ruling back.
type AdjustRequest struct {
	Team   string `json:"team"`
	Points int64  `json:"points"`
}

// LotsRequest is the order that was drawn, best first; none takes all draws back.
type LotsRequest struct {
	Teams []string `json:"teams"`
}

// ForfeitRequest gives a match to one of its teams.
type ForfeitRequest struct {
	Teams  [2]string `json:"teams"` // home, away
	Winner string    `json:"winner"`
	Round  string    `json:"round,omitempty"` // which one, where the two play in several rounds
}

// Adjust gives points to a team or takes them.
func (one *Competition) Adjust(in AdjustRequest) error {
	if in.Points > maxAdjust || in.Points < -maxAdjust {
		return badRequest(fmt.Sprintf("a ruling gives or takes at most %d points", maxAdjust))
	}
	if one.Rules.Adjust == nil {
		one.Rules.Adjust = map[string]int64{}
	}
	one.Rules.Adjust[in.Team] = in.Points
	if in.Points == 0 {
		delete(one.Rules.Adjust, in.Team)
	}
	return nil
}

// Draw keeps the order of lots. It decides among these teams, after all that the
// rules have; teams of an earlier draw who are not in this one keep their order.
func (one *Competition) Draw(in LotsRequest) error {
	for i, team := range in.Teams {
		if slices.Contains(in.Teams[:i], team) || len(in.Teams) == 1 {
			return badRequest("lots are drawn among two teams or more, each once")
		}
	}
	rules := &one.Rules
	if len(in.Teams) == 0 {
		rules.Lots = nil
		return nil
	}
	rules.Lots = slices.DeleteFunc(rules.Lots, func(t string) bool { return slices.Contains(in.Teams, t) })
	rules.Lots = append(rules.Lots, in.Teams...)
	if !slices.Contains(rules.Criteria, table.Lots) {
		rules.Criteria = append(rules.Criteria, table.Lots)
	}
	return nil
}

// Forfeit gives a match to one of its teams, in place of the result from elsewhere
// if there is one. Files of results do not take it back; Remove does.
func (one *Competition) Forfeit(in ForfeitRequest, group string) error {
	side := slices.Index(in.Teams[:], in.Winner)
	if side < 0 || in.Teams[0] == in.Teams[1] {
		return badRequest(fmt.Sprintf("%q is none of the two teams of the match", in.Winner))
	}
	out := Outcome{Group: group, Round: in.Round, Result: table.Result{
		Match: "forfeit/" + in.Teams[0] + "/" + in.Teams[1], Teams: in.Teams, NoCards: true,
	}}
	var at []int
	for i, o := range one.Results {
		if o.Teams == in.Teams && o.Tie == "" && (in.Round == "" || o.Round == in.Round) {
			at = append(at, i)
		}
	}
	if len(at) > 1 {
		return badRequest(fmt.Sprintf("%s – %s is in %d rounds: say of which with its name, as %q", in.Teams[0], in.Teams[1], len(at), one.Results[at[0]].Round))
	}
	if len(at) == 1 {
		out = one.Results[at[0]]
	}
	out.Award([]match.Side{match.Home, match.Away}[side], &one.Rules)
	one.put(out)
	return nil
}

// groupOf is the group in which a team plays; false if it plays in none.
func (s *season) groupOf(team string) (string, bool) {
	for name, g := range s.groups {
		rows, err := g.Table(true)
		if err == nil && slices.ContainsFunc(rows, func(w table.Row) bool { return w.Team == team }) {
			return name, true
		}
	}
	return "", false
}

// playing refuses names of teams that are in no table of the competition: they are
// mistakes of writing, of which nobody would see that they change nothing.
func (s *season) playing(teams ...string) error {
	for _, team := range teams {
		if _, ok := s.groupOf(team); !ok {
			return badRequest(fmt.Sprintf("no table of competition %q has a team %q", s.one.Name, team))
		}
	}
	return nil
}

// ruling answers with a competition after f changed it, if its tables have all teams.
func (l local) ruling(w http.ResponseWriter, r *http.Request, err error, teams []string, f func(*Competition, *season) error) {
	l.change(w, r, err, func(one *Competition) (any, error) {
		seen := l.server.season(one)
		if err := seen.playing(teams...); err != nil {
			return nil, err
		}
		return one, f(one, seen)
	})
}

func (l local) adjust(w http.ResponseWriter, r *http.Request) {
	var in AdjustRequest
	err := readBody(w, r, &in)
	l.ruling(w, r, err, []string{in.Team}, func(one *Competition, _ *season) error { return one.Adjust(in) })
}

func (l local) drawLots(w http.ResponseWriter, r *http.Request) {
	var in LotsRequest
	err := readBody(w, r, &in)
	l.ruling(w, r, err, in.Teams, func(one *Competition, _ *season) error { return one.Draw(in) })
}

func (l local) forfeit(w http.ResponseWriter, r *http.Request) {
	var in ForfeitRequest
	err := readBody(w, r, &in)
	l.ruling(w, r, err, in.Teams[:], func(one *Competition, seen *season) error {
		group, _ := seen.groupOf(in.Teams[0])
		elsewhere := func(name string) bool {
			return slices.ContainsFunc(one.Results, func(o Outcome) bool { return o.Match == name })
		}
		for _, m := range seen.results {
			if m.Teams == in.Teams && !elsewhere(m.Match) {
				return badRequest(fmt.Sprintf(`match %s of these teams is followed: touchline record %[1]s match.end team=… --data '{"status":"forfeit"}' says it there`, m.Match[:8]))
			}
		}
		return one.Forfeit(in, group)
	})
}
