package node

import (
	"context"
	"errors"
	"fmt"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/pubsub"
)

// subscribe joins the live topic of a replica. Gossip is a hint: what it
// brings is committed by the same path as everything else, and what it drops
// comes by reconciliation.
func (w *network) subscribe(r *replica) error {
	if r.topic.Load() != nil {
		return nil
	}
	t, err := w.router.Join(r.membership().TopicSecret, pubsub.TopicConfig{
		Judge:   func(b []byte) (*crdt.Event, error) { return w.node.judgeLive(r, b) },
		Reject:  func(from peer.ID) { w.offend(from, r.log.ID(), 1) },
		Deliver: func(ctx context.Context, _ []peer.ID, events []*crdt.Event) { w.deliverLive(ctx, events) },
		Waiting: func(from peer.ID, e *crdt.Event) {
			w.spawn(func() {
				r.log.Admit(w.ctx, w.deliverer(from, r.log.ID()), e.Envelope())
				w.post(w.ctx, asked{from, becauseNoGrant})
			})
		},
		OnPeer: func(id peer.ID, joined bool) {
			if joined {
				w.spawn(func() { w.post(w.ctx, asked{id, becauseSubscribed}) })
			}
		},
	})
	if err != nil {
		return fmt.Errorf("subscribe to match %s: %w", r.log.ID().Short(), err)
	}
	r.topic.Store(t)
	return nil
}

// deliver commits what gossip brought, in one group.
func (w *network) deliver(ctx context.Context, r *replica, events []*crdt.Event) {
	r.lastHeard.Store(w.node.cfg.Now().UnixMilli())
	for _, o := range r.log.Commit(ctx, "", events...) {
		if o.Err != nil && !errors.Is(o.Err, crdt.ErrGone) {
			w.node.counters.refused.Add(1)
			w.log.Warn("live event not stored", "match", r.log.ID().Short(), "err", o.Err)
		}
	}
}
