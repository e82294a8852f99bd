package node

import (
	"context"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
)

// Holdings are kept between runs, one per log: they let a log be given up
// long after everybody who holds it was last seen.
const (
	holdingPrefix = "held/"
	// holdingEvery bounds how often one is written while a match is played. A
	// heartbeat renews proofs every second, so the last state is caught too.
	holdingEvery = time.Minute
)

// holding is a proof of the past: that device's store held all three sets of
// a log with this digest.
type holding struct {
	digest crdt.Hash
	store  crdt.StoreID
	peer   peer.ID
}

func (h holding) encode() []byte {
	b := append(append([]byte{}, h.digest[:]...), h.store[:]...)
	return append(b, h.peer...)
}

func decodeHolding(b []byte) (h holding) {
	n := len(h.digest) + len(h.store)
	if len(b) <= n {
		return holding{}
	}
	return holding{crdt.Hash(b[:len(h.digest)]), crdt.StoreID(b[len(h.digest):n]), peer.ID(b[n:])}
}

// loadHolding returns the last one kept, zero if there is none.
func (n *Node) loadHolding(id crdt.LogID) holding {
	b, _ := n.store.Meta(holdingPrefix + id.String())
	return decodeHolding(b)
}

// keepHolding remembers a proof, unless one was written a moment ago.
func (w *network) keepHolding(r *replica, id peer.ID, digest crdt.Hash, now time.Time) {
	store, known := w.stores.Load(id)
	if !known {
		return
	}
	h := holding{digest, store.(crdt.StoreID), id}
	r.mu.Lock()
	due := r.held != h && now.Sub(r.heldAt) > holdingEvery
	if due {
		r.held, r.heldAt = h, now
	}
	r.mu.Unlock()
	if !due {
		return
	}
	w.spawn(func() {
		if err := w.node.store.SetMeta(context.WithoutCancel(w.ctx), holdingPrefix+r.log.ID().String(), h.encode()); err != nil {
			w.log.Debug("proof not kept", "match", r.log.ID().Short(), "err", err)
		}
	})
}

// noteRetired forgets what a peer proved of a log: it has given it up.
func (w *network) noteRetired(r *replica, id peer.ID) {
	r.mu.Lock()
	delete(r.equal, id.String())
	r.held = holding{}
	r.mu.Unlock()
	if w.node.loadHolding(r.log.ID()).peer != id {
		return
	}
	if err := w.node.store.SetMeta(w.ctx, holdingPrefix+r.log.ID().String(), nil); err != nil {
		w.log.Warn("proof of a retired copy not removed", "match", r.log.ID().Short(), "err", err)
	}
}

// replaced reports whether the device of a holding has told us since that its
// store is another one.
func (w *network) replaced(h holding) bool {
	store, known := w.stores.Load(h.peer)
	return known && store.(crdt.StoreID) != h.store
}
