package node_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// pair is two running devices of one match with an event of each.
func pair(t *testing.T) (a, b *device, id crdt.LogID) {
	a = newDevice(t, nil).run()
	id = a.found()
	a.record(id, "goal")
	b = newDevice(t, func(c *node.Config) { c.Peers = a.Addrs() })
	b.join(a.invite(id, access.Scorer))
	b.record(id, "card")
	b.run()
	equal(t, id, a, b)
	return a, b, id
}

// crowd makes a device a member of so many logs that an older one must rest.
func (d *device) crowd() {
	for range 200 {
		d.found()
	}
}

func (d *device) sync(id crdt.LogID) node.SyncReport {
	d.t.Helper()
	rep, err := d.Sync(context.Background(), id)
	if err != nil || len(rep.Errors) > 0 {
		d.t.Fatal(err, rep.Errors)
	}
	return rep
}

// A log that rests is answered all the same, whoever begins the exchange, and
// news of it make it live again.
func TestLogAtRestIsAnswered(t *testing.T) {
	for _, who := range []string{"the one who follows", "the one at rest"} {
		t.Run(who, func(t *testing.T) {
			a, b, id := pair(t)
			other := b.found()
			b.crowd()
			if b.IsLive(id) {
				t.Fatal("still live")
			}
			e := a.record(id, "late goal")
			if who == "the one at rest" {
				b.sync(other)
			} else {
				a.sync(id)
			}
			eventually(t, "the event of a log at rest", func() bool {
				_, err := b.store.Event(id, e.Hash)
				return err == nil
			})
			if !b.IsLive(id) {
				t.Error("heard of, and yet at rest")
			}
			equal(t, id, a, b)
			a.record(id, "live again")
			equal(t, id, a, b)
		})
	}
}

// A node made anew opens what was live, and what rests when it is asked for.
func TestRosterIsRemembered(t *testing.T) {
	a := newDevice(t, nil)
	first := a.found()
	a.crowd()
	a.record(first, "used last")
	b, err := node.New(node.Config{Store: a.store})
	if err != nil {
		t.Fatal(err)
	}
	if !b.IsLive(first) {
		t.Error("the log used last is not live")
	}
	for _, m := range b.Members() {
		if s, err := b.Status(m.Log); err != nil || s.Counts[crdt.Control] != 1 {
			t.Fatalf("%v %+v", err, s)
		}
	}
	if n := len(b.Members()); n != 201 {
		t.Errorf("%d memberships", n)
	}
}

// A device gives up what another one holds, says so, is not asked again, and
// takes it back when it follows again.
func TestRetire(t *testing.T) {
	a, b, id := pair(t)
	eventually(t, "a proof that both hold it", func() bool { return a.Retire(context.Background(), id, false) == nil })
	if logs, err := a.store.Logs(); err != nil || len(logs) != 1 || !logs[0].Retired {
		t.Fatal(logs, err)
	}
	if _, err := a.Status(id); !errors.Is(err, crdt.ErrGone) {
		t.Errorf("status: %v", err)
	}
	if _, err := a.Record(context.Background(), id, node.Draft{Content: crdt.Content{Type: "goal"}}); !errors.Is(err, crdt.ErrGone) {
		t.Errorf("record: %v", err)
	}
	other := a.found()
	a.sync(other) // names cross both ways
	if rep := b.sync(id); rep.Peers != 0 || rep.Sent+rep.Got != 0 {
		t.Errorf("a retired log was compared: %+v", rep)
	}
	eventually(t, "b is the only holder", func() bool { return b.status(id).Holders == 1 })
	if err := b.Retire(context.Background(), id, false); err == nil {
		t.Error("the last copy was given up")
	}
	if err := a.Follow(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	equal(t, id, a, b)
	if n := a.status(id).Counts[crdt.Events]; n != 2 {
		t.Errorf("%d events came back", n)
	}
	a.record(id, "again")
	equal(t, id, a, b)
}

// What nobody else holds is never given up, unless by force.
func TestRetireOnlyCopy(t *testing.T) {
	a := newDevice(t, nil)
	id := a.found()
	a.record(id, "goal")
	if err := a.Retire(context.Background(), id, false); !errors.Is(err, node.ErrOnlyCopy) {
		t.Fatalf("%v", err)
	}
	if a.status(id).Counts[crdt.Events] != 1 {
		t.Fatal("gone all the same")
	}
	if err := a.Retire(context.Background(), id, true); err != nil {
		t.Fatal(err)
	}
	n, err := node.New(node.Config{Store: a.store})
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Members()) != 0 {
		t.Error("a retired match is listed")
	}
	if err := n.Follow(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	if s, err := n.Status(id); err != nil || s.Counts[crdt.Events] != 0 {
		t.Errorf("%+v %v", s, err)
	}
}

// With a limit, old matches go by themselves when others hold them, and only
// then.
func TestKeep(t *testing.T) {
	a, b, id := pair(t)
	eventually(t, "a proof on disk", func() bool { return len(a.metaKeys("held/")) > 0 })
	eventually(t, "equality", func() bool { return a.status(id).Holders == 2 })
	lonely := a.found()
	a.record(lonely, "goal")
	a.stop()
	b.stop()
	late := func(keep time.Duration) *device {
		d := newDevice(t, func(c *node.Config) {
			c.Store, c.Keep = a.store, keep
			c.Now = func() time.Time { return time.Now().Add(401 * 24 * time.Hour) }
		})
		return d.run()
	}
	d := late(402 * 24 * time.Hour)
	if len(d.Members()) != 2 {
		t.Fatal("a match younger than the limit is gone")
	}
	d.stop()
	d = late(400 * 24 * time.Hour)
	eventually(t, "the match that others hold is gone", func() bool { return len(d.Members()) == 1 })
	if d.Members()[0].Log != lonely {
		t.Error("the only copy is gone")
	}
}

func (d *device) metaKeys(prefix string) []string {
	d.t.Helper()
	keys, err := d.store.MetaKeys(prefix)
	if err != nil {
		d.t.Fatal(err)
	}
	return keys
}
