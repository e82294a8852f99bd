package node_test

import (
	"context"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

func fieldsOf(t *testing.T, d *device, e *crdt.Event) string {
	t.Helper()
	b, err := d.Fields(e)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// What may have to be erased comes and goes with its record, in one step with
// the event, here and on another device; the event does not change.
func TestFieldsOfAnEvent(t *testing.T) {
	a := newFolder(t, t.TempDir()).device.run()
	ctx := context.Background()
	m, err := a.Found(ctx, access.PurposeMatch, "final", node.Sealed)
	if err != nil {
		t.Fatal(err)
	}
	draft := node.Draft{Content: crdt.Content{ID: "e1", Type: "goal"}, Fields: []byte(`{"notes":"what a goal"}`), Client: "page"}
	got, err := a.Record(ctx, m.Log, draft)
	if err != nil {
		t.Fatal(err)
	}
	if f := fieldsOf(t, a, got.Event); f != `{"notes":"what a goal"}` {
		t.Fatalf("fields %q", f)
	}
	plain, err := a.Record(ctx, m.Log, node.Draft{Content: crdt.Content{ID: "e2", Type: "goal"}, Client: "page"})
	if err != nil {
		t.Fatal(err)
	}
	if f := fieldsOf(t, a, plain.Event); f != "" {
		t.Errorf("fields of an event without: %q", f)
	}
	draft.Fields = []byte(`{"notes":"other words"}`)
	again, err := a.Record(ctx, m.Log, draft)
	if err != nil || again.New || again.Event.Hash != got.Event.Hash {
		t.Fatalf("other fields make another event: %+v, %v", again, err)
	}

	invite, err := a.Invite(ctx, m.Log, access.Terms{Role: access.Family, Audiences: access.AudienceMatch})
	if err != nil {
		t.Fatal(err)
	}
	b := newDevice(t, func(c *node.Config) { c.Peers = a.Addrs() })
	if _, err := b.Join(ctx, invite, ""); err != nil {
		t.Fatal(err)
	}
	b.run()
	eventually(t, "the other device has the fields", func() bool { return fieldsOf(t, b, got.Event) == `{"notes":"what a goal"}` })

	a.eraseAbout(m.Log, got.Event.Hash.String())
	if f := fieldsOf(t, a, got.Event); f != "" {
		t.Errorf("fields after erasing: %q", f)
	}
	eventually(t, "they are erased there too", func() bool { return fieldsOf(t, b, got.Event) == "" })
	if c, err := a.Open(got.Event); err != nil || c.ID != "e1" {
		t.Errorf("the event: %+v, %v", c, err)
	}
}

// Two nodes that share a namespace make the same match of a name before they
// meet, and are equal after.
func TestNamespaceOfSeparatedNodes(t *testing.T) {
	ctx := context.Background()
	names := access.NewNamespace()
	a := newDevice(t, nil)
	a.run()
	b := newDevice(t, func(c *node.Config) { c.Peers = a.Addrs() })
	var logs [2]crdt.LogID
	for i, d := range []*device{a, b} {
		invite, err := names.Match("match1")
		if err != nil {
			t.Fatal(err)
		}
		m, err := d.Join(ctx, invite, "match1")
		if err != nil {
			t.Fatal(err)
		}
		logs[i] = m.Log
		if _, err := d.Record(ctx, m.Log, node.Draft{Content: crdt.Content{ID: string('a' + rune(i)), Type: "goal"}, Client: "page"}); err != nil {
			t.Fatal(err)
		}
	}
	if logs[0] != logs[1] {
		t.Fatalf("two matches: %s and %s", logs[0], logs[1])
	}
	b.run()
	eventually(t, "both have both events", func() bool {
		x, errA := a.Status(logs[0])
		y, errB := b.Status(logs[0])
		return errA == nil && errB == nil && x.Counts[crdt.Events] == 2 && y.Counts[crdt.Events] == 2 && x.Digest == y.Digest
	})
}
