package node_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

func injury(label, team, child string, must bool) node.Draft {
	return node.Draft{
		Content: crdt.Content{ID: label, Type: "injury", Team: team, Period: 1, Data: []byte(`{"player":"` + child + `","area":"ankle"}`)},
		Private: &node.Private{Teams: []string{team}, Child: child, Stub: "play.stopped", Must: must},
	}
}

// told is the type of what an event says to a device: of its stub, or of what lies
// behind it.
func (d *device) told(e *crdt.Event) string {
	c, err := d.Open(e)
	if errors.Is(err, access.ErrNoKey) {
		return "sealed"
	}
	if err != nil {
		d.t.Fatal(err)
	}
	for _, p := range d.OpenParts(e, c) {
		return p.Type + " " + p.Team + " " + string(p.Data)
	}
	return c.Type + c.Team + string(c.Data)
}

// An injury told in a match is readable to the team's staff, however late they came,
// and to that child's guardians. All others have the stub, which says nothing.
func TestInjuryIsPrivate(t *testing.T) {
	ctx := context.Background()
	for name, sealed := range map[string]bool{"sealed": true, "open": false} {
		a := newDevice(t, nil)
		var id crdt.LogID
		if sealed {
			id = a.foundSealed()
		} else {
			id = a.found()
		}
		if err := a.BeginStaff(ctx, id, "home", "away"); err != nil {
			t.Fatal(err)
		}
		join := func(terms access.Terms) *device {
			i, err := a.Invite(ctx, id, terms)
			if err != nil {
				t.Fatal(err)
			}
			d := newDevice(t, nil)
			d.join(i)
			return d
		}
		readers := map[string]*device{
			"organiser": a, "recorder": join(access.Terms{Role: access.Scorer, Team: "home"}), "coach": join(access.Terms{Role: access.Coach, Team: "home"}),
			"mother": join(access.Terms{Role: access.Guardian, Team: "home", Child: "7"}), "referee": join(access.Terms{Role: access.Referee}),
		}
		others := map[string]*device{
			"other coach": join(access.Terms{Role: access.Coach, Team: "away"}), "other recorder": join(access.Terms{Role: access.Scorer, Team: "away"}),
			"other guardian": join(access.Terms{Role: access.Guardian, Team: "home", Child: "9"}),
			"other team's 7": join(access.Terms{Role: access.Guardian, Team: "away", Child: "7"}),
			"family":         join(access.Terms{Role: access.Family, Team: "home"}), "watcher": join(access.Terms{Role: access.Spectator}),
			"relay": join(access.Terms{Role: access.Relay}),
		}
		recorder := readers["recorder"]
		a.tell(recorder, id)
		rec, err := recorder.Record(ctx, id, injury("i1", "home", "7", true))
		if err != nil {
			t.Fatal(err)
		}
		recorder.tell(a, id)
		readers["late recorder"] = join(access.Terms{Role: access.Scorer, Team: "home"})
		readers["father"] = join(access.Terms{Role: access.Guardian, Team: "home", Child: "7"})
		for who, d := range readers {
			a.tell(d, id)
			if got := d.told(rec.Event); got != `injury home {"player":"7","area":"ankle"}` {
				t.Errorf("%s: %s is told %q", name, who, got)
			}
		}
		for who, d := range others {
			a.tell(d, id)
			want := "play.stopped"
			if sealed && (who == "watcher" || who == "relay") {
				want = "sealed"
			}
			if got := d.told(rec.Event); got != want {
				t.Errorf("%s: %s is told %q", name, who, got)
			}
		}
		if bytes.Contains(rec.Event.Envelope(), []byte("ankle")) {
			t.Error("the injury is in clear")
		}
	}
}

// The same request again is the same event, also when more people may read it by
// now. Who has no key is told so, if it insists; else all who read the match are told.
func TestPrivateAgain(t *testing.T) {
	ctx := context.Background()
	a := newDevice(t, nil)
	id := a.foundSealed()
	first, err := a.Record(ctx, id, injury("i1", "home", "7", false)) // begins the staff's line
	if err != nil || a.told(first.Event) != `injury home {"player":"7","area":"ankle"}` {
		t.Fatal(a.told(first.Event), err)
	}
	if _, err := a.Invite(ctx, id, access.Terms{Role: access.Guardian, Team: "home", Child: "7"}); err != nil {
		t.Fatal(err)
	}
	for _, must := range []bool{true, false} {
		if again, err := a.Record(ctx, id, injury("i1", "home", "7", must)); err != nil || again.New || again.Event.Hash != first.Event.Hash {
			t.Errorf("again: new %v, %v", again.New, err)
		}
	}
	if _, err := a.Record(ctx, id, injury("i1", "home", "8", true)); !errors.Is(err, node.ErrConflict) {
		t.Errorf("another child under the same ID: %v", err)
	}
	away := newDevice(t, nil)
	i, err := a.Invite(ctx, id, access.Terms{Role: access.Scorer, Team: "away"})
	if err != nil {
		t.Fatal(err)
	}
	away.join(i)
	a.tell(away, id)
	if _, err := away.Record(ctx, id, injury("i2", "home", "7", true)); !errors.Is(err, access.ErrNoKey) {
		t.Errorf("sealed without a key: %v", err)
	}
	plain, err := away.Record(ctx, id, injury("i2", "home", "7", false))
	if err != nil || !strings.HasPrefix(away.told(plain.Event), "injuryhome") {
		t.Errorf("without insisting: %q, %v", away.told(plain.Event), err)
	}
}
