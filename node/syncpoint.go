package node

import (
	"context"
	"encoding/binary"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// Sync points are kept between runs, one per log and peer. They are hints: a
// lost or a wrong one costs bytes, never an event (rule R12).
const (
	syncPointPrefix = "sync/"
	// maxSince is how many names a sync point may leave to list; beyond, the
	// ladder is cheaper.
	maxSince = 256
)

func syncPointKey(id crdt.LogID, with peer.ID) string {
	return syncPointPrefix + id.String() + "/" + with.String()
}

// loadSyncPoint returns the moment at which we and a peer, whose store has the
// given name, were last proved equal by an exchange; nil if none is of use. last is
// our last arrival.
func (r *replica) loadSyncPoint(with peer.ID, theirs crdt.StoreID, last crdt.Arrival) *recon.SyncPoint {
	b, err := r.node.store.Meta(syncPointKey(r.log.ID(), with))
	if err != nil || len(b) != 2*len(theirs)+16 {
		return nil
	}
	p := &recon.SyncPoint{
		Own: crdt.StoreID(b), Peer: crdt.StoreID(b[16:]),
		OwnArrival: crdt.Arrival(binary.BigEndian.Uint64(b[32:])), PeerArrival: crdt.Arrival(binary.BigEndian.Uint64(b[40:])),
	}
	if p.Own != r.node.store.ID() || p.Peer != theirs || last > p.OwnArrival+maxSince {
		return nil
	}
	entries, err := r.log.Since(p.OwnArrival, maxSince)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		p.Since[e.Set] = append(p.Since[e.Set], recon.NameOf(e.Element))
	}
	return p
}

// keepSyncPoint remembers that own and their arrivals were equal sets.
func (r *replica) keepSyncPoint(ctx context.Context, with peer.ID, theirs crdt.StoreID, own, peers crdt.Arrival) {
	id := r.node.store.ID()
	b := append(append([]byte{}, id[:]...), theirs[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(own))
	b = binary.BigEndian.AppendUint64(b, uint64(peers))
	if err := r.node.store.SetMeta(ctx, syncPointKey(r.log.ID(), with), b); err != nil {
		r.node.cfg.Log.Debug("sync point not kept", "err", err)
	}
}
