package node_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// Three devices in a line: A and C never see each other, and yet become equal,
// with what was written before they met and what is written live.
func TestThreeInALine(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	for range 20 {
		a.record(id, "before")
	}
	b := newDevice(t, func(c *node.Config) { c.Peers = a.Addrs() })
	b.join(a.invite(id, access.Scorer))
	b.run()
	c := newDevice(t, func(c *node.Config) { c.Peers = b.Addrs() })
	c.join(a.invite(id, access.Scorer))
	for range 20 {
		c.record(id, "offline")
	}
	c.run()
	equal(t, id, a, b, c)
	for _, d := range []*device{a, b, c} {
		d.record(id, "live")
	}
	eventually(t, "43 events everywhere", func() bool {
		return a.status(id).Counts[crdt.Events] == 43 && b.status(id).Counts[crdt.Events] == 43 && c.status(id).Counts[crdt.Events] == 43
	})
	equal(t, id, a, b, c)
	eventually(t, "b knows that two others hold the same", func() bool { return b.status(id).Holders == 3 })
}

// A node that does not follow the match learns nothing of it, though it is
// connected to those who do.
func TestStrangerGetsNothing(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	a.record(id, "goal")
	s := newDevice(t, func(c *node.Config) { c.Peers = a.Addrs() }).run()
	other := s.found()
	eventually(t, "a link", func() bool { return len(s.Peers()) == 1 && s.Peers()[0].Connected })
	if _, err := s.Sync(context.Background(), other); err != nil {
		t.Fatal(err)
	}
	logs, err := s.store.Logs()
	if err != nil || len(logs) != 1 {
		t.Errorf("stranger holds %d logs, %v", len(logs), err)
	}
}

// A member's events may come before the control events that let it in.
func TestGrantAfterEvents(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	invite := a.invite(id, access.Scorer)
	late := newDevice(t, nil)
	late.join(invite)
	e := late.record(id, "goal")
	out, err := a.Admit(context.Background(), id, "file", e.Envelope())
	if err != nil || !errors.Is(out[0].Err, crdt.ErrNoGrant) {
		t.Fatalf("event without a grant: %v, %v", out[0].Err, err)
	}
	if n := a.status(id).Counts[crdt.Events]; n != 0 {
		t.Fatalf("%d events before the grant", n)
	}
	enrolment, err := late.store.Event(id, e.Grant)
	if err != nil {
		t.Fatal(err)
	}
	if out, err := a.Admit(context.Background(), id, "file", enrolment.Envelope()); err != nil || out[0].Err != nil {
		t.Fatal(out[0].Err, err)
	}
	if n := a.status(id).Counts[crdt.Events]; n != 1 {
		t.Errorf("%d events after the grant", n)
	}
}

// The same ID with the same content is one event, with other content an error.
func TestRepeatedID(t *testing.T) {
	a := newDevice(t, nil)
	id := a.found()
	draft := node.Draft{Content: crdt.Content{ID: "x1", Type: "goal", Data: []byte(`{"a":1}`)}}
	first, err := a.Record(context.Background(), id, draft)
	if err != nil || !first.New {
		t.Fatal(first, err)
	}
	again, err := a.Record(context.Background(), id, draft)
	if err != nil || again.New || again.Event.Hash != first.Event.Hash {
		t.Errorf("again: %+v, %v", again, err)
	}
	draft.Content.Data = []byte(`{"a":2}`)
	if _, err := a.Record(context.Background(), id, draft); !errors.Is(err, node.ErrConflict) {
		t.Errorf("other content: %v", err)
	}
	// A node made anew over the same store remembers.
	b, err := node.New(node.Config{Store: a.store})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Record(context.Background(), id, draft); !errors.Is(err, node.ErrConflict) {
		t.Errorf("other content after a restart: %v", err)
	}
}

// Who joined to watch cannot write, on any path.
func TestWatcherCannotWrite(t *testing.T) {
	a := newDevice(t, nil)
	id := a.found()
	w := newDevice(t, nil)
	w.join(a.invite(id, access.Spectator))
	if _, err := w.Record(context.Background(), id, node.Draft{Content: crdt.Content{Type: "goal"}}); !errors.Is(err, crdt.ErrForbidden) {
		t.Errorf("record: %v", err)
	}
}

// A device that keeps nothing is equal and yet does not count as a holder.
func TestVolatileDeviceIsNoHolder(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	a.record(id, "goal")
	w := newDevice(t, func(c *node.Config) { c.Peers, c.Volatile = a.Addrs(), true })
	w.join(a.invite(id, access.Spectator))
	w.run()
	equal(t, id, a, w)
	eventually(t, "the watcher knows of its holder", func() bool { return w.status(id).Holders == 2 })
	if _, err := a.Sync(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	if n := a.status(id).Holders; n != 1 {
		t.Errorf("%d holders, one of which keeps nothing", n)
	}
}

// A visitor reads by an invite without taking one of its places, and nobody
// goes on looking for it when it has left.
func TestVisitorLeavesNoTrace(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	a.record(id, "goal")
	invite := a.invite(id, access.Scorer)
	before := a.status(id).Counts[crdt.Control]
	v := newDevice(t, func(c *node.Config) { c.Peers, c.Volatile = a.Addrs(), true })
	if err := v.Visit(context.Background(), invite); err != nil {
		t.Fatal(err)
	}
	v.run()
	equal(t, id, a, v)
	eventually(t, "the visitor is known", func() bool { return len(a.Peers()) == 1 && a.Peers()[0].Logs == 1 })
	if n := a.status(id).Counts[crdt.Control]; n != before {
		t.Errorf("%d control events, %d before the visit", n, before)
	}
	if _, err := v.Record(context.Background(), id, node.Draft{Content: crdt.Content{Type: "goal"}}); !errors.Is(err, crdt.ErrForbidden) {
		t.Errorf("a visitor records: %v", err)
	}
	v.stop()
	eventually(t, "the visitor is forgotten", func() bool { return len(a.Peers()) == 0 })
	if keys, err := a.store.MetaKeys("contact/"); err != nil || len(keys) > 0 {
		t.Errorf("remembered for the next run: %v %v", keys, err)
	}
}

// Exchanges while both sides write: each ends, and in the end all is equal.
func TestExchangesUnderLoad(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	b := newDevice(t, func(c *node.Config) { c.Peers = a.Addrs() })
	b.join(a.invite(id, access.Scorer))
	b.run()
	eventually(t, "a link", func() bool { return len(b.Peers()) == 1 && b.Peers()[0].Connected })
	ctx, stop := context.WithCancel(context.Background())
	var g sync.WaitGroup
	for _, d := range []*device{a, b} {
		g.Go(func() {
			for ctx.Err() == nil {
				d.record(id, "note")
				time.Sleep(time.Millisecond)
			}
		})
	}
	for range 60 {
		for _, d := range []*device{a, b} {
			rep, err := d.Sync(context.Background(), id)
			if err != nil || len(rep.Errors) > 0 {
				t.Errorf("%v %v", rep.Errors, err)
			}
		}
	}
	stop()
	g.Wait()
	equal(t, id, a, b)
}
