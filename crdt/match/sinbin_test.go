package match_test

import (
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// Who serves time leaves the team one short until it is served; then anybody may come
// on, and the child itself is like everybody else.
func TestSinBinEnds(t *testing.T) {
	const bin = `{"player":"b","colour":"sin_bin","minutes":5}`
	s := u10(`{"age_band":"U10"}`)
	s.tell("ann", "card", "home", 1, 60, bin)
	early := s.tell("ann", "player.on", "home", 1, 200, `{"player":"h"}`)
	late := s.tell("ann", "player.on", "home", 1, 400, `{"player":"h"}`)
	back := s.tell("ann", "substitution", "home", 1, 500, `{"out":["c"],"in":["b"]}`)
	off := s.tell("ann", "substitution", "home", 1, 550, `{"out":["b"],"in":["c"]}`)
	s.tell("ann", "period.end", "", 1, 600, ``)
	got := s.fold()
	if !flagged(entryOf(t, got, early.Hash), match.FlagTooMany) {
		t.Error("one came on while the time was served")
	}
	for _, e := range []match.Event{late, back, off} {
		if flags := entryOf(t, got, e.Hash).Flags; len(flags) > 0 {
			t.Errorf("%s at %d s: %v", e.Type, *e.ClockMs/1000, flags)
		}
	}
	if home := got.Side(match.Home); home.On != 7 || home.Limit != 7 {
		t.Errorf("%d on, %d may be", home.On, home.Limit)
	}
	if p := player(t, got, "b"); p.BinUntilMs != 0 || p.PlayedMs != 110_000 {
		t.Errorf("b: %+v", p)
	}
}

// The next half's line-up may name who was in the sin bin.
func TestSinBinInLineup(t *testing.T) {
	s := u10(`{"age_band":"U10"}`)
	s.tell("ann", "card", "home", 1, 60, `{"player":"b","colour":"sin_bin","minutes":5}`)
	s.tell("ann", "period.end", "", 1, 1500, ``)
	s.tell("ann", "lineup.set", "home", 2, 0, `{"on":["a","b","c","d","e","f","g"],"gk":"a"}`)
	change := s.tell("ann", "substitution", "home", 2, 100, `{"out":["b"],"in":["h"]}`)
	got := s.fold()
	if e := entryOf(t, got, change.Hash); len(e.Flags) > 0 {
		t.Errorf("change: %v", e.Flags)
	}
	if home := got.Side(match.Home); home.On != 7 || home.Limit != 7 {
		t.Errorf("%d on, %d may be", home.On, home.Limit)
	}
}

// Sent off while in the sin bin, a player is missing once and for good; a substitute
// who is sent off leaves nobody missing.
func TestSentOffFromSinBin(t *testing.T) {
	s := u10(`{"age_band":"U10"}`)
	s.tell("ann", "card", "home", 1, 60, `{"player":"b","colour":"sin_bin","minutes":5}`)
	s.tell("ann", "card", "home", 1, 90, `{"player":"b","colour":"red"}`)
	s.tell("ann", "card", "home", 1, 91, `{"player":"i","colour":"red"}`)
	s.tell("ann", "period.end", "", 1, 900, ``)
	if home := s.fold().Side(match.Home); home.On != 6 || home.Limit != 6 {
		t.Errorf("%d on, %d may be", home.On, home.Limit)
	}
}

// Where changes are limited, who was substituted does not come back unnoticed.
func TestCameBack(t *testing.T) {
	s := u10(`{"age_band":"U10","subs":5}`)
	s.tell("ann", "substitution", "home", 1, 100, `{"out":["b"],"in":["h"]}`)
	back := s.tell("ann", "substitution", "home", 1, 200, `{"out":["h"],"in":["b"]}`)
	if !flagged(entryOf(t, s.fold(), back.Hash), match.FlagCameBack) {
		t.Error("not flagged")
	}
}

// A caution in play and one in the kicks are two cautions (Law 10); a card that names
// nobody is one person's for fair play.
func TestCautionsInKicksAndUnnamedCards(t *testing.T) {
	s := u10(`{"age_band":"U10"}`)
	s.tell("ann", "card", "home", 1, 60, `{"player":"b","colour":"yellow"}`)
	s.tell("ann", "card", "home", match.PeriodShootout, 0, `{"player":"b","colour":"yellow"}`)
	got := s.fold()
	if b := player(t, got, "b"); b.SentOff || b.Cards.Yellow != 2 {
		t.Errorf("b: %+v", b)
	}
	if c := got.Side(match.Home).Conduct; c != -1 {
		t.Errorf("conduct %d", c)
	}
	s.tell("ann", "card", "home", 1, 300, `{"colour":"red"}`)
	if home := s.fold().Side(match.Home); home.Conduct != -5 || home.FairPlay.Red != 1 || home.FairPlay.Yellow != 1 {
		t.Errorf("conduct %d, %+v", home.Conduct, home.FairPlay)
	}
}
