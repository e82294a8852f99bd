package node

import (
	"context"
	"slices"
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
	if got := sent(o, 1); !slices.Equal(got, []crdt.Time{1, 9, 8, 7, 0}) {
		t.Errorf("they went out in the order %v; 0 is the mark", got)
	}
}

// What was read ahead is overtaken by messages and control events all the same, and
// what was too much to read with others keeps its place before what comes later.
func TestReadAheadIsOvertaken(t *testing.T) {
	o, l := newOutbox(), &logExchange{}
	items := func(set crdt.Set, times ...crdt.Time) (out []recon.Item) {
		for _, at := range times {
			out = append(out, recon.Item{Set: set, Name: recon.Name{Time: at}})
		}
		return out
	}
	o.sendBodies(l, items(crdt.Events, 9, 8, 7, 6))
	o.sendLast(frameFin)
	_, bodies, _ := o.next()
	if len(bodies) != 4 {
		t.Fatalf("%d bodies are read at once", len(bodies))
	}
	o.putRead(bodies, [][]byte{{9}, {7}}, []body{bodies[1], bodies[3]})
	o.sendBodies(l, items(crdt.Control, 1))
	o.sendBodies(l, items(crdt.Events, 5))
	if got := sent(o, 1<<10); !slices.Equal(got, []crdt.Time{1, 9, 7, 8, 6, 0, 5}) {
		t.Errorf("they went out in the order %v", got)
	}
}

// sent empties an outbox, each body being read as one byte, its time, most of them at
// once, and returns those times; 0 is a mark.
func sent(o *outbox, most int) (times []crdt.Time) {
	for {
		b, bodies, _ := o.next()
		switch {
		case len(bodies) > 0:
			var frames [][]byte
			for _, b := range bodies[:min(most, len(bodies))] {
				frames = append(frames, []byte{byte(b.item.Name.Time)})
			}
			o.putRead(bodies, frames, bodies[len(frames):])
		case len(b) == 1:
			times = append(times, crdt.Time(b[0]))
		case b != nil:
			times = append(times, 0)
		default:
			return times
		}
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
