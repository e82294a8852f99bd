package node

import (
	"context"
	"time"

	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
)

// dialTimeout bounds one attempt on a peer.
const dialTimeout = 3 * time.Second

// dial tries to reach a peer and posts how it went.
func (w *network) dial(ctx context.Context, info peer.AddrInfo) {
	w.node.counters.dials.Add(1)
	w.spawn(func() {
		ctx, cancel := context.WithTimeout(ctx, dialTimeout)
		defer cancel()
		// libp2p's own back-off would hold us off for longer than a LAN outage.
		if sw, ok := w.host.Network().(interface{ Backoff() *swarm.DialBackoff }); ok {
			sw.Backoff().Clear(info.ID)
		}
		err := w.host.Connect(libnet.WithDialPeerTimeout(ctx, dialTimeout), info)
		if err != nil {
			w.node.counters.dialsFailed.Add(1)
		}
		w.post(w.ctx, dialled{info.ID, err})
	})
}
