package node_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// A recorder and a family of one team have no link that shares the match: all they
// have in common is a relay of the team, which can read nothing and holds nothing of
// the match. The family sees the goal at once all the same, once; when it meets the
// recorder, there is nothing to add. The same for a watcher's device in between.
func TestTeamTopicBringsTheGoal(t *testing.T) {
	for _, between := range []access.Role{access.Relay, access.Spectator} {
		a := newDevice(t, nil)
		team, match := a.foundTeam(), a.foundSealed()
		if _, err := a.Announce(context.Background(), team, a.invite(match, access.Family), "saturday"); err != nil {
			t.Fatal(err)
		}
		family, middle := a.invite(team, access.Family), a.invite(team, between) // before a has an address

		relay := newDevice(t, nil)
		relay.join(middle)
		a.tell(relay, team)
		relay.run()
		b := newDevice(t, peersOf(relay))
		b.join(family)
		a.tell(b, team)
		if !b.follows(match) || relay.follows(match) {
			t.Fatal("who follows the match is not as announced")
		}
		a.tell(b, match) // so that only the goal is missing
		b.run()
		a = newDevice(t, func(c *node.Config) { c.Store, c.Peers = a.store, relay.Addrs() }).run()
		equal(t, team, a, relay, b)
		eventually(t, "all three are on the team's topic", func() bool {
			return relay.TopicPeers(team) == 2 && a.TopicPeers(team) == 1 && b.TopicPeers(team) == 1
		})
		var goal *crdt.Event // the first of those recorded that is there
		var recorded []*crdt.Event
		var last time.Time
		eventually(t, "a goal reaches the family", func() bool { // gossip is no guarantee: before the mesh has formed, hints are lost
			if time.Since(last) > 200*time.Millisecond {
				recorded, last = append(recorded, a.record(match, "goal")), time.Now()
			}
			for _, goal = range recorded {
				if _, err := b.store.Event(match, goal.Hash); err == nil {
					return true
				}
			}
			return false
		})
		goals := a.status(match).Counts[crdt.Events]
		if n, m := len(a.Peers()), a.TopicPeers(match); n != 1 || m != 0 {
			t.Fatalf("recorder and family met (%d peers, %d on the match's topic), so nothing is shown", n, m)
		}
		if c, err := b.Open(goal); err != nil || c.Type != "goal" {
			t.Errorf("the family reads %v, %v", c, err)
		}
		for _, d := range []*device{a, relay, b} {
			if n := d.status(team).Counts[crdt.Events]; n != 1 {
				t.Errorf("the team's log has %d events", n)
			}
		}
		if held := dump(t, relay.store, team); bytes.Contains(held, match[:]) || bytes.Contains(held, goal.Hash[:]) {
			t.Error("who is in between holds something of the match")
		}
		c := newDevice(t, func(c *node.Config) { c.Store, c.Peers = b.store, a.Addrs() }) // they meet
		b.stop()
		equal(t, match, a, c.run())
		if n := c.status(match).Counts[crdt.Events]; n != goals {
			t.Errorf("%d goals of %d", n, goals)
		}
	}
}

// What a hint may not be, judged at a device in between.
func TestHintIsJudged(t *testing.T) {
	clock := crdt.NewClock(nil)
	founder, founding, err := access.FoundSealed(clock, access.PurposeTeam)
	if err != nil {
		t.Fatal(err)
	}
	c := access.NewControl(founder.Log)
	for _, e := range founding {
		c.Add(e)
	}
	enrol := func(role access.Role) *access.Member {
		i, grant, err := founder.Invite(clock, founding[:1], role, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		c.Add(grant)
		m, control, err := i.Join(clock)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range control {
			c.Add(e)
		}
		return m
	}
	coach, family, relay := enrol(access.Coach), enrol(access.Family), enrol(access.Relay)
	key, other := founder.Keys[0], founder.Keys[0]
	other.Key = bytes.Repeat([]byte{1}, 32)
	stolen := *family
	stolen.Grant = coach.Grant
	unknown := *coach
	unknown.Grant = crdt.Hash{7}
	elsewhere := *coach
	elsewhere.Log = crdt.LogID{9}
	good := coach.Hint(key, []byte("envelope"))
	flipped := bytes.Clone(good)
	flipped[len(flipped)-1] ^= 1
	for name, h := range map[string]struct {
		hint []byte
		want error
	}{
		"by a coach":           {good, nil},
		"by family":            {family.Hint(key, []byte("envelope")), crdt.ErrForbidden},
		"by a relay":           {relay.Hint(key, []byte("envelope")), crdt.ErrForbidden},
		"another's right":      {stolen.Hint(key, []byte("envelope")), crdt.ErrSignature},
		"of another team":      {elsewhere.Hint(key, []byte("envelope")), crdt.ErrSignature},
		"changed":              {flipped, crdt.ErrSignature},
		"a byte more":          {append(bytes.Clone(good), 0), crdt.ErrMalformed},
		"no hint":              {[]byte{0x84, 0, 0, 0, 0}, crdt.ErrMalformed},
		"by nobody known here": {unknown.Hint(key, []byte("envelope")), access.ErrNotYet},
	} {
		if _, _, err := c.Hint(h.hint); !errors.Is(err, h.want) || h.want == nil && err != nil {
			t.Errorf("%s: %v, not %v", name, err, h.want)
		}
	}
	keys := access.NewKeyring(founder, c)
	hint, sender, err := c.Hint(good)
	if err != nil || sender != coach.Device() {
		t.Fatal(err)
	}
	if b, err := keys.OpenHint(hint); err != nil || string(b) != "envelope" {
		t.Errorf("%q, %v", b, err)
	}
	if hint, _, err = c.Hint(coach.Hint(other, []byte("envelope"))); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.OpenHint(hint); !errors.Is(err, access.ErrSeal) {
		t.Errorf("under another key: %v", err)
	}
}
