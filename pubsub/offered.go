package pubsub

import (
	gossip "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
)

// offered passes over topics that a peer is no member of, and bounds how many
// one peer can make us remember. Beyond the limit, names are passed over; gossipsub's own
// limit discards the whole message and with it the topics we share.
//
// Owned by gossipsub's loop, except CanSubscribe, which reads nothing.
type offered struct {
	topics map[peer.ID]map[string]struct{}
	member func(peer.ID, string) bool // immutable
}

var _ gossip.SubscriptionFilter = (*offered)(nil)

func newOffered(member func(peer.ID, string) bool) *offered {
	return &offered{topics: make(map[peer.ID]map[string]struct{}), member: member}
}

// CanSubscribe implements gossip.SubscriptionFilter.
func (o *offered) CanSubscribe(topic string) bool { return isTopicName(topic) }

// FilterIncomingSubscriptions implements gossip.SubscriptionFilter.
func (o *offered) FilterIncomingSubscriptions(from peer.ID, subs []*pb.RPC_SubOpts) ([]*pb.RPC_SubOpts, error) {
	known := o.topics[from]
	if known == nil {
		known = make(map[string]struct{})
		o.topics[from] = known
	}
	var kept []*pb.RPC_SubOpts
	for _, s := range gossip.FilterSubscriptions(subs, isTopicName) {
		topic := s.GetTopicid()
		if s.GetSubscribe() && !o.member(from, topic) {
			continue // gossipsub's flooding asks nobody else
		}
		if _, again := known[topic]; s.GetSubscribe() && !again && len(known) >= maxTopics {
			continue
		}
		if s.GetSubscribe() {
			known[topic] = struct{}{}
		} else {
			delete(known, topic)
		}
		kept = append(kept, s)
	}
	return kept, nil
}

// forget is called when the peer's stream has gone and gossipsub forgot its topics.
func (o *offered) forget(p peer.ID) { delete(o.topics, p) }
