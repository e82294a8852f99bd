package node

import (
	"errors"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Each device has room of its own, the devices of one invite share theirs, and
// the founder's and other invites' devices notice nothing.
func TestIntake(t *testing.T) {
	clock := crdt.NewClock(nil)
	founder, founding, err := access.Found(clock, access.PurposeMatch)
	if err != nil {
		t.Fatal(err)
	}
	c := access.NewControl(founder.Log)
	c.Add(founding)
	join := func(i *access.Invite) *access.Member {
		m, control, err := i.Join(clock)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range control {
			c.Add(e)
		}
		return m
	}
	invite := func() *access.Invite {
		i, _, err := founder.Invite(clock, []*crdt.Event{founding}, access.Scorer, 9, 0)
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	one, two := invite(), invite()
	a, b, other := join(one), join(one), join(two)
	gate := intake{&replica{control: c}, newRates(allowance{burst: 3, rate: 1e-9}, allowance{burst: 5, rate: 1e-9}, newBudget(enrolling))}
	for i, step := range []struct {
		who  *access.Member
		room bool
	}{
		{a, true}, {a, true}, {a, true}, {a, false}, // a device's burst
		{b, true}, {b, true}, {b, false}, // and their invite's
		{other, true}, {founder, true}, {founder, true}, {founder, true}, {founder, false},
	} {
		e := &crdt.Event{Header: crdt.Header{Author: step.who.Device(), Grant: step.who.Grant}}
		err := gate.Room(e)
		if (err == nil) != step.room || err != nil && !errors.Is(err, crdt.ErrBusy) {
			t.Fatalf("step %d: %v", i, err)
		}
		if err == nil {
			gate.Took(e)
		}
	}
}

// A gate asked about thousands of devices remembers a bounded number.
func TestIntakeIsBounded(t *testing.T) {
	gate := intake{&replica{control: access.NewControl(crdt.LogID{1})}, newRates(gossipDevice, gossipInvite, newBudget(enrolling))}
	for i := range 3 * maxBuckets {
		e := &crdt.Event{Header: crdt.Header{Author: crdt.Key{byte(i), byte(i >> 8)}, Grant: crdt.Hash{1}}}
		if gate.Room(e) == nil {
			gate.Took(e)
		}
	}
	if n := len(gate.rates.devices.buckets); n > maxBuckets {
		t.Errorf("%d devices remembered", n)
	}
}

// Whoever has an invite brings so many devices and no more at once, however it
// brings them; other invites, and events of who is in, are taken all the same.
func TestEnrolmentsHaveRoomOfTheirOwn(t *testing.T) {
	clock := crdt.NewClock(nil)
	founder, founding, err := access.Found(clock, access.PurposeMatch)
	if err != nil {
		t.Fatal(err)
	}
	c := access.NewControl(founder.Log)
	c.Add(founding)
	var invites [2]*access.Invite
	for i := range invites {
		if invites[i], _, err = founder.Invite(clock, []*crdt.Event{founding}, access.Spectator, 1, 0); err != nil {
			t.Fatal(err)
		}
	}
	together := newBudget(allowance{burst: 3, rate: 1e-9})
	live := intake{&replica{control: c}, newRates(gossipDevice, gossipInvite, together)}
	bulk := intake{&replica{control: c}, newRates(bulkDevice, bulkInvite, together)}
	come := func(gate intake, i *access.Invite) (*access.Member, error) {
		m, control, err := i.Join(clock)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range control[:len(control)-1] {
			c.Add(e)
		}
		e := control[len(control)-1]
		if err := gate.Room(e); err != nil {
			return nil, err
		}
		gate.Took(e)
		c.Add(e)
		return m, nil
	}
	var m *access.Member
	for i, gate := range []intake{live, bulk, live} {
		if m, err = come(gate, invites[0]); err != nil {
			t.Fatalf("device %d: %v", i, err)
		}
	}
	for _, gate := range []intake{live, bulk} {
		if _, err := come(gate, invites[0]); !errors.Is(err, crdt.ErrBusy) {
			t.Errorf("one device more: %v", err)
		}
	}
	if _, err := come(live, invites[1]); err != nil {
		t.Errorf("by another invite: %v", err)
	}
	if err := live.Room(&crdt.Event{Header: crdt.Header{Set: crdt.Events, Author: m.Device(), Grant: m.Grant}}); err != nil {
		t.Errorf("an event of who is in: %v", err)
	}
}
