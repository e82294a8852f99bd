package match_test

import (
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// scene is a match told event by event, each a second after the one before.
type scene struct {
	events []match.Event
}

// who records: the role is the first word of the name.
var rolesByName = map[string]match.Role{
	"organiser": match.Organiser, "referee": match.Referee, "coach": match.Coach, "ann": match.Scorer, "bob": match.Scorer, "cat": match.Scorer,
	"gran": match.Family,
}

func (s *scene) tell(author, kind, team string, period uint32, seconds int64, data string, about ...match.Event) match.Event {
	e := event(author, rolesByName[author], kind, team, period, seconds*1000, data, len(s.events))
	for _, r := range about {
		e.Refs = append(e.Refs, r.Hash)
	}
	e.Hash = hashOf(&e)
	s.events = append(s.events, e)
	return e
}

func (s *scene) goal(author, team string, seconds int64, data string) match.Event {
	return s.tell(author, "goal", team, 1, seconds, data)
}

func (s *scene) say(author, kind, data string, about ...match.Event) match.Event {
	return s.tell(author, kind, "", 0, 0, data, about...)
}

// change replaces the last event with what edit makes of it.
func (s *scene) change(edit func(*match.Event)) match.Event {
	e := &s.events[len(s.events)-1]
	edit(e)
	e.Hash = hashOf(e)
	return *e
}

func (s *scene) fold() *match.State { return match.Fold(s.events) }

// wants checks the score.
func (s *scene) wants(t *testing.T, home, away int64) *match.State {
	t.Helper()
	got := s.fold()
	if got.Score != [2]int64{home, away} {
		t.Errorf("score %v, want %d-%d", got.Score, home, away)
	}
	return got
}

func entryOf(t *testing.T, s *match.State, h crdt.Hash) *match.Entry {
	t.Helper()
	for _, e := range s.Timeline {
		if e.Hash == h {
			return e
		}
		for _, src := range e.Sources {
			if src.Hash == h {
				return e
			}
		}
	}
	t.Fatalf("no entry of %s", h.Short())
	return nil
}

func flagged(e *match.Entry, flag string) bool {
	for _, f := range e.Flags {
		if f == flag {
			return true
		}
	}
	return false
}

func wantStatus(t *testing.T, s *match.State, of match.Event, status string) *match.Entry {
	t.Helper()
	e := entryOf(t, s, of.Hash)
	if e.Status != status {
		t.Errorf("%s at %d s is %s (%s), want %s", e.Type, e.ClockMs/1000, e.Status, e.Reason, status)
	}
	return e
}

func wantCorrection(t *testing.T, s *match.State, of match.Event, status string) {
	t.Helper()
	for _, c := range s.Corrections {
		if c.Hash == of.Hash {
			if c.Status != status {
				t.Errorf("%s by %s is %s (%s), want %s", c.Type, c.By.Short(), c.Status, c.Reason, status)
			}
			return
		}
	}
	t.Errorf("no correction %s", of.Hash.Short())
}
