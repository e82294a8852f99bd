package node

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
	"github.com/libp2p/go-libp2p/p2p/protocol/identify"
	"github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"

	"touchline.dev/touchline/crdt/access"
)

// serviceName is what mDNS announces: neither club nor match nor product.
const serviceName = "_n2n._udp"

const contactPrefix = "contact/"

// remembered is how a peer is kept between runs.
type remembered struct {
	Addrs []string `json:"addrs"`
	Seen  int64    `json:"seen"` // unix seconds
}

// discover announces and listens on the local network until ctx is done. The
// service is made anew when our addresses change, since it announces those it
// had at its start, and once a minute while neighbours lack, since it reports a
// peer only once. On a large LAN everybody answering everybody would starve
// the devices: nodes with neighbours enough take turns, so that about answerers
// of them are there for a newcomer.
func (w *network) discover(ctx context.Context) {
	addrs := interfaceAddrs()
	stop := w.announce()
	defer func() { stop() }()
	poll := time.NewTicker(addressPoll)
	defer poll.Stop()
	began, share := time.Now(), jitter()
	for {
		select {
		case <-ctx.Done():
			return
		case <-poll.C:
		}
		now := interfaceAddrs()
		changed := now != addrs
		content := len(w.host.Network().Peers()) >= wantDegree
		if !changed && time.Since(began) < time.Duration(share*float64(mdnsTurn(content))) {
			continue
		}
		addrs, began, share = now, time.Now(), jitter()
		stop()
		stop = func() {}
		if changed || !content || rand.Float64() < w.turnShare() {
			stop = w.announce()
		}
		if changed {
			w.log.Info("addresses changed", "addrs", addrs)
			w.post(ctx, readdressed{})
		}
	}
}

// jitter is a factor between a half and one and a half: many devices that begin
// or end together would make a burst of multicast, since each tells all.
func jitter() float64 { return 0.5 + rand.Float64() }

// mdnsTurn is about how long the service goes on, or pauses, before it is looked at.
func mdnsTurn(content bool) time.Duration {
	if content {
		return mdnsRestart / 2
	}
	return mdnsRestart
}

// turnShare is the part of the time in which a node with neighbours enough
// answers newcomers.
func (w *network) turnShare() float64 {
	return answerers / float64(max(1, len(w.host.Peerstore().Peers())))
}

// announce starts mDNS and returns how to stop it. Without an interface it
// starts nothing; the next change of addresses tries again.
func (w *network) announce() (stop func()) {
	if w.node.cfg.NoMDNS {
		return func() {}
	}
	service := mdns.NewMdnsService(announcedHost{w.host}, serviceName, w)
	if err := service.Start(); err != nil {
		w.log.Warn("no discovery on this network", "err", err)
		return func() {}
	}
	return func() { service.Close() }
}

// HandlePeerFound is called by mDNS for everyone it hears, ourselves included.
// What it says is unauthenticated: only addresses on local networks are taken.
func (w *network) HandlePeerFound(info peer.AddrInfo) {
	info.Addrs = onLAN(info.Addrs)
	if info.ID != w.host.ID() && len(info.Addrs) > 0 {
		w.spawn(func() { w.post(w.ctx, found{info, fromMDNS}) })
	}
}

// given enters the peers named by flags and invites.
func (w *network) given(now time.Time) error {
	for from, list := range map[source][]string{fromFlag: w.node.cfg.Peers, fromRelayFlag: w.node.cfg.Relays} {
		for _, s := range list {
			info, err := peer.AddrInfoFromString(s)
			if err != nil {
				return err // Config.Check has looked before
			}
			w.book.found(now, *info, from)
		}
	}
	for _, m := range w.node.Members() {
		for _, info := range invited(m) {
			w.book.found(now, info, fromInvite)
		}
	}
	return nil
}

// invited are the peers that a membership's invite named.
func invited(m *access.Member) (out []peer.AddrInfo) {
	for _, s := range m.Peers {
		if info, err := peer.AddrInfoFromString(s); err == nil {
			out = append(out, *info)
		}
	}
	return out
}

// remember enters the peers of earlier runs.
func (w *network) remember(now time.Time) {
	keys, err := w.node.store.MetaKeys(contactPrefix)
	if err != nil {
		return
	}
	for _, k := range keys {
		id, err := peer.Decode(strings.TrimPrefix(k, contactPrefix))
		if err != nil {
			continue
		}
		b, err := w.node.store.Meta(k)
		if err != nil {
			continue
		}
		var r remembered
		if json.Unmarshal(b, &r) != nil {
			continue
		}
		info := peer.AddrInfo{ID: id}
		for _, s := range r.Addrs {
			if a, err := multiaddr.NewMultiaddr(s); err == nil {
				info.Addrs = append(info.Addrs, a)
			}
		}
		w.book.found(now, info, fromMemory)
	}
}

// keepContact waits until a connected peer has told its addresses, then lets
// the dial book know them and remembers them for the next run.
func (w *network) keepContact(ctx context.Context, id peer.ID) {
	conns := w.host.Network().ConnsToPeer(id)
	ids, ok := w.host.(interface{ IDService() identify.IDService })
	if !ok || len(conns) == 0 {
		return
	}
	select {
	case <-ids.IDService().IdentifyWait(conns[0]):
	case <-ctx.Done():
		return
	}
	addrs := heard(w.host.Peerstore().Addrs(id), conns[0].RemoteMultiaddr())
	if len(addrs) == 0 {
		return
	}
	w.post(ctx, found{peer.AddrInfo{ID: id, Addrs: addrs}, fromConnection})
	if _, fleeting := w.fleeting.Load(id); fleeting {
		return
	}
	r := remembered{Seen: time.Now().Unix()}
	for _, a := range addrs[:min(len(addrs), 16)] {
		r.Addrs = append(r.Addrs, a.String())
	}
	b, err := json.Marshal(r)
	if err == nil {
		err = w.node.store.SetMeta(ctx, contactPrefix+id.String(), b)
	}
	if err != nil {
		w.log.Debug("peer not remembered", "peer", id, "err", err)
	}
}

// forgetContact takes back what keepContact remembered.
func (w *network) forgetContact(id peer.ID) {
	if err := w.node.store.SetMeta(w.ctx, contactPrefix+id.String(), nil); err != nil {
		w.log.Debug("peer not forgotten", "peer", id, "err", err)
	}
}

// shareable are addresses of ours worth putting into an invite.
func (w *network) shareable() (out []string) {
	for _, a := range w.host.Addrs() {
		if !manet.IsIPLoopback(a) && !manet.IsIP6LinkLocal(a) && len(out) < 4 {
			out = append(out, a.String()+"/p2p/"+w.host.ID().String())
		}
	}
	return out
}

func interfaceAddrs() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	var out []string
	for _, a := range addrs {
		out = append(out, a.String())
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}
