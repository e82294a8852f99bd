package pubsub

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	gossip "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
)

// ErrClosed is returned after [Router.Close] or [Topic.Close].
var ErrClosed = errors.New("topic is closed")

// Config is passed to [New] and never changed after.
type Config struct {
	// Log hears from gossipsub. If nil, nobody does.
	Log *slog.Logger
	// Public is for a relay that anyone may connect to: peers are scored, and
	// those beyond the mesh are told of others. On a LAN it is false.
	Public bool
	// Member says whether a peer may take part in a topic. Others' messages are
	// ignored and their subscriptions passed over; a peer tells its topics once
	// a connection, so what is passed over stays so until the next. It must not
	// block. If nil, everybody may.
	Member func(p peer.ID, topic string) bool
	// OnDrop is told that events were lost in a queue of ours, so that the
	// node reconciles. topic is empty when it is not known. Repeats within
	// 250 ms are told once; all calls come from one goroutine. If nil, drops
	// are only counted.
	OnDrop func(topic, reason string)
}

// Router is a host's gossipsub.
type Router struct {
	ctx      context.Context            // immutable
	cancel   context.CancelFunc         // immutable
	host     host.Host                  // immutable
	public   bool                       // immutable
	member   func(peer.ID, string) bool // immutable
	gossip   *gossip.PubSub             // immutable
	tracer   *tracer                    // immutable
	reporter sync.WaitGroup             // the goroutine that calls OnDrop

	mu     sync.Mutex
	topics map[string]*Topic // guarded by mu
	closed bool              // guarded by mu
}

// New starts gossipsub on h. It lives until [Router.Close]; ctx may end it
// earlier, but only Close waits until all is quiet.
func New(ctx context.Context, h host.Host, cfg Config) (*Router, error) {
	return newRouter(ctx, h, cfg)
}

func newRouter(ctx context.Context, h host.Host, cfg Config, more ...gossip.Option) (*Router, error) {
	ctx, cancel := context.WithCancel(ctx)
	if cfg.Member == nil {
		cfg.Member = func(peer.ID, string) bool { return true }
	}
	r := &Router{ctx: ctx, cancel: cancel, host: h, public: cfg.Public, member: cfg.Member, tracer: newTracer(cfg.Member), topics: make(map[string]*Topic)}
	ps, err := gossip.NewGossipSub(ctx, h, append(options(cfg, r.tracer), more...)...)
	if err != nil {
		cancel()
		return nil, fmt.Errorf("start gossipsub: %w", err)
	}
	r.gossip = ps
	if cfg.OnDrop != nil {
		r.reporter.Go(func() { r.tracer.drops.run(ctx, cfg.OnDrop) })
	}
	return r, nil
}

// Join subscribes to the topic of a topic secret, under its [TopicName].
func (r *Router) Join(topicSecret []byte, cfg TopicConfig) (*Topic, error) {
	name := TopicName(topicSecret)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed || r.ctx.Err() != nil:
		return nil, ErrClosed
	case len(r.topics) >= maxTopics:
		return nil, fmt.Errorf("join: %d topics are joined already", maxTopics)
	case r.topics[name] != nil:
		return nil, fmt.Errorf("join %s: joined already", name)
	}
	t, err := join(r, name, newSealer(topicSecret), cfg)
	if err != nil {
		return nil, fmt.Errorf("join %s: %w", name, err)
	}
	r.topics[name] = t
	return t, nil
}

// Counters returns what was counted so far.
func (r *Router) Counters() Counters { return r.tracer.counters.snapshot() }

// Close leaves all topics, as [Topic.Close] does, and ends gossipsub. The host
// stays open.
func (r *Router) Close() {
	r.mu.Lock()
	r.closed = true
	topics := make([]*Topic, 0, len(r.topics))
	for _, t := range r.topics {
		topics = append(topics, t)
	}
	r.mu.Unlock()
	for _, t := range topics {
		t.Close() //nolint:errcheck // gossipsub goes as a whole
	}
	r.cancel()
	r.reporter.Wait()
	r.hangUp()
}

// hangUp frees gossipsub's goroutines that wait for a peer to say something;
// cancelling its context does not.
func (r *Router) hangUp() {
	for _, id := range gossip.GossipSubDefaultProtocols {
		r.host.RemoveStreamHandler(id)
	}
	for _, conn := range r.host.Network().Conns() {
		for _, s := range conn.GetStreams() {
			if slices.Contains(gossip.GossipSubDefaultProtocols, s.Protocol()) {
				s.Reset() //nolint:errcheck // gone is what it should be
			}
		}
	}
}

func (r *Router) forget(t *Topic) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.topics, t.name)
}
