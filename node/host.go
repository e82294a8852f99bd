package node

import (
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/control"
	"github.com/libp2p/go-libp2p/core/host"
	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	rcmgr "github.com/libp2p/go-libp2p/p2p/host/resource-manager"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	"github.com/libp2p/go-libp2p/x/rate"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
)

// newHost starts a libp2p host with TCP and Noise only: certificates of TLS
// and QUIC fail under wrong clocks, Noise has none.
func newHost(cfg Config, gate *gate) (host.Host, error) {
	key, err := networkKey(cfg.Dir, cfg.Log)
	if err != nil {
		return nil, fmt.Errorf("network key: %w", err)
	}
	resources, err := newResources(cfg.Public)
	if err != nil {
		return nil, fmt.Errorf("connection limits: %w", err)
	}
	if err := canListen(cfg.Listen); err != nil {
		return nil, err
	}
	h, err := libp2p.New(
		libp2p.Identity(key),
		libp2p.ListenAddrStrings(cfg.Listen...),
		libp2p.NoTransports, libp2p.Transport(tcp.NewTCPTransport, tcp.DisableReuseport()),
		libp2p.Security(noise.ID, noise.New),
		libp2p.ResourceManager(resources),
		libp2p.ConnectionGater(gate),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.Ping(false),
		libp2p.UserAgent("touchline/1"),
		libp2p.DisableIdentifyAddressDiscovery(),
	)
	if err != nil {
		return nil, fmt.Errorf("listen on %v: %w", cfg.Listen, err)
	}
	return h, nil
}

// canListen finds out before libp2p does, which writes such a failure into its own
// log three times. Like libp2p it is content with one address of several.
func canListen(listen []string) error {
	var failed []error
	for _, s := range listen {
		addr, err := multiaddr.NewMultiaddr(s)
		if err != nil {
			return err // Check has said more
		}
		l, err := manet.Listen(addr)
		if err == nil {
			return l.Close()
		}
		failed = append(failed, err)
	}
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("listen for other devices: %w; choose another address with --p2p", errors.Join(failed...))
}

// newResources lifts libp2p's limit of 8 connections an address: a family, a
// club house or a carrier's NAT share one. What a connection may cost stays
// bounded by the scaled limits.
func newResources(public bool) (libnet.ResourceManager, error) {
	perSubnet := 128
	if public {
		perSubnet = 512
	}
	limits := rcmgr.DefaultLimits.AutoScale()
	return rcmgr.NewResourceManager(rcmgr.NewFixedLimiter(limits),
		rcmgr.WithMetricsDisabled(),
		rcmgr.WithLimitPerSubnet(
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 32, ConnCount: perSubnet}},
			[]rcmgr.ConnLimitPerSubnet{{PrefixLength: 64, ConnCount: perSubnet}}),
		rcmgr.WithNetworkPrefixLimit(
			[]rcmgr.NetworkPrefixLimit{{Network: netip.MustParsePrefix("127.0.0.0/8"), ConnCount: 4096}},
			[]rcmgr.NetworkPrefixLimit{{Network: netip.MustParsePrefix("::1/128"), ConnCount: 4096}}),
		rcmgr.WithConnRateLimiters(&rate.Limiter{
			GlobalLimit: rate.Limit{RPS: 500, Burst: 1000},
		}))
}

// gate bounds how many connections others open to a node that is no relay:
// members and those who have yet to prove that they are some are counted apart,
// so that strangers keep no member out. Nobody is banned: who is refused finds
// another neighbour and tries again. It dials only what is an address.
type gate struct {
	most    int64 // members; 0: no bound
	inbound atomic.Int64
	members atomic.Int64 // of inbound
}

func (g *gate) InterceptPeerDial(peer.ID) bool                          { return true }
func (g *gate) InterceptAddrDial(_ peer.ID, a multiaddr.Multiaddr) bool { return dialable(a) }
func (g *gate) InterceptAccept(libnet.ConnMultiaddrs) bool {
	members := g.members.Load()
	return g.most == 0 || members < g.most && g.inbound.Load()-members < maxUnproven
}
func (g *gate) InterceptSecured(libnet.Direction, peer.ID, libnet.ConnMultiaddrs) bool { return true }
func (g *gate) InterceptUpgraded(libnet.Conn) (bool, control.DisconnectReason)         { return true, 0 }
