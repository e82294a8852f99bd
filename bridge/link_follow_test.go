package bridge

import (
	"testing"

	"touchline.dev/touchline/bridge/fanout"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

// Who may not see the result is sent nothing when something hidden comes: not even how
// far the log is.
func TestHiddenEventsSendNothing(t *testing.T) {
	frames := func(m maker, turn fanout.Turn) int {
		b, err := m.format.Encode(turn)
		if err != nil {
			t.Fatal(err)
		}
		return len(b.Ends)
	}
	hidden := fanout.Turn{Entries: []crdt.Entry{{Arrival: 7}}}
	told := fanout.Turn{Entries: []crdt.Entry{{Arrival: 8, Event: &crdt.Event{}}}}
	caught := fanout.Turn{Caught: 8}
	both := fanout.Turn{Entries: told.Entries, Caught: 8}
	for _, c := range []struct {
		name  string
		mark  crdt.Arrival
		turns []fanout.Turn
		want  []int
	}{
		{"outsider", toldPlaces, []fanout.Turn{hidden, caught, told, caught, hidden, caught, both, hidden, caught}, []int{0, 0, 1, 1, 0, 0, 2, 0, 0}},
		{"of a team", 0, []fanout.Turn{hidden, caught, told, caught, both}, []int{0, 1, 1, 1, 2}},
	} {
		fr := framing{header: func(b []byte, _ int) []byte { return b }}
		m := fr.maker(formatKey{}, crdt.LogID{}, maker{
			items: func(entries []crdt.Entry) (items []wire.Item, err error) {
				for _, en := range entries {
					if en.Event != nil {
						items = append(items, wire.Item{Arrival: en.Arrival | c.mark, Bytes: []byte("{}")})
					}
				}
				return items, nil
			},
			place: func(at crdt.Arrival) (crdt.Arrival, error) { return at | c.mark, nil },
		}, viewFrame)
		for i, turn := range c.turns {
			if got := frames(m, turn); got != c.want[i] {
				t.Errorf("%s, turn %d: %d frames, want %d", c.name, i, got, c.want[i])
			}
		}
	}
}
