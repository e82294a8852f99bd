package node

import (
	"errors"
	"fmt"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
)

func TestAddressesThatMakeSense(t *testing.T) {
	for _, c := range []struct {
		addr               string
		lan, said, gateway bool // by mDNS, by a peer of itself, by anybody
	}{
		{"/ip4/192.168.1.5/tcp/4001", true, true, true},
		{"/ip6/fe80::1/tcp/4001", true, true, true},
		{"/ip4/203.0.113.5/tcp/4001", false, true, true},
		{"/ip4/127.0.0.1/tcp/4001", false, false, true},
		{"/ip4/192.168.1.1/tcp/80", false, false, true},
		{"/ip4/192.168.1.5/tcp/0", false, false, false},
		{"/ip4/0.0.0.0/tcp/4001", false, false, false},
		{"/ip4/224.0.0.251/tcp/5353", false, false, false},
		{"/ip4/255.255.255.255/tcp/4001", false, false, false},
		{"/ip6/ff02::1/tcp/4001", false, false, false},
		{"/ip4/192.168.1.5/udp/4001", false, false, false},
		{"/dns4/relay.example/tcp/443", false, false, true},
	} {
		a := []multiaddr.Multiaddr{multiaddr.StringCast(c.addr)}
		if got := len(onLAN(a)) == 1; got != c.lan {
			t.Errorf("%s by mDNS: %v", c.addr, got)
		}
		if got := len(heard(a, nil)) == 1; got != c.said {
			t.Errorf("%s by the peer itself: %v", c.addr, got)
		}
		if got := dialable(a[0]); got != c.gateway {
			t.Errorf("%s at the gate: %v", c.addr, got)
		}
	}
	here := multiaddr.StringCast("/ip4/127.0.0.1/tcp/5000")
	if len(heard([]multiaddr.Multiaddr{here}, here)) != 1 {
		t.Error("loopback of a peer on this machine")
	}
	var many []multiaddr.Multiaddr
	for i := range 100 {
		many = append(many, multiaddr.StringCast(fmt.Sprintf("/ip4/10.0.0.%d/tcp/4001", i)))
	}
	if n := len(onLAN(many)); n != maxHeard {
		t.Errorf("%d addresses of one announcement", n)
	}
}

// A flood of announcements fills no memory and drives out no friend.
func TestAnnouncementsAreBounded(t *testing.T) {
	b := newDialBook("self", seeded())
	b.found(t0, info("friend"), fromFlag)
	b.connected(t0, "member", true)
	b.member("member")
	for i := range 2 * maxContacts {
		id := peer.ID(fmt.Sprint("liar", i))
		b.found(t0, info(id), fromMDNS)
		b.failed(t0, id, errors.New("nobody there"))
	}
	if len(b.peers) > maxContacts || b.peers["friend"] == nil || b.peers["member"] == nil {
		t.Errorf("%d contacts, friend %v, member %v", len(b.peers), b.peers["friend"] != nil, b.peers["member"] != nil)
	}
}

// Strangers are left alone, longer each time, until something new is followed
// here; what mDNS says again does not hurry it.
func TestStrangersAreLeftAlone(t *testing.T) {
	b := newDialBook("a", seeded())
	b.found(t0, info("s"), fromMDNS)
	now := t0
	var waits []float64
	for range 8 {
		now = b.peers["s"].next
		if len(b.due(now)) != 1 {
			t.Fatal("not dialled")
		}
		b.connected(now, "s", false)
		b.stranger(now, "s", errStranger)
		b.lost(now, "s")
		b.found(now, info("s"), fromMDNS)
		b.networkChanged(now)
		waits = append(waits, b.peers["s"].next.Sub(now).Seconds())
	}
	if waits[0] < 20 || waits[3] < 2*waits[0] || waits[7] > 1.25*strangerMost.Seconds() {
		t.Errorf("waits %v", waits)
	}
	b.joined(now)
	if wait := b.peers["s"].next.Sub(now); wait > redialFirst {
		t.Errorf("after joining something new it waits %v", wait)
	}
}
