package node_test

import (
	"context"
	"testing"

	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

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
