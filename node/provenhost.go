package node

import (
	"context"

	"github.com/libp2p/go-libp2p/core/host"
	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// provenHost is the host as gossip sees it: streams to and from a peer wait
// until it has proved to be a member, so that strangers do not even learn the
// names of topics.
type provenHost struct {
	host.Host
	doors *doors
}

// NewStream opens a stream on a link that is there.
func (h *provenHost) NewStream(ctx context.Context, id peer.ID, protocols ...protocol.ID) (libnet.Stream, error) {
	wait, cancel := context.WithTimeout(ctx, 2*proofTimeout)
	defer cancel()
	if err := h.doors.await(wait, id); err != nil {
		return nil, err
	}
	return h.Host.NewStream(libnet.WithNoDial(ctx, "a member is connected"), id, protocols...)
}

// SetStreamHandler sets a handler that only members reach.
func (h *provenHost) SetStreamHandler(id protocol.ID, f libnet.StreamHandler) {
	h.Host.SetStreamHandler(id, h.guard(f))
}

// SetStreamHandlerMatch sets a handler that only members reach.
func (h *provenHost) SetStreamHandlerMatch(id protocol.ID, match func(protocol.ID) bool, f libnet.StreamHandler) {
	h.Host.SetStreamHandlerMatch(id, match, h.guard(f))
}

func (h *provenHost) guard(f libnet.StreamHandler) libnet.StreamHandler {
	return func(s libnet.Stream) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*proofTimeout)
		err := h.doors.await(ctx, s.Conn().RemotePeer())
		cancel()
		if err != nil {
			s.Reset()
			return
		}
		f(s)
	}
}
