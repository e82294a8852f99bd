package node

import (
	"context"
	"errors"
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

// failedDial notes a failed dial. That another device answers at an address that
// the user gave is a mistake which no waiting mends, so it is said once.
func (w *network) failedDial(now time.Time, in dialled) {
	why, other := dialTrouble(in.err)
	if c := w.book.peers[in.id]; other != "" && c != nil && c.keep && c.lastError != why {
		w.log.Warn("wrong address", "peer", in.id, "why", why)
	}
	w.book.failed(now, in.id, errors.New(why))
}
