package match_test

import (
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// A goal that one tells for home and another for away counts once and asks the
// coach; what one person saw both of, or counted one on top of the other, is two.
func TestGoalForEitherSide(t *testing.T) {
	for _, c := range []struct {
		name       string
		tell       func(*scene)
		home, away int64
		conflict   bool // on the first
	}{
		{"told for either side", func(s *scene) {
			s.goal("ann", "home", 180, `{"scorer":"x"}`)
			s.goal("bob", "away", 190, `{"scorer":"y"}`)
		}, 1, 0, true},
		{"an own goal", func(s *scene) {
			s.goal("ann", "home", 180, `{"how":"own_goal","player":"y"}`)
			s.goal("bob", "away", 175, `{"how":"own_goal","player":"y"}`)
		}, 0, 1, true},
		{"one recorder saw two", func(s *scene) {
			s.goal("ann", "home", 180, ``)
			s.goal("ann", "away", 200, ``)
		}, 1, 1, false},
		{"one recorder saw two within seconds", func(s *scene) {
			s.goal("ann", "home", 180, ``)
			s.goal("ann", "away", 184, ``)
		}, 1, 1, false},
		{"two recorders saw two", func(s *scene) {
			s.goal("ann", "home", 180, ``)
			s.goal("bob", "home", 182, ``)
			s.goal("ann", "away", 198, ``)
			s.goal("bob", "away", 195, ``)
		}, 1, 1, false},
		{"further apart", func(s *scene) {
			s.goal("ann", "home", 180, ``)
			s.goal("bob", "away", 201, ``)
		}, 1, 1, false},
		{"counted one on top of the other", func(s *scene) {
			s.goal("ann", "home", 180, `{"score_after":[1,0]}`)
			s.goal("bob", "away", 195, `{"score_after":[1,1]}`)
		}, 1, 1, false},
		{"the referee knows", func(s *scene) {
			s.goal("ann", "home", 180, ``)
			s.goal("referee", "away", 190, ``)
		}, 0, 1, true},
		{"the coach confirms the other", func(s *scene) {
			s.goal("ann", "home", 180, ``)
			s.say("coach", "confirm", ``, s.goal("bob", "away", 190, ``))
		}, 0, 1, false},
		{"the coach confirms the first", func(s *scene) {
			a := s.goal("ann", "home", 180, ``)
			s.goal("bob", "away", 190, ``)
			s.say("coach", "confirm", ``, a)
		}, 1, 0, false},
		{"the coach confirms both", func(s *scene) {
			a, b := s.goal("ann", "home", 180, ``), s.goal("bob", "away", 190, ``)
			s.say("coach", "confirm", ``, a, b)
		}, 1, 1, false},
		{"the wrong one is taken back", func(s *scene) {
			s.say("coach", "retract", `{"reason":"mistake"}`, s.goal("ann", "home", 180, ``))
			s.goal("bob", "away", 190, ``)
		}, 0, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s scene
			c.tell(&s)
			got := s.wants(t, c.home, c.away)
			e := entryOf(t, got, s.events[0].Hash)
			if flagged(e, match.FlagConflict) != c.conflict || c.conflict && (len(e.Differs) != 1 || e.Differs[0].Field != "team") {
				t.Errorf("flags %v, differs %v", e.Flags, e.Differs)
			}
			if c.conflict && e.Role != match.Referee && e.Status != match.StatusReported {
				t.Errorf("who contradicts it makes it %s", e.Status)
			}
			for _, p := range got.Side(match.Home).Players {
				if p.ID == "y" && p.Goals > 0 {
					t.Error("the other team's scorer has a goal for home")
				}
			}
		})
	}
}
