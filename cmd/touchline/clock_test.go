package main

import (
	"encoding/json"
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
	for i, offset := range []string{"-3h", "0s", "0s,3h@3s", "3h,-3h@3s"} {
		m.ok(m.start(i, "--clock-offset", offset))
	}
	l := m.write(20, m.nodesUp()...)
	time.Sleep(4 * time.Second)
	l.end()
	_, err := m.waitEqual(m.id, 30*time.Second, m.nodesUp()...)
	m.ok(err)
	m.nothingLost(false)
	jumps := map[string]bool{}
	for author, at := range ownTimes(t, m.sameOrder()) {
		for k, after := range at[1:] {
			if d := after.Sub(at[k]); d.Abs() > 2*time.Hour {
				jumps[author] = true
			}
		}
	}
	if len(jumps) != 2 {
		t.Errorf("%d clocks jumped, two were told to", len(jumps))
	}
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
