package node

import (
	"context"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/recon"
)

// A grant that reconciliation finds last is sent before the events that wait to go.
func TestControlOvertakesEvents(t *testing.T) {
	o, l := newOutbox(), &logExchange{}
	item := func(set crdt.Set, at crdt.Time) recon.Item { return recon.Item{Set: set, Name: recon.Name{Time: at}} }
	o.sendBodies(l, []recon.Item{item(crdt.Events, 9), item(crdt.Events, 8)})
	o.sendBodies(l, []recon.Item{item(crdt.Control, 1), item(crdt.Records, 7)})
	o.sendLast(frameFin)
	want := []crdt.Time{1, 9, 8, 7}
	for _, at := range want {
		if b, it, ok, _ := o.next(); !ok || b != nil || it.item.Name.Time != at {
			t.Fatalf("%d went out when %d was due", it.item.Name.Time, at)
		}
	}
	if b, _, ok, _ := o.next(); !ok || b == nil {
		t.Error("the mark is not last")
	}
}

// More events than may wait for a grant do not end an exchange, for the grant
// may be behind them: it used to, each time anew, and the two never became equal.
func TestCrowdDoesNotEndExchange(t *testing.T) {
	const events = 2 * (maxBusy + 512)
	ctx := context.Background()
	n := startNode(t, Config{}, exchangeWork)
	m, err := n.Found(ctx, access.PurposeMatch, "")
	if err != nil {
		t.Fatal(err)
	}
	invite, err := n.Invite(ctx, m.Log, access.Terms{Role: access.Scorer, Uses: 2})
	if err != nil {
		t.Fatal(err)
	}
	scorer := startNode(t, Config{}, exchangeWork)
	if _, err := scorer.Join(ctx, invite, ""); err != nil {
		t.Fatal(err)
	}
	var bodies [][]byte
	var author *crdt.Event
	for range events {
		r, err := scorer.Record(ctx, m.Log, Draft{Content: crdt.Content{Type: "goal"}})
		if err != nil {
			t.Fatal(err)
		}
		author, bodies = r.Event, append(bodies, r.Event.Envelope())
	}
	grant, err := scorer.replica(m.Log).log.Event(author.Grant)
	if err != nil {
		t.Fatal(err)
	}
	l := &logExchange{x: &exchange{w: n.net.Load()}, replica: n.replica(m.Log)}
	for _, batch := range [][][]byte{bodies, {grant.Envelope()}, bodies} {
		if err := l.admit(ctx, l.offer(batch)); err != nil {
			t.Fatalf("the exchange ended: %v", err)
		}
	}
	if s, err := n.Status(m.Log); err != nil || s.Counts[crdt.Events] != events {
		t.Errorf("%d of %d events, %v", s.Counts[crdt.Events], events, err)
	}
}
