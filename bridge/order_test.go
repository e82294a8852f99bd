package bridge

import (
	"testing"

	"touchline.dev/touchline/crdt"
)

// ordered is a log whose events have these hashes, at every second arrival. Outsiders
// may see those below 100.
func ordered(hashes ...byte) (o order) {
	for i, h := range hashes {
		o.add(crdt.Entry{Arrival: crdt.Arrival(2*i + 2), Element: crdt.Element{Hash: crdt.Hash{h}}}, h < 100)
	}
	return o
}

// What outsiders may not see changes no name that they are told, and they go on after
// what they had.
func TestPlaceOfOutsiders(t *testing.T) {
	for name, c := range map[string]struct {
		had, now order
		want     crdt.Arrival
	}{
		"the same":           {ordered(1, 2), ordered(1, 2), 4},
		"more since":         {ordered(1, 2), ordered(1, 2, 3), 4},
		"hidden ones since":  {ordered(1, 2), ordered(1, 2, 101, 102), 4},
		"hidden ones before": {ordered(1, 2), ordered(101, 1, 102, 2, 103), 8},
		"hidden ones gone":   {ordered(1, 101, 2, 102), ordered(1, 2, 3), 4},
		"another order":      {ordered(1, 2), ordered(2, 1), 0},
		"nothing to see":     {ordered(101), ordered(102, 1), 0},
	} {
		if got := c.now.of(c.had.last().unseen().order).at; got != c.want {
			t.Errorf("%s: place %d, want %d", name, got, c.want)
		}
	}
	if a, b := ordered(1, 101, 2, 102).last().unseen().order, ordered(1, 2).last().unseen().order; a != b {
		t.Errorf("%x with hidden events, %x without", a, b)
	}
}

func TestPlaceIsFoundAgain(t *testing.T) {
	had := ordered(1, 2, 3).last().order
	for name, c := range map[string]struct {
		now  order
		want crdt.Arrival
	}{
		"the same":                  {ordered(1, 2, 3), 6},
		"more since":                {ordered(1, 2, 3, 4), 6},
		"an end that was lost":      {ordered(1, 2), 0},
		"another in place of it":    {ordered(1, 2, 4, 3), 0},
		"another order":             {ordered(2, 1, 3), 0},
		"one between, and the last": {ordered(1, 2, 4, 3, 5), 0},
		"empty":                     {nil, 0},
	} {
		if got := c.now.of(had).at; got != c.want {
			t.Errorf("%s: place %d, want %d", name, got, c.want)
		}
	}
	if at := ordered(1, 2).of(orderName{}).at; at != 0 {
		t.Errorf("who had nothing is at %d", at)
	}
}

func TestPlaceAfter(t *testing.T) {
	o := ordered(1, 2, 3)
	for at, want := range map[crdt.Arrival]crdt.Arrival{0: 0, 1: 0, 2: 2, 3: 2, 6: 6, 9: 6} {
		if got := o.after(at).at; got != want {
			t.Errorf("after %d: %d, want %d", at, got, want)
		}
	}
	again := o.add(crdt.Entry{Arrival: 4, Element: crdt.Element{Hash: crdt.Hash{2}}}, true)
	if again != o[1] || len(o) != 3 {
		t.Errorf("an event that is there was added: %v", o)
	}
}
