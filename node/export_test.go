package node

import (
	"context"
	"maps"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// IsLive reports whether a log is followed live.
func (n *Node) IsLive(id crdt.LogID) bool { return n.isLive(id) }

// IndexLive fills the indexes of all live logs, as peers would have it done.
func (n *Node) IndexLive() error {
	for _, r := range n.liveReplicas() {
		if err := r.load(); err != nil {
			return err
		}
	}
	return nil
}

// PublishRaw publishes an event that this device would not take itself.
func (n *Node) PublishRaw(id crdt.LogID, e *crdt.Event) { n.replica(id).publish(e) }

// SendRaw publishes bytes that are no event, or not one for this log.
func (n *Node) SendRaw(id crdt.LogID, b []byte) {
	n.replica(id).topic.Load().Send(context.Background(), b)
}

// Rejected counts what came live and was refused, by reason.
func (n *Node) Rejected() map[string]uint64 {
	by := n.net.Load().router.Counters().Rejected
	maps.DeleteFunc(by, func(_ string, n uint64) bool { return n == 0 })
	return by
}

// TopicPeers is how many others are on a log's topic and can be sent to.
func (n *Node) TopicPeers(id crdt.LogID) int {
	t := n.replica(id).topic.Load()
	if t == nil {
		return 0
	}
	return len(t.Peers())
}

// Heads are the present epochs of an audience.
func (n *Node) Heads(id crdt.LogID, a access.Audience) []crdt.Hash {
	return n.replica(id).control.Heads(a)
}

// IndexCounts is how many names reconciliation knows in each set.
func (n *Node) IndexCounts(id crdt.LogID) (counts [crdt.NumSets]uint64, err error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return counts, err
	}
	if err := r.load(); err != nil {
		return counts, err
	}
	r.indexMu.Lock()
	defer r.indexMu.Unlock()
	for i, x := range r.index {
		counts[i] = uint64(x.Snapshot().Len())
	}
	return counts, nil
}

// Take makes a node take so many events of one device at once, and so many a second,
// by gossip, of clients and by reconciliation each. Before it runs.
func (n *Node) Take(burst, perSecond float64) {
	enrolments, device := newBudget(enrolling), allowance{burst: burst, rate: perSecond}
	n.gossip = newRates(device, gossipInvite, enrolments)
	n.clients = newRates(device, clientInvite, enrolments)
	n.bulk = newRates(device, bulkInvite, enrolments)
}

// JudgeLive judges what gossip brought on a log's topic.
func (n *Node) JudgeLive(id crdt.LogID, b []byte) error {
	_, err := n.judgeLive(n.replica(id), b)
	return err
}
