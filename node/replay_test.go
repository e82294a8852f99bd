package node_test

import (
	"context"
	"log/slog"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
	"touchline.dev/touchline/node/badgerstore"
)

// screen follows a log as a live stream does: on from where it was.
type screen struct {
	at    crdt.Arrival
	shown map[crdt.Hash]int
}

func (s *screen) look(t *testing.T, n *node.Node, id crdt.LogID) {
	t.Helper()
	log, err := n.Log(id)
	if err != nil {
		t.Fatal(err)
	}
	for {
		entries, err := log.Since(s.at, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			return
		}
		for _, e := range entries {
			s.at = e.Arrival
			if e.Event.Set == crdt.Events {
				s.shown[e.Event.Hash]++
			}
		}
	}
}

// What a member captured and plays back, live, from a file and as a page would
// hand it in, is shown once; so it is after a restart over the same folder.
func TestReplayedEvents(t *testing.T) {
	dir := t.TempDir()
	open := func() (*badgerstore.Store, *device) {
		st, err := badgerstore.Open(dir, badgerstore.Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		d := newDevice(t, func(c *node.Config) { c.Store = st })
		return st, d.run()
	}
	st, a := open()
	defer func() { a.stop(); st.Close() }()
	id := a.found()
	invite := a.invite(id, access.Scorer)
	var captured [][]byte
	for i := range 1000 {
		captured = append(captured, signed(t, a.member(id), i, "captured").Envelope())
	}
	attacker := func() *device {
		b := newDevice(t, peersOf(a))
		b.join(invite)
		b.run()
		equal(t, id, a, b)
		eventually(t, "a hears the attacker", func() bool { return b.TopicPeers(id) == 1 })
		return b
	}
	b := attacker()
	s, honest := &screen{shown: map[crdt.Hash]int{}}, 0
	for round := range 10 {
		if round == 5 {
			b.stop()
			a.stop()
			if err := st.Close(); err != nil {
				t.Fatal(err)
			}
			st, a = open()
			b = attacker()
		}
		out, err := a.Admit(context.Background(), id, "attacker", captured...)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range out {
			if o.Err != nil || o.Added.New != (round == 0) {
				t.Fatalf("round %d: new %v, %v", round, o.Added.New, o.Err)
			}
		}
		if _, err := a.Deliver(context.Background(), id, "page", false, captured...); err != nil {
			t.Fatal(err)
		}
		for _, envelope := range captured {
			b.SendRaw(id, envelope)
		}
		last := b.record(id, "goal") // behind them on the same stream
		honest++
		eventually(t, "what came behind the replay", func() bool {
			s.look(t, a.Node, id)
			return s.shown[last.Hash] == 1
		})
	}
	if len(s.shown) != len(captured)+honest {
		t.Errorf("%d different events shown, not %d", len(s.shown), len(captured)+honest)
	}
	for hash, times := range s.shown {
		if times != 1 {
			t.Errorf("event %s shown %d times", hash.Short(), times)
		}
	}
}
