package main

import (
	"fmt"
	"strings"
	"testing"
)

// Of many lines at once a terminal gets the last that fit, and how many there were;
// what is not a terminal gets each.
func TestScreenBoundsABurst(t *testing.T) {
	const lines = 6000
	write := func(live bool) string {
		out := &strings.Builder{}
		s := &screen{out: out, live: live, all: "touchline log m"}
		s.status("score")
		for i := range lines {
			s.above(fmt.Sprintf("event %d", i))
			if i%500 == 499 {
				s.rest()
			}
		}
		for s.rest() {
		}
		s.status("new score")
		s.leave()
		return out.String()
	}
	live := write(true)
	if len(live) > 8<<10 {
		t.Errorf("%d bytes for %d events", len(live), lines)
	}
	for _, want := range []string{"event 0\n", "… 5977 events before these; touchline log m shows all", "event 5978\n", "event 5999\n", "new score\n"} {
		if !strings.Contains(live, want) {
			t.Errorf("a terminal lacks %q", want)
		}
	}
	if piped := write(false); strings.Count(piped, "\n") != lines || strings.ContainsAny(piped, "\x1b\r") {
		t.Errorf("elsewhere: %d lines", strings.Count(piped, "\n"))
	}
}

// A line that comes alone is seen at once, and so is each of a few.
func TestScreenShowsAtOnce(t *testing.T) {
	out := &strings.Builder{}
	s := &screen{out: out, live: true}
	s.above("first")
	if !strings.Contains(out.String(), "first\n") {
		t.Error("a single line waits")
	}
	s.above("second")
	if s.rest(); !strings.Contains(out.String(), "second\n") {
		t.Error("the second line waits for more than a rest")
	}
	s.status("same")
	before := out.Len()
	if s.status("same"); out.Len() != before {
		t.Error("a status line that is the same is written again")
	}
}
