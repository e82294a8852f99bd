package node_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// What a device lacks is named with the layer that fails: nothing while it is
// there and equal; what came since, when it is away.
func TestDevice(t *testing.T) {
	ctx := context.Background()
	a := newDevice(t, nil).run()
	id := a.found()
	if _, err := a.Device(ctx, id, "12D3KooWnobody"); !errors.Is(err, crdt.ErrNotFound) {
		t.Errorf("a device that nobody knows: %v", err)
	}
	a.record(id, "before it came")
	b := newDevice(t, func(c *node.Config) { c.Peers = a.Addrs() })
	b.join(a.invite(id, access.Scorer))
	b.run()
	name := b.PeerID()
	var last node.DeviceReport
	eventually(t, "b is there and lacks nothing", func() bool {
		r, err := a.Device(ctx, id, name[len(name)-8:])
		last = r
		return err == nil && r.Asked && len(r.Missing) == 0 && len(r.Checks) == 5 &&
			!slices.ContainsFunc(r.Checks, func(c node.Check) bool { return !c.OK })
	})
	if last.Peer != name {
		t.Errorf("named %s, found %s", name, last.Peer)
	}
	b.stop()
	want := []crdt.Hash{a.record(id, "while it was away").Hash, a.record(id, "and another").Hash}
	eventually(t, "what b lacks is named", func() bool {
		r, err := a.Device(ctx, id, name)
		if err != nil || r.Asked || r.Checks[len(r.Checks)-1].Layer != "dial" {
			return false
		}
		last = r
		return true
	})
	// It got the first event by an exchange, whose proof is the last that counts.
	if !slices.Equal(last.Missing, want) {
		t.Errorf("missing %v, want %v", last.Missing, want)
	}
}
