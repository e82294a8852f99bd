package node

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// Who dialled beats in step with the node's other links; who was dialled beats
// with the peer, but not at its answers, and goes on without it.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		time.Sleep(beatEvery / 3) // the link is up later than the node
		dialler := pacer{start: start}
		for n := range 3 {
			dialler.wait(t.Context())
			if since := time.Since(start); since != time.Duration(n+1)*beatEvery {
				t.Errorf("beat %d after %v", n+1, since)
			}
		}

		beats := make(chan struct{}, 1)
		dialled := pacer{start: start, answers: beats}
		for _, c := range []struct{ beat, want time.Duration }{
			{beatEvery, beatEvery},
			{beatEvery / 4, answerLatest},
			{time.Hour, answerLatest},
		} {
			begin := time.Now()
			timer := time.AfterFunc(c.beat, func() { beats <- struct{}{} })
			dialled.wait(t.Context())
			timer.Stop()
			if took := time.Since(begin); took != c.want {
				t.Errorf("the peer beats after %v, we after %v, want %v", c.beat, took, c.want)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if dialled.wait(ctx) {
			t.Error("beats on a link that has ended")
		}
	})
}
