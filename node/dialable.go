package node

import (
	"slices"
	"strconv"

	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

const (
	// maxHeard is how many addresses one announcement may name.
	maxHeard = 8
	// lowestPort that others can make us dial. Services of other kinds, which
	// could be harmed by it, mostly listen below.
	lowestPort = 1024
	// maxContacts bounds how many peers the dial book remembers that nobody
	// but a stranger told us of.
	maxContacts = 1024
)

// heard keeps the addresses that make sense in what a peer says of itself, or
// mDNS of anybody. near is where the peer is known to be; nil if it is not. What
// the user or an invite gives is not filtered here.
func heard(addrs []multiaddr.Multiaddr, near multiaddr.Multiaddr) []multiaddr.Multiaddr {
	loopback := near != nil && manet.IsIPLoopback(near)
	kept := slices.DeleteFunc(slices.Clone(addrs), func(a multiaddr.Multiaddr) bool {
		p, err := strconv.Atoi(tcpPort(a))
		return err != nil || p < lowestPort || !dialable(a) || manet.IsIPLoopback(a) && !loopback
	})
	return kept[:min(len(kept), maxHeard)]
}

// onLAN keeps the addresses that mDNS may announce: those of a local network.
func onLAN(addrs []multiaddr.Multiaddr) []multiaddr.Multiaddr {
	return slices.DeleteFunc(heard(addrs, nil), func(a multiaddr.Multiaddr) bool {
		return !manet.IsPrivateAddr(a) && !manet.IsIP6LinkLocal(a)
	})
}

// dialable reports whether an address, whoever gave it, names one host and a port.
func dialable(a multiaddr.Multiaddr) bool {
	port := tcpPort(a)
	if port == "" || port == "0" {
		return false
	}
	ip, err := manet.ToIP(a)
	if err != nil {
		return true // a name that the user gave
	}
	return !ip.IsUnspecified() && !ip.IsMulticast() && !(ip.To4() != nil && ip.To4()[0] == 255)
}

// tcpPort is the port as it stands in an address; empty if there is none.
func tcpPort(a multiaddr.Multiaddr) string {
	p, err := a.ValueForProtocol(multiaddr.P_TCP)
	if err != nil {
		return ""
	}
	return p
}
