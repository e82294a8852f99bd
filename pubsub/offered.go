package pubsub

import (
	gossip "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"
)

// offered bounds how many topics one peer can make us remember. It must keep
// names that we did not join: a peer tells its topics once, and we may follow
// the match later. Beyond the limit, names are passed over; gossipsub's own
// limit discards the whole message and with it the topics we share.
//
// Owned by gossipsub's loop, except CanSubscribe, which reads nothing.
type offered struct {
	topics map[peer.ID]map[string]struct{}
}

var _ gossip.SubscriptionFilter = (*offered)(nil)

func newOffered() *offered { return &offered{topics: make(map[peer.ID]map[string]struct{})} }

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
