package node

import (
	"slices"
	"testing"
	"testing/synctest"
)

// What is handed over is done in order, and not before the one who hands over
// goes on; too much of it is done by him.
func TestOutgoing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var o outgoing
		var done []int
		held := make(chan struct{})
		o.later(func() { <-held })
		synctest.Wait() // it is under way
		for i := range maxOutgoing {
			o.later(func() { done = append(done, i) })
		}
		if len(done) != 0 {
			t.Fatalf("%d done before their turn", len(done))
		}
		one := false
		o.later(func() { one = true })
		if !one {
			t.Error("more than there is room for waits")
		}
		close(held)
		o.wait()
		if len(done) != maxOutgoing || !slices.IsSorted(done) {
			t.Errorf("done: %v", done)
		}
		o.wait() // nothing runs: at once
		again := false
		o.later(func() { again = true })
		o.wait()
		if !again {
			t.Error("the second time nothing is done")
		}
	})
}
