package main

import (
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
)

// Two devices whose addresses both change at once, so that neither is where the other
// remembers it, find each other anew: discovery starts again with the new addresses long
// before its next turn.
func TestAddressesChange(t *testing.T) {
	m := newMatchOnLAN(t, 2)
	m.startAll()
	_, err := m.waitEqual(m.id, 30*time.Second, 0, 1)
	m.ok(err)
	m.meets(0, m.lan.Addr(1), 30*time.Second)
	var addrs [2]string
	for i := range addrs {
		addrs[i], err = m.lan.Renumber(i)
		m.ok(err)
	}
	changed := time.Now()
	m.meets(0, addrs[1], 25*time.Second) // a turn takes 30 s at least
	m.meets(1, addrs[0], 25*time.Second)
	t.Logf("met at the new addresses %.1f s after the change", time.Since(changed).Seconds())
	m.ok(m.record(0, m.id, "after-the-change", "goal"))
	_, err = m.waitEqual(m.id, 10*time.Second, 0, 1)
	m.ok(err)
}

// meets waits until device i is connected to somebody who is at an address.
func (m *matchOnLAN) meets(i int, addr string, within time.Duration) {
	m.t.Helper()
	var list bridge.PeerList
	for deadline := time.Now().Add(within); ; time.Sleep(50 * time.Millisecond) {
		m.ok(m.get(i, "/local/peers", &list))
		for _, p := range list.Peers {
			if p.Connected && strings.Contains(strings.Join(p.Addrs, " "), "/"+addr+"/") {
				return
			}
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("device %d does not meet anybody at %s: %+v", i, addr, list.Peers)
		}
	}
}
