package pubsub

import (
	"time"

	gossip "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
)

// tracer hears from gossipsub what it would otherwise do in silence. It is
// called within gossipsub's own loops and never waits.
type tracer struct {
	counters *counters
	drops    *drops
	offered  *offered
	floods   *floods
	streams  *streams
}

var _ gossip.RawTracer = (*tracer)(nil)

func newTracer(member func(peer.ID, string) bool) *tracer {
	return &tracer{counters: newCounters(), drops: newDrops(), offered: newOffered(member), floods: newFloods(), streams: newStreams()}
}

func (t *tracer) lost(topic, reason string) {
	t.counters.dropped.add(reason)
	t.drops.add(topic, reason)
}

// DropRPC: a peer reads more slowly than we write, or is gone.
func (t *tracer) DropRPC(rpc *gossip.RPC, _ peer.ID) {
	for _, m := range rpc.GetPublish() {
		t.lost(m.GetTopic(), DropOutbound)
	}
	if len(rpc.GetPublish()) > 0 {
		return
	}
	// Gossipsub sends subscriptions, grafts and prunes again by itself; offers
	// of and requests for messages it does not.
	if c := rpc.GetControl(); len(c.GetIhave())+len(c.GetIwant()) > 0 {
		t.lost("", DropControl)
	} else {
		t.counters.dropped.add(DropControl)
	}
}

// RejectMessage: what our validators rejected or ignored they counted.
func (t *tracer) RejectMessage(m *gossip.Message, reason string) {
	switch reason {
	case gossip.RejectValidationQueueFull:
		t.lost(m.GetTopic(), DropValidate)
	case gossip.RejectValidationThrottled:
		t.lost(m.GetTopic(), DropThrottled)
	case gossip.RejectUnexpectedSignature, gossip.RejectUnexpectedAuthInfo:
		t.counters.rejected.add(RejectAuthor)
	}
}

// UndeliverableMessage: the buffer before [Topic.pump] is full.
func (t *tracer) UndeliverableMessage(m *gossip.Message) { t.lost(m.GetTopic(), DropReader) }

func (t *tracer) DuplicateMessage(*gossip.Message) { t.counters.duplicates.Add(1) }

func (t *tracer) OnNewOutboundStream(p peer.ID, _ protocol.ID) { t.streams.set(p, true) }

func (t *tracer) OnClosedOutboundStream(p peer.ID) {
	t.offered.forget(p)
	t.floods.forget(p)
	t.streams.set(p, false)
}

func (t *tracer) Join(string)                                          {}
func (t *tracer) Leave(string)                                         {}
func (t *tracer) Graft(peer.ID, string)                                {}
func (t *tracer) Prune(peer.ID, string)                                {}
func (t *tracer) ValidateMessage(*gossip.Message)                      {}
func (t *tracer) DeliverMessage(*gossip.Message)                       {}
func (t *tracer) ThrottlePeer(peer.ID)                                 {}
func (t *tracer) RecvRPC(*gossip.RPC)                                  {}
func (t *tracer) SendRPC(*gossip.RPC, peer.ID)                         {}
func (t *tracer) SendRPCCompleted(*gossip.RPC, peer.ID, time.Duration) {}
