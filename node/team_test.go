package node_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

func (d *device) foundTeam() crdt.LogID {
	d.t.Helper()
	m, err := d.Found(context.Background(), access.PurposeTeam, "lindens U10")
	if err != nil {
		d.t.Fatal(err)
	}
	return m.Log
}

func (d *device) follows(id crdt.LogID) bool {
	for _, m := range d.Members() {
		if m.Log == id {
			return true
		}
	}
	return false
}

// Who follows a team follows its matches, also those announced later; a relay of
// the team does not learn of them.
func TestTeamFollowsItsMatches(t *testing.T) {
	a := newDevice(t, nil).run()
	team, match := a.foundTeam(), a.foundSealed()
	if _, err := a.Announce(context.Background(), match, a.invite(match, access.Family), ""); !errors.Is(err, crdt.ErrForbidden) {
		t.Errorf("announced to a match: %v", err)
	}
	e, err := a.Announce(context.Background(), team, a.invite(match, access.Family), "saturday")
	if err != nil {
		t.Fatal(err)
	}
	a.record(match, "goal")
	if c, err := a.Open(e); err != nil || bytes.Contains(c.Data, []byte("touchline:")) {
		t.Errorf("the event's data shows the invite: %s, %v", c.Data, err)
	}
	b := newDevice(t, func(c *node.Config) { c.Peers = a.Addrs() })
	b.join(a.invite(team, access.Family))
	b.run()
	r := newDevice(t, func(c *node.Config) { c.Peers = a.Addrs() })
	r.join(a.invite(team, access.Relay))
	r.run()
	eventually(t, "the match is followed and read", func() bool {
		if !b.follows(match) {
			return false
		}
		can, _ := b.reads(match)
		return can == 1
	})
	later := a.foundSealed()
	if _, err := a.Announce(context.Background(), team, a.invite(later, access.Family), "sunday"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the later match is followed", func() bool { return b.follows(later) })
	equal(t, team, a, b, r)
	if n := len(r.Members()); n != 1 {
		t.Errorf("the relay follows %d logs", n)
	}
	for _, m := range b.Members() {
		if m.Log == later && (m.Label != "sunday" || m.Role != access.Family) {
			t.Errorf("%q as %s", m.Label, m.Role)
		}
	}
}

// Of many announcements the newest 200 are followed.
func TestTeamOfManyMatches(t *testing.T) {
	a := newDevice(t, nil)
	team := a.foundTeam()
	var matches []crdt.LogID
	for range 203 {
		match := a.found()
		matches = append(matches, match)
		if _, err := a.Announce(context.Background(), team, a.invite(match, access.Family), ""); err != nil {
			t.Fatal(err)
		}
	}
	b := newDevice(t, nil)
	b.join(a.invite(team, access.Family))
	a.tell(b, team)
	for i, match := range matches {
		if b.follows(match) != (i >= 3) {
			t.Errorf("match %d of %d: followed: %v", i, len(matches), b.follows(match))
		}
	}
}
