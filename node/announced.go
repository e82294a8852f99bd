package node

import (
	"github.com/libp2p/go-libp2p/core/host"
	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// announcedHost is the host as mDNS sees it: at the addresses that its interfaces have
// now. libp2p's own answer may be a minute old, and a service that is made anew because
// they changed would announce those that are gone.
type announcedHost struct{ host.Host }

func (h announcedHost) Network() libnet.Network { return announcedNetwork{h.Host.Network()} }

type announcedNetwork struct{ libnet.Network }

func (n announcedNetwork) InterfaceListenAddresses() ([]multiaddr.Multiaddr, error) {
	return manet.ResolveUnspecifiedAddresses(n.ListenAddresses(), nil)
}
