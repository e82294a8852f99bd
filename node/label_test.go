package node_test

import (
	"context"
	"errors"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// What a client sends again by another token, or to another node, is one event;
// an ID that anybody has used for something else is refused. Devices, which have
// keys, choose their IDs themselves.
func TestClientsShareTheirIDs(t *testing.T) {
	a, b := newDevice(t, nil), newDevice(t, nil)
	id := a.found()
	b.join(a.invite(id, access.Scorer))
	say := func(d *device, client, typ string) (*crdt.Event, bool, error) {
		rec, err := d.Record(context.Background(), id, node.Draft{Content: crdt.Content{ID: "one", Type: typ}, Client: client})
		return rec.Event, rec.New, err
	}
	first, fresh, err := say(a, "page", "goal")
	if err != nil || !fresh {
		t.Fatal(fresh, err)
	}
	a.tell(b, id)
	for _, d := range []*device{a, b} {
		for _, client := range []string{"page", "page with a new token"} {
			if again, fresh, err := say(d, client, "goal"); err != nil || fresh || again.Hash != first.Hash {
				t.Errorf("sent again by %q: new %v, %v", client, fresh, err)
			}
			if e, _, err := say(d, client, "card"); !errors.Is(err, node.ErrConflict) || e.Hash != first.Hash {
				t.Errorf("other content by %q: %v", client, err)
			}
		}
	}
	own, fresh, err := say(b, "", "card")
	if err != nil || !fresh || own.Hash == first.Hash {
		t.Errorf("a device's own ID: new %v, %v", fresh, err)
	}
}
