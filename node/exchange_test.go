package node_test

import (
	"context"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// slow is a store of a device that takes its time over each commit.
type slow struct {
	crdt.Store
	pause time.Duration
}

func (s slow) Append(ctx context.Context, log crdt.LogID, events ...*crdt.Event) ([]crdt.Added, error) {
	time.Sleep(s.pause)
	return s.Store.Append(ctx, log, events...)
}

// Who has sent all it has does not give up on a peer that needs longer to take it
// than anybody waits for a frame.
func TestSlowPeerIsWaitedFor(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	invite := a.invite(id, access.Scorer)
	for range 4_000 {
		a.record(id, "goal")
	}
	toA := a.Addrs()
	b := newDevice(t, func(c *node.Config) {
		c.Store, c.Peers = slow{c.Store, 400 * time.Millisecond}, toA
	})
	b.join(invite)
	b.run()
	equal(t, id, a, b)
	for _, d := range []*device{a, b} {
		if n := d.Metrics()["touchline_syncs_failed_total"]; n != 0 {
			t.Errorf("%v exchanges failed", n)
		}
	}
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
	b := newDevice(t, func(c *node.Config) { c.Store, c.Peers = slowBatches{c.Store}, toA })
	b.join(invite)
	b.run()
	equal(t, id, a, b)
	for _, d := range []*device{a, b} {
		if n := d.Metrics()["touchline_syncs_failed_total"]; n != 0 {
			t.Errorf("%v exchanges failed", n)
		}
	}
}

// slowBatches is a store that takes longer over several events than a peer waits for
// a frame.
type slowBatches struct{ crdt.Store }

func (s slowBatches) Append(ctx context.Context, log crdt.LogID, events ...*crdt.Event) ([]crdt.Added, error) {
	if len(events) > 10 {
		time.Sleep(4 * time.Second)
	}
	return s.Store.Append(ctx, log, events...)
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
