package match_test

import (
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// A stop or its end that is told again, late, changes nothing and is flagged; so is
// one that nobody can place.
func TestClockHalts(t *testing.T) {
	s := u10(`{"age_band":"U10"}`)
	s.tell("ann", "clock.stop", "", 1, 300, ``)
	again := s.tell("bob", "clock.stop", "", 1, 370, ``)
	s.tell("ann", "clock.resume", "", 1, 420, ``)
	twice := s.tell("bob", "clock.resume", "", 1, 490, ``)
	s.tell("ann", "clock.resume", "", 1, 600, ``)
	unplaced := s.tell("ann", "clock.stop", "", 1, 0, ``)
	unplaced = s.change(func(e *match.Event) { e.ClockMs = nil })
	s.tell("ann", "period.end", "", 1, 900, ``)
	got := s.fold()
	if got.PlayedMs != 780_000 {
		t.Errorf("played %d s, of 900 with 120 stopped", got.PlayedMs/1000)
	}
	for e, flag := range map[*match.Event]string{&again: match.FlagClockAlready, &twice: match.FlagClockAlready, &unplaced: match.FlagNoClock} {
		if entry := entryOf(t, got, e.Hash); !flagged(entry, flag) {
			t.Errorf("%s at %v: %v", e.Type, e.ClockMs, entry.Flags)
		}
	}
}

// An end of a period without a play time ends it after all that is told of it.
func TestEndWithoutClock(t *testing.T) {
	s := u10(`{"age_band":"U10"}`)
	s.tell("ann", "corner", "home", 1, 1200, ``)
	s.tell("ann", "period.end", "", 1, 0, ``)
	s.change(func(e *match.Event) { e.ClockMs = nil })
	got := s.fold()
	if p := player(t, got, "b"); p.PlayedMs != 1_200_000 || got.Phase != "break" {
		t.Errorf("b played %d s; %s", p.PlayedMs/1000, got.Phase)
	}
}

// Added time of a period that is no whole number of minutes begins after its last.
func TestMinuteOfOddLengths(t *testing.T) {
	s := match.Setup{Periods: 2, PeriodMs: 750_000}
	for ms, want := range map[int64]string{720_000: "13", 749_999: "13", 750_000: "13+1", 810_000: "13+2"} {
		if got := s.Minute(1, ms); got != want {
			t.Errorf("%d ms: %s, not %s", ms, got, want)
		}
	}
}
