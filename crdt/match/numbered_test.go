package match_test

import (
	"fmt"
	"slices"
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// kicks tells a shoot-out, X scored and o not, home first, all but those left out
// ("home4"), by a clock that starts at a given second.
func (s *scene) kicks(author string, from int64, home, away string, numbered bool, leave ...string) {
	for i := range len(home) + len(away) {
		side, outcome := "home", home
		if i%2 == 1 {
			side, outcome = "away", away
		}
		n := i/2 + 1
		if slices.Contains(leave, fmt.Sprint(side, n)) {
			continue
		}
		data := fmt.Sprintf(`{"scored":%v}`, outcome[n-1] == 'X')
		if numbered {
			data = fmt.Sprintf(`{"scored":%v,"n":%d}`, outcome[n-1] == 'X', n)
		}
		s.tell(author, "shootout.kick", side, match.PeriodShootout, from+int64(i)*40, data)
	}
}

// Kicks with a number are one by it, and in its order, whatever the clocks say.
func TestNumberedKicks(t *testing.T) {
	for _, c := range []struct {
		name string
		tell func(*scene)
		want string // home, away, kicks, who won
	}{
		{"two clocks a minute apart", func(s *scene) {
			s.kicks("ann", 0, "XXoXX", "XoXoX", true)
			s.kicks("bob", 60, "XXoXX", "XoXoX", true)
		}, "4-2 9 home"}, // the tenth is taken after it was decided
		{"ten minutes apart, each missed one, sudden death", func(s *scene) {
			s.kicks("ann", 600, "XXXXXoX", "XXXXXoo", true, "home6", "away2")
			s.kicks("bob", 0, "XXXXXoX", "XXXXXoo", true, "away6")
			s.kicks("cat", 90, "XXXXXoX", "XXXXXoo", true, "home3")
		}, "6-5 14 home"},
		{"who missed one has the earlier clock", func(s *scene) {
			s.kicks("ann", 0, "XXXXXoX", "XXXXXoo", true, "home6")
			s.kicks("bob", 5000, "XXXXXoX", "XXXXXoo", true)
		}, "6-5 14 home"},
		{"one of them does not count", func(s *scene) {
			s.kicks("ann", 0, "XXoX", "XoXo", true)
			s.kicks("bob", 10, "XXoX", "XoXo", false)
		}, "3-2 8 "},
		{"nobody counts", func(s *scene) {
			s.kicks("ann", 0, "XXoX", "XoXo", false)
			s.kicks("bob", 10, "XXoX", "XoXo", false)
		}, "3-2 8 "},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s scene
			c.tell(&s)
			got := s.fold().Shootout
			if text := fmt.Sprintf("%d-%d %d %s", got.Score[0], got.Score[1], len(got.Kicks), got.Winner); text != c.want {
				t.Errorf("%s, want %s", text, c.want)
			}
		})
	}
}

// Two people who saw a kick differently are both shown; a confirmation settles it.
func TestKicksThatDiffer(t *testing.T) {
	var s scene
	a := s.tell("ann", "shootout.kick", "home", match.PeriodShootout, 0, `{"player":"x","scored":true,"n":1}`)
	s.tell("bob", "shootout.kick", "home", match.PeriodShootout, 300, `{"scored":false,"n":1}`)
	got := s.fold()
	e := entryOf(t, got, a.Hash)
	if len(got.Shootout.Kicks) != 1 || !flagged(e, match.FlagConflict) || len(e.Differs) != 1 || e.Differs[0].Says != "false" {
		t.Errorf("%d kicks, %+v", len(got.Shootout.Kicks), e)
	}
	s.say("referee", "confirm", "", a)
	if e := entryOf(t, s.fold(), a.Hash); flagged(e, match.FlagConflict) || !e.Facts.Scored {
		t.Errorf("%+v", e)
	}
}
