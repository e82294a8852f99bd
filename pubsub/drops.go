package pubsub

import (
	"context"
	"sync"
	"time"
)

// reportInterval is the least time between two rounds of reports: a burst that
// overflows a queue a thousand times asks for one reconciliation, not for a
// thousand.
const reportInterval = 250 * time.Millisecond

type drop struct{ topic, reason string }

// drops collects what was lost until run reports it. Adding never waits,
// because gossipsub's loop does it.
type drops struct {
	wake chan struct{} // holds one

	mu      sync.Mutex
	pending map[drop]struct{} // guarded by mu; at most our topics times the reasons
}

func newDrops() *drops {
	return &drops{wake: make(chan struct{}, 1), pending: make(map[drop]struct{})}
}

func (d *drops) add(topic, reason string) {
	d.mu.Lock()
	d.pending[drop{topic, reason}] = struct{}{}
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *drops) take() map[drop]struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	taken := d.pending
	d.pending = make(map[drop]struct{})
	return taken
}

// run reports the first drop at once and later ones in rounds.
func (d *drops) run(ctx context.Context, report func(topic, reason string)) {
	pause := time.NewTimer(reportInterval)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		}
		for p := range d.take() {
			report(p.topic, p.reason)
		}
		pause.Reset(reportInterval)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}
