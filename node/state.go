package node

import (
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
)

// digest returns one digest of the three sets, computed again only after a
// change: heartbeats ask for it twice a second for each peer.
func (r *replica) digest() crdt.Hash {
	generation := r.generation.Load()
	if c := r.cached.Load(); c != nil && c.generation == generation {
		return c.digest
	}
	d, _, err := r.sums()
	if err != nil {
		return crdt.Hash{}
	}
	c := &cachedDigest{generation, combined(d)}
	r.cached.Store(c)
	return c.digest
}

type cachedDigest struct {
	generation uint64
	digest     crdt.Hash
}

// share notes which logs are followed by both ends of a link.
func (w *network) share(id peer.ID, logs []logReport) {
	var common []*replica
	for _, l := range logs {
		if r := w.node.replica(l.Log); r != nil && !l.Retired {
			common = append(common, r)
		}
	}
	w.shared.Store(id, common)
}

// sharedWith returns what share noted.
func (w *network) sharedWith(id peer.ID) []*replica {
	common, _ := w.shared.Load(id)
	logs, _ := common.([]*replica)
	return logs
}

// storeName is what we tell peers of our store: its ID, or zeros if it keeps
// nothing.
func (n *Node) storeName() crdt.StoreID {
	if n.cfg.Volatile {
		return crdt.StoreID{}
	}
	return n.store.ID()
}

// noteDurable notes whether a peer's store keeps what it takes, and its name.
func (w *network) noteDurable(id peer.ID, store crdt.StoreID) {
	if store != (crdt.StoreID{}) {
		w.fleeting.Delete(id)
	} else if _, known := w.fleeting.Swap(id, true); !known {
		w.spawn(func() { w.forgetContact(id) })
	}
	w.stores.Store(id, store)
}

// unshare forgets a log that was retired here.
func (w *network) unshare(gone *replica) {
	w.shared.Range(func(id, common any) bool {
		var rest []*replica
		for _, r := range common.([]*replica) {
			if r != gone {
				rest = append(rest, r)
			}
		}
		w.shared.Store(id, rest)
		return true
	})
}

// proved notes a proof of equality. Only a store that keeps things counts as a
// holder (promise 7).
func (w *network) proved(r *replica, id peer.ID, digest crdt.Hash, now time.Time) {
	if _, fleeting := w.fleeting.Load(id); fleeting {
		r.lastHeard.Store(r.node.cfg.Now().UnixMilli())
		return
	}
	r.proved(id.String(), digest, now)
	w.keepHolding(r, id, digest, now)
}
