package node

import (
	"context"
	"fmt"
	"io"
	"time"

	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
)

// beginExchange runs an exchange that the plan asked for.
func (w *network) beginExchange(ctx context.Context, nx next) {
	w.spawn(func() {
		rep, err := w.exchange(ctx, nx.id, nx.why)
		w.post(w.ctx, synced{nx.id, rep, err})
	})
}

// exchange makes common logs equal with one peer and reports what it did.
func (w *network) exchange(ctx context.Context, id peer.ID, why reason) (exchangeReport, error) {
	ctx, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	x, who := newExchange(w, id, true), w.doors.identity(id)
	if wait := w.node.work.begin(time.Now(), who); wait > 0 && why != becauseAsked {
		return exchangeReport{}, fmt.Errorf("reconcile with %s: %w", id, busyError{wait})
	} else if wait == 0 {
		defer func() { w.node.work.end(time.Now(), who, x.cost()) }()
	}
	s, err := w.host.NewStream(ctx, id, syncProtocol)
	if err != nil {
		w.node.counters.syncsFailed.Add(1)
		return exchangeReport{}, fmt.Errorf("reconcile with %s: %w", id, err)
	}
	err = x.run(ctx, s)
	w.log.Debug("reconciled", "peer", id, "why", why, "logs", len(x.report.Logs), "equal", x.report.Equal(),
		"in", x.report.BytesIn, "out", x.report.BytesOut, "err", err)
	return x.report, err
}

// serveExchange answers an exchange that a peer began.
func (w *network) serveExchange(ctx context.Context, s libnet.Stream) {
	ctx, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	x := newExchange(w, s.Conn().RemotePeer(), false)
	who := w.doors.identity(x.peer)
	if wait := w.node.work.begin(time.Now(), who); wait > 0 {
		s.SetWriteDeadline(time.Now().Add(exchangeIdle))
		s.Write(busyFrame(wait))
		s.CloseWrite()
		s.SetReadDeadline(time.Now().Add(exchangeIdle))
		io.Copy(io.Discard, io.LimitReader(s, maxFrame)) // a reset would overtake the frame
		s.Reset()
		w.node.counters.refused.Add(1)
		return
	}
	defer func() { w.node.work.end(time.Now(), who, x.cost()) }()
	w.post(w.ctx, servingSync{x.peer, true})
	defer w.post(w.ctx, servingSync{x.peer, false})
	if err := x.run(ctx, s); err != nil {
		w.log.Debug("exchange not served", "err", err)
		return
	}
	w.post(w.ctx, servedSync{x.peer, x.report})
}
