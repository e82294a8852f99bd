package node_test

import (
	"context"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// slow is a store of a device that takes its time over each commit of many events.
type slow struct {
	crdt.Store
	pause time.Duration
}

func (s slow) Append(ctx context.Context, log crdt.LogID, events ...*crdt.Event) ([]crdt.Added, error) {
	if len(events) > 10 {
		time.Sleep(s.pause)
	}
	return s.Store.Append(ctx, log, events...)
}

// Who has sent all it has does not give up on a peer that needs longer to take it
// than anybody waits for a frame, nor does that one take for silence that it is waited for:
// what it has read ahead alone takes it as long.
func TestSlowPeerIsWaitedFor(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	invite := a.invite(id, access.Scorer)
	for range 1_800 {
		a.record(id, "goal")
	}
	toA := a.Addrs()
	b := newDevice(t, func(c *node.Config) {
		c.Store, c.Peers = slow{c.Store, time.Second}, toA
	})
	b.join(invite)
	b.run()
	equal(t, id, a, b)
	endedWell(t, a, b)
}

// Nor on one that is in a single commit for longer than that, as a device whose card
// is slow is now and then.
func TestPeerInOneLongCommitIsWaitedFor(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	invite := a.invite(id, access.Scorer)
	for range 20 {
		a.record(id, "goal")
	}
	toA := a.Addrs()
	b := newDevice(t, func(c *node.Config) { c.Store, c.Peers = slow{c.Store, 4 * time.Second}, toA })
	b.join(invite)
	b.run()
	equal(t, id, a, b)
	endedWell(t, a, b)
}

// endedWell waits for the end of an exchange, which is after all is equal, and demands that none failed.
func endedWell(t *testing.T, devices ...*device) {
	t.Helper()
	for _, d := range devices {
		eventually(t, "the exchange has ended", func() bool { return d.Metrics()["touchline_syncs_total"] > 0 })
		if n := d.Metrics()["touchline_syncs_failed_total"]; n != 0 {
			t.Errorf("%v exchanges failed", n)
		}
	}
}

// An exchange that ends well ends well on both sides: the responder takes what
// was proved for proved, and does not begin its own to find out.
func TestExchangeEndsWellOnBothSides(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	invite := a.invite(id, access.Scorer)
	for range 200 {
		a.record(id, "goal")
	}
	b := newDevice(t, func(c *node.Config) { c.Peers = a.Addrs() })
	b.join(invite)
	b.run()
	equal(t, id, a, b)
	for range 30 {
		if _, err := a.Sync(context.Background(), id); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "both counted all exchanges", func() bool {
		return a.Metrics()["touchline_syncs_total"] == b.Metrics()["touchline_syncs_total"]
	})
	for _, d := range []*device{a, b} {
		if n := d.Metrics()["touchline_syncs_failed_total"]; n != 0 {
			t.Errorf("%v of %v exchanges failed", n, d.Metrics()["touchline_syncs_total"])
		}
	}
}
