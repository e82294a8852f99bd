package node

import (
	"context"
	"time"
)

// aliveEvery is how often a peer is told that we are at work: it may have sent
// megabytes that are still to be judged, or one event that a slow disk takes seconds
// to sync, and would give us up after exchangeIdle.
const aliveEvery = exchangeIdle / 4

// sayAlive tells the peer that we are at work, while we are, until the reader ends. It
// has a goroutine of its own, since the reader may be in one commit all the while.
func (x *exchange) sayAlive(ctx context.Context) {
	tick := time.NewTicker(aliveEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if x.in.atWork() {
				x.out.send(frameAlive)
			}
		case <-x.in.over:
			return
		case <-ctx.Done():
			return
		}
	}
}
