package node_test

import (
	"context"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// Forty organisers change the key while none hears of another. The next change
// follows all forty, though one event cannot, and who joins after it, by a code
// from before, reads all that was written meanwhile.
func TestFortyRotationsApart(t *testing.T) {
	ctx := context.Background()
	a := newDevice(t, nil)
	id := a.foundSealed()
	child := a.member(id).Guardians("home", "7")
	guardian, err := a.Invite(ctx, id, access.Terms{Role: access.Guardian, Team: "home", Child: "7"})
	if err != nil {
		t.Fatal(err)
	}
	late, coach := a.invite(id, access.Family), a.invite(id, access.Coach)
	const apart = 40
	var devices []*device
	for range apart {
		d := newDevice(t, nil)
		d.join(coach)
		a.tell(d, id)
		devices = append(devices, d)
	}
	for _, d := range devices {
		for _, audience := range []access.Audience{access.Everyone, child} {
			if err := d.RotateFor(ctx, id, audience); err != nil {
				t.Fatal(err)
			}
		}
		_, err := d.Record(ctx, id, node.Draft{
			Content: crdt.Content{Type: "play stopped"}, Parts: []node.Part{{For: child, Part: access.Part{Type: "injury"}}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range devices {
		d.tell(a, id)
	}
	for _, audience := range []access.Audience{access.Everyone, child} {
		if n := len(a.Heads(id, audience)); n != apart {
			t.Fatalf("%d heads before", n)
		}
		if err := a.RotateFor(ctx, id, audience); err != nil {
			t.Fatal(err)
		}
		if n := len(a.Heads(id, audience)); n != 1 {
			t.Errorf("%d heads after", n)
		}
	}
	for who, i := range map[string]*access.Invite{"family": late, "guardian": guardian} {
		d := newDevice(t, nil)
		d.join(i)
		a.tell(d, id)
		if can, cannot := d.reads(id); can != apart || cannot != 0 {
			t.Errorf("%s reads %d of %d", who, can, can+cannot)
		}
		parts := 0
		for _, e := range d.events(id) {
			if c, err := d.Open(e); err == nil {
				parts += len(d.OpenParts(e, c))
			}
		}
		if want := map[string]int{"family": 0, "guardian": apart}[who]; parts != want {
			t.Errorf("%s reads %d parts for guardians, not %d", who, parts, want)
		}
	}
}
