package pubsub

import (
	"log/slog"
	"time"

	gossip "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p-pubsub/timecache"
	"github.com/libp2p/go-libp2p/core/peer"
)

const (
	heartbeat = 500 * time.Millisecond
	// queueLength is what each of gossipsub's three queues holds, and then
	// drops: before validation, to each peer, before our reader. As many
	// events of one topic are judged at once, so that a burst which fits the
	// queues is not lost between them when the machine is busy. The reader has
	// one more queue of its own, from which it makes batches.
	queueLength = 1024
	// maxBatch is how many events one Deliver gets at most.
	maxBatch = 256
	// maxTopics of one peer; their names just fit one RPC.
	maxTopics = 1024
	// maxRPC is the largest message between two peers, in bytes.
	maxRPC = 64 << 10
	// seenFor is how long a message counts as a repeat after it was last seen.
	seenFor = 5 * time.Minute
)

func options(cfg Config, tr *tracer) []gossip.Option {
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	log = slog.New(quiet{log.Handler()})
	params := gossip.DefaultGossipSubParams()
	params.HeartbeatInterval = heartbeat
	params.HistoryLength, params.HistoryGossip = 12, 6 // 6 s to ask for what was offered for 3 s
	opts := []gossip.Option{
		gossip.WithLogger(log),
		gossip.WithRPCLogger(log),
		gossip.WithGossipSubParams(params),
		// Without it, what we publish between a peer's SUBSCRIBE and the next
		// heartbeat goes to nobody and is never repaired.
		gossip.WithFloodPublish(true),
		gossip.WithPeerOutboundQueueSize(queueLength),
		gossip.WithValidateQueueSize(queueLength),
		// Events carry their own signature. NoAuthor is needed as well, or
		// each message would still name the peer it started from.
		gossip.WithMessageSignaturePolicy(gossip.StrictNoSign),
		gossip.WithNoAuthor(),
		gossip.WithMessageIdFn(func(m *pb.Message) string { return messageID(m.GetTopic(), m.GetData()) }),
		gossip.WithSeenMessagesTTL(seenFor),
		gossip.WithSeenMessagesStrategy(timecache.Strategy_LastSeen),
		gossip.WithMaxMessageSize(maxRPC),
		gossip.WithSubscriptionFilter(tr.offered),
		gossip.WithPeerFilter(gossip.PeerFilter(tr.offered.member)),
		gossip.WithRawTracer(tr),
		gossip.WithAppSpecificRpcInspector(tr.inspect),
	}
	if cfg.Public {
		opts = append(opts,
			gossip.WithPeerExchange(true),
			gossip.WithPeerScore(publicScore(), publicThresholds()))
	}
	return opts
}

// publicScore punishes two things only: messages that we reject, and abuse of
// the mesh. Quiet matches and families behind one address are normal.
func publicScore() *gossip.PeerScoreParams {
	return &gossip.PeerScoreParams{
		SkipAtomicValidation:        true,
		Topics:                      make(map[string]*gossip.TopicScoreParams),
		AppSpecificScore:            func(peer.ID) float64 { return 0 },
		IPColocationFactorWeight:    -0.1,
		IPColocationFactorThreshold: 64, // a club house or a carrier's NAT
		BehaviourPenaltyWeight:      -1,
		BehaviourPenaltyThreshold:   6,
		BehaviourPenaltyDecay:       gossip.ScoreParameterDecay(time.Minute),
		DecayInterval:               time.Second,
		DecayToZero:                 0.01,
		RetainScore:                 10 * time.Minute,
		SeenMsgTTL:                  seenFor,
	}
}

// publicTopicScore: n rejected messages cost n squared, forgotten in minutes.
func publicTopicScore() *gossip.TopicScoreParams {
	return &gossip.TopicScoreParams{
		SkipAtomicValidation:           true,
		TopicWeight:                    1,
		TimeInMeshQuantum:              time.Second,
		InvalidMessageDeliveriesWeight: -1,
		InvalidMessageDeliveriesDecay:  gossip.ScoreParameterDecay(5 * time.Minute),
	}
}

// publicThresholds: the first rejected message costs the place in the mesh,
// the tenth the right to be heard.
func publicThresholds() *gossip.PeerScoreThresholds {
	return &gossip.PeerScoreThresholds{
		GossipThreshold:   -25,
		PublishThreshold:  -50,
		GraylistThreshold: -80,
		AcceptPXThreshold: 1, // out of reach: a relay tells of peers and dials none it was told of
	}
}
