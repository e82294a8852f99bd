package crdt

import (
	"encoding/binary"
	"fmt"
	"testing"
)

// Many deliverers together fill the room no further than its bound, and what found
// its grant makes room again, for its deliverer too.
func TestWaitingRoomIsBounded(t *testing.T) {
	w, n := newWaitingRoom(), uint64(0)
	one := func(grant byte) *Event {
		e := &Event{}
		n++
		binary.BigEndian.PutUint64(e.Hash[:], n)
		e.Grant[0] = grant
		return e
	}
	fill := func(from string) (added int) {
		for w.add(from, one(1)) {
			added++
		}
		return added
	}
	for i := range maxWaiting / maxWaitingPerSource {
		if got := fill(fmt.Sprint(i)); got != maxWaitingPerSource {
			t.Errorf("deliverer %d: %d wait, want %d", i, got, maxWaitingPerSource)
		}
	}
	if w.add("another", one(2)) || w.len() != maxWaiting {
		t.Errorf("%d wait, more than %d", w.len(), maxWaiting)
	}
	if got := len(w.take([]Hash{{1}})); got != maxWaiting || w.len() != 0 {
		t.Errorf("%d were taken, and %d still wait", got, w.len())
	}
	if got := fill("0"); got != maxWaitingPerSource {
		t.Errorf("a deliverer whose events found their grant: %d wait, want %d", got, maxWaitingPerSource)
	}
}
