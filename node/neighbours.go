package node

import (
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
)

// On a LAN with many matches a node has far fewer links than there are devices,
// and all of them may be to followers of one of its matches. So a node counts, for
// each log that it follows live, the neighbours that do, too. While one has
// fewer than wantSharing for some time, the node looks further: it dials up to
// lonelyDegree and then gives up links that it does not need for untried peers.
const (
	wantSharing  = 3
	lonelyDegree = 16
	lonelyAfter  = 3 * time.Second        // so long new neighbours take to say what they follow
	mindEvery    = 500 * time.Millisecond // between two looks at the neighbours
	roomEvery    = time.Second            // between two links given up
	avoidFor     = 10 * time.Minute       // a peer whose link was given up is not dialled again
)

// mind looks at the neighbours; at most one link is given up.
func (w *network) mind(now time.Time) {
	if now.Sub(w.minded) < mindEvery {
		return
	}
	w.minded = now
	sharing := w.sharing()
	if w.enough(sharing) {
		w.enoughAt = now
	}
	w.book.lonely = now.Sub(w.enoughAt) > lonelyAfter
	if !w.book.lonely || w.book.degree() < lonelyDegree || now.Sub(w.madeRoom) < roomEvery {
		return
	}
	if id, ok := w.unneeded(sharing); ok {
		w.log.Debug("link given up", "peer", id)
		w.madeRoom = now
		w.book.avoid(now, id)
		w.spawn(func() { w.host.Network().ClosePeer(id) })
	}
}

// enough reports whether each log that we follow live has neighbours enough.
func (w *network) enough(sharing map[crdt.LogID]int) bool {
	return !slices.ContainsFunc(w.node.liveReplicas(), func(r *replica) bool { return sharing[r.log.ID()] < wantSharing })
}

// sharing counts neighbours by the logs that both ends follow live.
func (w *network) sharing() map[crdt.LogID]int {
	n := map[crdt.LogID]int{}
	for _, link := range w.links {
		for id := range link.logs {
			if !link.resting[id] {
				n[id]++
			}
		}
	}
	return n
}

// unneeded returns a neighbour without whom all our logs have neighbours
// enough. Whom the user gave, and who has not said yet what it follows, stays.
func (w *network) unneeded(sharing map[crdt.LogID]int) (peer.ID, bool) {
	for id, link := range w.links {
		if c := w.book.peers[id]; link.lastOK.IsZero() || c == nil || c.keep {
			continue
		}
		needed := false
		for log := range link.logs {
			needed = needed || sharing[log] <= wantSharing
		}
		if !needed {
			return id, true
		}
	}
	return "", false
}
