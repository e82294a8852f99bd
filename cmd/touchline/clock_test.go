package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
)

func TestClockFlag(t *testing.T) {
	for text, again := range map[string]string{
		"3h": "3h0m0s", "-3h": "-3h0m0s", "0s,3h@5s,-1m@6s": "0s,3h0m0s@5s,-1m0s@6s",
		"": "", "3": "", "3h@": "", "1s@5s,2s@5s": "", "1s,2s": "", "1s,": "",
	} {
		c := &wrongClock{}
		switch err := c.Set(text); {
		case again == "" && err == nil:
			t.Errorf("%q is taken as %v", text, c)
		case again != "" && (err != nil || c.String() != again):
			t.Errorf("%q is taken as %v, %v", text, c, err)
		}
	}
	c := &wrongClock{start: time.Now().Add(-time.Minute), steps: []clockStep{{time.Hour, 0}, {-time.Hour, 59 * time.Second}, {0, time.Hour}}}
	if off := time.Until(c.now()).Round(time.Second); off != -time.Hour {
		t.Errorf("the clock is off by %v", off)
	}
}

// Clocks hours apart, some of which jump while everybody records: all in one
// group, everything everywhere, in the same order.
func TestWrongClocks(t *testing.T) {
	m := newMatchOnLAN(t, 4)
	begin := time.Now()
	m.ok(m.start(0, "--clock-offset", "-3h"))
	m.ok(m.start(1, "--clock-offset", "0s"))
	// The others are to record before they jump: they start no slower than these, but for chance.
	jump := time.Second + 3*time.Since(begin).Round(time.Millisecond)
	for i, offset := range []string{"0s,3h@%v", "3h,-3h@%v"} {
		m.ok(m.start(2+i, "--clock-offset", fmt.Sprintf(offset, jump)))
	}
	l := m.write(20, m.nodesUp()...)
	for deadline := time.Now().Add(time.Minute); jumps(t, m.must(m.run(context.Background(), 0, "log", m.id, "--json"))) < 2; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("two clocks were told to jump, and did not")
		}
	}
	l.end()
	_, err := m.waitEqual(m.id, 30*time.Second, m.nodesUp()...)
	m.ok(err)
	m.nothingLost(false)
	if n := jumps(t, m.sameOrder()); n != 2 {
		t.Errorf("%d clocks jumped, two were told to", n)
	}
}

// jumps is how many authors of a listed match had a clock that jumped meanwhile.
func jumps(t *testing.T, list string) int {
	t.Helper()
	jumped := map[string]bool{}
	for author, at := range ownTimes(t, list) {
		for k, after := range at[1:] {
			if d := after.Sub(at[k]); d.Abs() > 2*time.Hour {
				jumped[author] = true
			}
		}
	}
	return len(jumped)
}

// ownTimes reads a listed match: when each author wrote, by its own clock, in
// the log's order.
func ownTimes(t *testing.T, list string) map[string][]time.Time {
	t.Helper()
	out := map[string][]time.Time{}
	for line := range strings.Lines(list) {
		var e bridge.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		at, err := time.Parse(time.RFC3339Nano, e.CreatedAt)
		if err != nil {
			t.Fatal(err)
		}
		out[e.Author] = append(out[e.Author], at)
	}
	return out
}
