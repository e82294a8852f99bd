package node_test

import (
	"context"
	"errors"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// Each client's events are signed by a key of its own, which lasts as long as
// the client's name does, also over a restart.
func TestClientsHaveKeysOfTheirOwn(t *testing.T) {
	a := newDevice(t, nil)
	id := a.found()
	record := func(n *node.Node, client, label string, data string) node.Recorded {
		t.Helper()
		r, err := n.Record(context.Background(), id, node.Draft{Client: client, Content: crdt.Content{ID: label, Type: "goal", Data: []byte(data)}})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	own := record(a.Node, "", "w", `{"a":1}`)
	first := record(a.Node, "aunt", "x", `{"a":2}`)
	second := record(a.Node, "aunt", "y", `{"a":3}`)
	other := record(a.Node, "uncle", "v", `{"a":4}`)
	if first.Event.Author != second.Event.Author || first.Event.Prev != (crdt.Hash{}) || second.Event.Prev != first.Event.Hash {
		t.Error("a client's events are no chain")
	}
	authors := map[crdt.Key]bool{own.Event.Author: true, first.Event.Author: true, other.Event.Author: true}
	if len(authors) != 3 {
		t.Errorf("%d keys for three writers", len(authors))
	}
	if again := record(a.Node, "aunt", "x", `{"a":2}`); again.New || again.Event.Hash != first.Event.Hash {
		t.Error("the same again is a new event")
	}
	if _, err := a.Record(context.Background(), id, node.Draft{Client: "aunt", Content: crdt.Content{ID: "x", Type: "goal"}}); !errors.Is(err, node.ErrConflict) {
		t.Errorf("other content under a client's ID: %v", err)
	}
	if role := a.Role(id, first.Event.Grant); role != access.Scorer {
		t.Errorf("the client of an organiser's node is %v", role)
	}
	b, err := node.New(node.Config{Store: a.store})
	if err != nil {
		t.Fatal(err)
	}
	if later := record(b, "aunt", "z", `{}`); later.Event.Author != first.Event.Author {
		t.Error("after a restart the client has another key")
	}
}

// A client of one team writes under a right of that team, if its node may give one,
// in a sealed match too; nobody's keys are wrapped to it for ever.
func TestClientOfATeam(t *testing.T) {
	a := newDevice(t, nil)
	id := a.foundSealed()
	b := newDevice(t, nil)
	b.join(a.invite(id, access.Scorer))
	a.tell(b, id)
	for _, c := range []struct {
		*device
		team string
		kind access.Kind
	}{{a, "home", access.KindGrant}, {b, "", access.KindClient}} {
		rec, err := c.Record(context.Background(), id, node.Draft{Client: "aunt", Side: "home", Content: crdt.Content{Type: "goal"}})
		if err != nil {
			t.Fatal(err)
		}
		right, ok := c.Right(id, rec.Event.Grant)
		if !ok || right.Team != c.team || right.Kind != c.kind || right.Role != access.Scorer || !right.Writes() {
			t.Errorf("a client's right: %+v", right)
		}
		again, err := c.Record(context.Background(), id, node.Draft{Client: "aunt", Side: "home", Content: crdt.Content{Type: "goal"}})
		if err != nil || again.Event.Grant != rec.Event.Grant {
			t.Errorf("the next under another right: %v", err)
		}
	}
	before := a.status(id).Counts[crdt.Control]
	for range 3 {
		if _, err := a.Admit(context.Background(), id, "file"); err != nil { // looks after keys
			t.Fatal(err)
		}
	}
	if n := a.status(id).Counts[crdt.Control]; n != before {
		t.Errorf("%d control events, and no more to say than before, %d", n, before)
	}
}
