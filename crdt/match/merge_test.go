package match_test

import (
	"testing"

	"touchline.dev/touchline/crdt/match"
)

func TestSameGoal(t *testing.T) {
	for _, c := range []struct {
		name string
		tell func(*scene)
		want int64
		flag string // on the first goal
	}{
		{"two recorders", func(s *scene) {
			s.goal("ann", "home", 100, `{"scorer":"x"}`)
			s.goal("bob", "home", 160, ``)
		}, 1, ""},
		{"different scorers count once, both are shown", func(s *scene) {
			s.goal("ann", "home", 100, `{"scorer":"x"}`)
			s.goal("bob", "home", 110, `{"scorer":"y"}`)
		}, 1, match.FlagConflict},
		{"too far apart, flagged", func(s *scene) {
			s.goal("ann", "home", 100, ``)
			s.goal("bob", "home", 195, ``)
		}, 2, match.FlagPerhapsSame},
		{"far apart", func(s *scene) {
			s.goal("ann", "home", 100, ``)
			s.goal("bob", "home", 400, ``)
		}, 2, match.FlagOneOfSeveral},
		{"one person saw both", func(s *scene) {
			s.goal("ann", "home", 100, ``)
			s.goal("ann", "home", 160, ``)
		}, 2, ""},
		{"double tap", func(s *scene) {
			s.goal("ann", "home", 100, `{"score_after":[1,0]}`)
			s.goal("ann", "home", 102, `{"score_after":[2,0]}`)
		}, 1, match.FlagDoubleTap},
		{"scores tell two goals apart", func(s *scene) {
			s.goal("ann", "home", 100, `{"score_after":[1,0]}`)
			s.goal("bob", "home", 170, `{"score_after":[2,0]}`)
		}, 2, match.FlagPerhapsSame},
		{"but only if one follows the other", func(s *scene) {
			s.goal("ann", "home", 100, `{"score_after":[3,1]}`)
			s.goal("bob", "home", 170, `{"score_after":[2,1]}`) // bob missed one
		}, 1, ""},
		{"told in knowledge of the other", func(s *scene) {
			a := s.goal("ann", "home", 100, ``)
			s.tell("bob", "goal", "home", 1, 160, ``, a)
		}, 2, match.FlagPerhapsSame},
		{"but not at the same moment", func(s *scene) {
			s.goal("ann", "home", 100, `{"score_after":[2,0]}`)
			s.goal("bob", "home", 104, `{"score_after":[1,0]}`)
		}, 1, ""},
		{"each to the nearest", func(s *scene) {
			s.goal("ann", "home", 100, `{"scorer":"x"}`)
			s.goal("ann", "home", 174, `{"scorer":"y"}`)
			s.goal("bob", "home", 170, `{"scorer":"y"}`)
		}, 2, match.FlagOneOfSeveral},
		{"confirmed as two", func(s *scene) {
			a, b := s.goal("ann", "home", 100, ``), s.goal("bob", "home", 150, ``)
			s.say("coach", "confirm", "", a, b)
		}, 2, match.FlagPerhapsSame},
		{"confirmed as one of its own", func(s *scene) {
			s.goal("ann", "home", 100, ``)
			s.say("coach", "confirm", `{"separate":true}`, s.goal("bob", "home", 150, ``))
		}, 2, match.FlagPerhapsSame},
		{"called a duplicate", func(s *scene) {
			s.goal("ann", "home", 100, ``)
			s.say("coach", "retract", `{"reason":"duplicate"}`, s.goal("bob", "home", 300, ``))
		}, 1, ""},
		{"other team", func(s *scene) {
			s.goal("ann", "home", 100, ``)
			s.goal("bob", "away", 121, ``)
		}, 1, match.FlagOneOfSeveral},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s scene
			c.tell(&s)
			got := s.fold()
			if got.Score[0] != c.want {
				t.Errorf("%d goals, want %d", got.Score[0], c.want)
			}
			e := entryOf(t, got, s.events[0].Hash)
			if c.flag == "" && len(e.Flags) > 0 || c.flag != "" && !flagged(e, c.flag) {
				t.Errorf("flags %v, want %q", e.Flags, c.flag)
			}
		})
	}
}

// Gaps are filled, and what differs names who says what.
func TestMergedFacts(t *testing.T) {
	var s scene
	s.goal("ann", "home", 100, `{"how":"unknown"}`)
	s.goal("bob", "home", 130, `{"scorer":"x","how":"penalty"}`)
	c := s.goal("cat", "home", 90, `{"scorer":"y","assist":"z"}`)
	e := s.wants(t, 1, 0).Goals()[0]
	if e.Hash != c.Hash || e.Facts.Player != "y" || e.Facts.Assist != "z" || e.Facts.How != "penalty" || e.Status != match.StatusConfirmed {
		t.Errorf("%+v %+v", e, e.Facts)
	}
	if len(e.Sources) != 2 || len(e.Differs) != 1 || e.Differs[0].Says != "x" {
		t.Errorf("sources %v, differs %v", e.Sources, e.Differs)
	}
	s.goal("referee", "home", 140, ``) // speaks first, knows least
	if e := s.fold().Goals()[0]; e.Role != match.Referee || e.Facts.Player != "y" {
		t.Errorf("%+v", e)
	}
}

// Whoever in authority withdraws a goal withdraws what others said of it
// before; its author withdraws only his own word.
func TestWithdrawalReaches(t *testing.T) {
	var s scene
	a := s.goal("ann", "home", 100, "")
	b := s.goal("bob", "home", 110, "")
	s.say("ann", "retract", `{"reason":"mistake"}`, a)
	s.wants(t, 1, 0)
	s.say("referee", "retract", `{"reason":"disallowed"}`, a)
	wantStatus(t, s.wants(t, 0, 0), b, match.StatusWithdrawn)
	c := s.goal("cat", "home", 160, "") // recorded afterwards: perhaps the next one
	if e := entryOf(t, s.wants(t, 1, 0), c.Hash); !flagged(e, match.FlagAgain) {
		t.Errorf("flags %v", e.Flags)
	}
}

// Other kinds merge too: nobody is booked twice because two people saw it.
func TestOtherKindsMerge(t *testing.T) {
	var s scene
	s.tell("ann", "card", "home", 1, 60, `{"player":"x","colour":"yellow"}`)
	s.tell("bob", "card", "home", 1, 100, `{"player":"x","colour":"yellow"}`)
	s.tell("bob", "card", "home", 1, 100, `{"player":"y","colour":"yellow"}`)
	s.tell("ann", "corner", "home", 1, 200, `{}`)
	s.tell("bob", "corner", "home", 1, 210, `{"player":"x"}`)
	s.tell("bob", "corner", "home", 1, 219, `{"player":"x"}`)
	s.tell("ann", "period.end", "", 1, 1500, ``)
	s.tell("bob", "period.end", "", 1, 1530, ``)
	s.tell("referee", "period.end", "", 1, 1520, ``)
	got := s.fold()
	home := got.Side(match.Home)
	if home.Stats.Cards.Yellow != 2 || home.Conduct != -2 || home.Stats.Corners != 2 || got.PlayedMs != 1520_000 {
		t.Errorf("%+v conduct %d played %d", home.Stats, home.Conduct, got.PlayedMs)
	}
}
