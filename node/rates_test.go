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
	gate := intake{&replica{control: c}, newRates(allowance{burst: 3, rate: 1e-9}, allowance{burst: 5, rate: 1e-9})}
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
	gate := intake{&replica{control: access.NewControl(crdt.LogID{1})}, newRates(liveDevice, liveInvite)}
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
