package main

import (
	"fmt"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
)

// cut is one way of breaking a network of three.
type cut struct {
	name        string
	sever, heal func(*matchOnLAN) error
}

var cuts = []cut{
	{"one of three", func(m *matchOnLAN) error { return m.lan.Cut(2) }, func(m *matchOnLAN) error { return m.lan.Heal(2) }},
	{"three ways", func(m *matchOnLAN) error { return m.lan.Cut(0, 1, 2) }, func(m *matchOnLAN) error { return m.lan.Heal(0, 1, 2) }},
	{"one way", func(m *matchOnLAN) error { return m.lan.CutTo(0, 2) }, func(m *matchOnLAN) error { return m.lan.HealTo(0, 2) }},
}

// caughtUp is how soon after the heal everything from before it must be
// everywhere. Beside other tests the machine is busy. After five minutes the three
// nodes have 8 s of processor time to spend between them while recording goes on. What is
// seen is logged.
func caughtUp(length time.Duration) time.Duration {
	switch {
	case length > time.Minute:
		return 5 * time.Second
	case soak:
		return 2 * time.Second
	}
	return 20 * time.Second // with other work on the machine: that it ends, not how fast
}

// While the network is broken every side goes on acknowledging, at the rate it
// is asked to. Recording goes on across the heal: what was acknowledged before
// it is soon everywhere, and when recording ends all are equal, in the same
// order, and nothing is lost, doubled or invented.
func TestPartitions(t *testing.T) {
	lengths := []time.Duration{5 * time.Second}
	if soak {
		lengths = []time.Duration{5 * time.Second, 15 * time.Second, 60 * time.Second, 300 * time.Second}
	}
	for _, length := range lengths {
		for _, c := range cuts {
			t.Run(fmt.Sprintf("%s for %v", c.name, length), func(t *testing.T) { testPartition(t, c, length) })
		}
	}
}

func testPartition(t *testing.T, c cut, length time.Duration) {
	const perSecond = 50
	m := newMatchOnLAN(t, 3)
	m.startAll()
	all := m.nodesUp()
	_, err := m.waitEqual(m.id, 20*time.Second, all...)
	m.ok(err)

	l := m.write(perSecond, all...)
	time.Sleep(time.Second)
	m.ok(c.sever(m))
	before, severed := l.counts(), time.Now()
	time.Sleep(length)
	l.kept(before, perSecond, time.Since(severed), all...)

	screens := m.look()
	m.ok(c.heal(m))
	behind, err := screens.wait(m.acknowledged(), 60*time.Second, all...)
	m.ok(err)
	time.Sleep(500 * time.Millisecond) // recording goes on
	l.end()
	equal, err := m.waitEqual(m.id, 30*time.Second, all...)
	m.ok(err)
	t.Logf("%d events acknowledged; those from before the heal everywhere %.2f s after it; equal %.2f s after the last",
		len(m.acked), behind.Seconds(), equal.Seconds())
	if behind > caughtUp(length) || equal > caughtUp(0) {
		t.Errorf("caught up after %v, equal after %v", behind, equal)
	}
	m.nothingLost(false)
	m.sameOrder()
}

// A link that comes and goes keeps nobody from recording, nor from becoming
// equal.
func TestFlappingLink(t *testing.T) {
	const perSecond = 50
	flaps := 5
	if soak {
		flaps = 40
	}
	m := newMatchOnLAN(t, 3)
	m.startAll()
	l := m.write(perSecond, m.nodesUp()...)
	begin := time.Now()
	for range flaps {
		m.ok(m.lan.Cut(1))
		time.Sleep(700 * time.Millisecond)
		m.ok(m.lan.Heal(1))
		time.Sleep(700 * time.Millisecond)
	}
	l.kept(make([]int64, 3), perSecond, time.Since(begin), m.nodesUp()...)
	took, err := m.look().wait(m.acknowledged(), 30*time.Second, m.nodesUp()...)
	m.ok(err)
	l.end()
	_, err = m.waitEqual(m.id, 30*time.Second, m.nodesUp()...)
	m.ok(err)
	t.Logf("everything everywhere %.2f s after the last flap", took.Seconds())
	if took > caughtUp(0) {
		t.Errorf("caught up only after %v", took)
	}
	m.nothingLost(false)
	m.sameOrder()
}

// A and C hear nothing of each other, and B stands between: what one records
// is on the others all the same, and soon.
func TestLine(t *testing.T) {
	const perSecond = 20
	m := newMatchOnLAN(t, 3)
	m.ok(m.lan.CutTo(0, 2))
	m.ok(m.lan.CutTo(2, 0))
	m.startAll()
	all := m.nodesUp()
	_, err := m.waitEqual(m.id, 20*time.Second, all...)
	m.ok(err)
	l := m.write(perSecond, all...)
	time.Sleep(2 * time.Second)
	behind, err := m.look().wait(m.acknowledged(), 20*time.Second, all...)
	m.ok(err)
	l.end()
	_, err = m.waitEqual(m.id, 20*time.Second, all...)
	m.ok(err)
	t.Logf("%d events; the last %.2f s later everywhere", len(m.acked), behind.Seconds())
	for i, links := range []int{1, 2, 1} {
		if up := m.links(i); up != links {
			t.Errorf("device %d has %d links, in a line it would have %d", i, up, links)
		}
	}
	if behind > caughtUp(0) {
		t.Errorf("the far end is %v behind", behind)
	}
	m.nothingLost(false)
	m.sameOrder()
}

// links is how many peers node i is connected to.
func (m *matchOnLAN) links(i int) (up int) {
	m.t.Helper()
	var list struct{ Peers []bridge.Peer }
	m.ok(m.get(i, "/local/peers", &list))
	for _, p := range list.Peers {
		if p.Connected {
			up++
		}
	}
	return up
}
