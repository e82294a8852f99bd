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

// The guardians of a team's children are their guardians in each match that is
// announced; the rest of the team is family in it.
func TestTeamsGuardians(t *testing.T) {
	ctx := context.Background()
	a := newDevice(t, nil)
	team, match := a.foundTeam(), a.foundSealed()
	if err := a.BeginStaff(ctx, match, "home"); err != nil {
		t.Fatal(err)
	}
	if _, err := a.Invite(ctx, team, access.Terms{Role: access.Guardian, Team: "home", Child: "7"}); !errors.Is(err, crdt.ErrMalformed) {
		t.Errorf("a team within a team: %v", err)
	}
	join := func(terms access.Terms) *device {
		i, err := a.Invite(ctx, team, terms)
		if err != nil {
			t.Fatal(err)
		}
		d := newDevice(t, nil)
		d.join(i)
		return d
	}
	mother, other := join(access.Terms{Role: access.Guardian, Child: "7"}), join(access.Terms{Role: access.Guardian, Child: "9"})
	father, family, coach := join(access.Terms{Role: access.Guardian, Child: "7"}), join(access.Terms{Role: access.Family}), join(access.Terms{Role: access.Coach})
	a.tell(coach, team)
	for who, d := range map[string]*device{"founder": a, "coach": coach} {
		if got, err := d.Children(team); err != nil || strings.Join(got, " ") != "7 9" {
			t.Errorf("%s knows of children %v, %v", who, got, err)
		}
	}
	if _, err := a.Announce(ctx, team, a.invite(match, access.Family), "saturday"); err != nil {
		t.Fatal(err)
	}
	for _, child := range []string{"7", "9"} {
		i, err := a.Invite(ctx, match, access.Terms{Role: access.Guardian, Team: "home", Child: child})
		if err == nil {
			err = a.AnnounceTo(ctx, team, child, i, "saturday")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	rec, err := a.Record(ctx, match, injury("i1", "home", "7", true))
	if err != nil {
		t.Fatal(err)
	}
	for who, c := range map[string]struct {
		*device
		role  access.Role
		child string
		sees  bool
	}{
		"mother": {mother, access.Guardian, "7", true}, "father": {father, access.Guardian, "7", true},
		"another child's": {other, access.Guardian, "9", false}, "family": {family, access.Family, "", false},
	} {
		a.tell(c.device, team)
		if role := c.member(match).Role; role != c.role {
			t.Errorf("%s is %s in the match", who, role)
		}
		c.tell(a, match) // how they joined
		a.tell(c.device, match)
		if told := strings.HasPrefix(c.device.told(rec.Event), "injury"); told != c.sees {
			t.Errorf("%s is told of the injury: %v", who, told)
		}
		if got := strings.Join(a.Wards(match, c.member(match).Grant, []string{"7", "9"}), " "); got != c.child {
			t.Errorf("%s looks after %q", who, got)
		}
		if known, err := c.Children(team); err != nil || strings.Join(known, " ") != c.child {
			t.Errorf("%s knows of children %v, %v", who, known, err)
		}
	}
}
