package match_test

import (
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// Where changes are limited, a player's leaving and another's coming are one, whoever
// told which half of it.
func TestChangeToldInHalves(t *testing.T) {
	const limited = `{"age_band":"U16","players_per_side":7,"subs":1}`
	off := func(s *scene, who string, at int64, p string) match.Event {
		return s.tell(who, "player.off", "home", 1, at, `{"player":"`+p+`"}`)
	}
	on := func(s *scene, who string, at int64, p string) match.Event {
		return s.tell(who, "player.on", "home", 1, at, `{"player":"`+p+`"}`)
	}
	for _, c := range []struct {
		name    string
		setup   string
		tell    func(*scene) match.Event // the event that is looked at
		changes int64
		flags   []string
	}{
		{"two people, a half each", limited, func(s *scene) match.Event {
			off(s, "ann", 100, "b")
			return on(s, "bob", 105, "h")
		}, 1, nil},
		{"one more than allowed", limited, func(s *scene) match.Event {
			s.tell("ann", "substitution", "home", 1, 50, `{"out":["c"],"in":["i"]}`)
			off(s, "ann", 100, "b")
			return on(s, "bob", 105, "h")
		}, 2, []string{match.FlagTooManyChanges}},
		{"a whole change after it is one more than allowed", limited, func(s *scene) match.Event {
			off(s, "ann", 100, "b")
			on(s, "bob", 105, "h")
			return s.tell("ann", "substitution", "home", 1, 200, `{"out":["c"],"in":["i"]}`)
		}, 2, []string{match.FlagTooManyChanges}},
		{"back from treatment", limited, func(s *scene) match.Event {
			off(s, "ann", 100, "b")
			return on(s, "bob", 160, "b")
		}, 0, nil},
		{"back after somebody else came for him", limited, func(s *scene) match.Event {
			off(s, "ann", 100, "b")
			on(s, "ann", 110, "h")
			off(s, "ann", 150, "c")
			return on(s, "ann", 160, "b")
		}, 2, []string{match.FlagCameBack, match.FlagTooManyChanges}},
		{"the last who left is who was replaced", `{"age_band":"U16","players_per_side":7,"subs":2}`, func(s *scene) match.Event {
			off(s, "ann", 100, "b") // to be treated
			off(s, "ann", 200, "c")
			on(s, "bob", 205, "h")
			return on(s, "ann", 300, "b")
		}, 1, nil},
		{"the whole change and its halves", limited, func(s *scene) match.Event {
			e := s.tell("cat", "substitution", "home", 1, 95, `{"out":["b"],"in":["h"]}`)
			off(s, "ann", 100, "b")
			on(s, "bob", 105, "h")
			return e
		}, 1, nil},
		{"somebody late where one lacks", limited, func(s *scene) match.Event {
			s.tell("ann", "lineup.set", "home", 1, 91, `{"on":["a","b","c","d","e","f"],"gk":"a"}`)
			return on(s, "ann", 100, "h")
		}, 0, nil},
		{"where changes are not limited, too", `{"age_band":"U10"}`, func(s *scene) match.Event {
			off(s, "ann", 100, "b")
			return on(s, "bob", 105, "h")
		}, 1, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := u10(c.setup)
			e := c.tell(s)
			got := s.fold()
			if n := got.Side(match.Home).Changes; n != c.changes {
				t.Errorf("%d changes, want %d", n, c.changes)
			}
			x := entryOf(t, got, e.Hash)
			for _, f := range c.flags {
				if !flagged(x, f) {
					t.Errorf("flags %v, want %v", x.Flags, c.flags)
				}
			}
			if !x.Counts || len(x.Flags) != len(c.flags) {
				t.Errorf("counts %v, flags %v, want %v", x.Counts, x.Flags, c.flags)
			}
		})
	}
}

// Who is off for a while and sent off then leaves the team one short.
func TestSentOffWhileOff(t *testing.T) {
	s := u10(`{"age_band":"U16","players_per_side":7}`)
	s.tell("ann", "player.off", "home", 1, 100, `{"player":"b"}`)
	s.tell("ann", "card", "home", 1, 120, `{"player":"b","colour":"red"}`)
	on := s.tell("ann", "player.on", "home", 1, 130, `{"player":"h"}`)
	got := s.fold()
	if home := got.Side(match.Home); home.Limit != 6 || home.On != 6 || !flagged(entryOf(t, got, on.Hash), match.FlagTooMany) {
		t.Errorf("%d on of %d: %v", home.On, home.Limit, entryOf(t, got, on.Hash).Flags)
	}
}
