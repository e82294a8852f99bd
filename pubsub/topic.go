package pubsub

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	gossip "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
)

// TopicConfig says what becomes of a topic's events.
type TopicConfig struct {
	// Judge says whether an envelope may be a member now: [crdt.Log.Judge].
	// It is called from many goroutines and must touch neither disk nor
	// network. A nil event without an error is forwarded and not delivered. Our
	// own events are not judged again. Required.
	Judge func(envelope []byte) (*crdt.Event, error)

	// Deliver gets judged events with the peer each came from, 1 to 256 at a
	// time: what is queued, so that a burst is few commits. The slices are the
	// callee's. While it runs, 2048 events queue; more are dropped and
	// reported. ctx is done when the router's is. Required.
	Deliver func(ctx context.Context, from []peer.ID, events []*crdt.Event)

	// Waiting gets events that Judge refused with [crdt.ErrNoGrant]. It is
	// never called together with Deliver; up to 256 events queue for it. They
	// were not forwarded: publish them when their grant has come. May be nil.
	Waiting func(from peer.ID, e *crdt.Event)

	// Reject is told who sent what was rejected: a peer that does not judge what
	// it forwards. It is called from many goroutines and must not block. May be nil.
	Reject func(from peer.ID)

	// OnPeer is told, from one goroutine, who else has joined the topic and
	// can be sent to, or has left it, beginning with those who are there. May
	// be nil.
	OnPeer func(p peer.ID, joined bool)
}

// Topic is a joined topic.
type Topic struct {
	name   string                    // immutable
	router *Router                   // immutable
	sealer *sealer                   // immutable
	cfg    TopicConfig               // immutable
	gossip *gossip.Topic             // immutable
	sub    *gossip.Subscription      // immutable
	peers  *gossip.TopicEventHandler // immutable

	queue   chan received // judged, for Deliver; closed by pump
	waiting chan received // judged, for Waiting; never closed

	closed    atomic.Bool
	closeOnce sync.Once
	closeErr  error              // written within closeOnce
	stopPeers context.CancelFunc // ends watchPeers
	running   sync.WaitGroup     // pump, read, watchPeers and its helper
}

type received struct {
	from  peer.ID
	event *crdt.Event
}

// join sets up everything before it subscribes, because gossipsub lets through
// unjudged what comes on a topic without a validator.
func join(r *Router, name string, s *sealer, cfg TopicConfig) (_ *Topic, err error) {
	if cfg.Judge == nil || cfg.Deliver == nil {
		return nil, errors.New("Judge and Deliver are required")
	}
	t := &Topic{name: name, router: r, sealer: s, cfg: cfg, queue: make(chan received, queueLength), waiting: make(chan received, maxBatch)}
	if t.gossip, err = r.gossip.Join(name); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			t.abandon()
		}
	}()
	if r.public {
		if err := t.gossip.SetScoreParams(publicTopicScore()); err != nil {
			return nil, err
		}
	}
	// No timeout: Judge is pure and could not be stopped by one. All it would
	// do is lose, uncounted, what a busy machine starts to judge late.
	err = r.gossip.RegisterTopicValidator(name, t.validate, gossip.WithValidatorConcurrency(queueLength))
	if err != nil {
		return nil, err
	}
	if t.peers, err = t.gossip.EventHandler(); err != nil {
		return nil, err
	}
	notOurs := func(m *gossip.Message) bool { return m.ReceivedFrom != r.host.ID() }
	if t.sub, err = t.gossip.Subscribe(gossip.WithBufferSize(queueLength), gossip.WithMessageFilter(notOurs)); err != nil {
		return nil, err
	}
	var peersCtx context.Context
	peersCtx, t.stopPeers = context.WithCancel(r.ctx)
	t.running.Go(func() { t.pump(r.ctx) })
	t.running.Go(func() { t.read(r.ctx) })
	if cfg.OnPeer != nil {
		t.running.Go(func() { t.watchPeers(peersCtx) })
	}
	return t, nil
}

// Name is the name the topic was joined under.
func (t *Topic) Name() string { return t.name }

// Publish sends an event that is durable here to the topic's peers. It is not
// delivered to ourselves. Publishing it again within five minutes does nothing.
// Nil means that gossipsub took it, not that anyone has it.
func (t *Topic) Publish(ctx context.Context, e *crdt.Event) error {
	return t.publish(ctx, e.Envelope())
}

// Send is [Topic.Publish] for what is no envelope, for Judge to tell apart.
func (t *Topic) Send(ctx context.Context, message []byte) error { return t.publish(ctx, message) }

func (t *Topic) publish(ctx context.Context, envelope []byte) error {
	// Gossipsub may still take what it will never send when its context is done.
	if t.closed.Load() || t.router.ctx.Err() != nil {
		return ErrClosed
	}
	// Gossipsub would drop a long message in silence.
	if len(envelope) > crdt.MaxEvent {
		return fmt.Errorf("publish %d bytes: %w", len(envelope), crdt.ErrTooLarge)
	}
	if err := t.gossip.Publish(ctx, t.sealer.seal(envelope)); err != nil {
		if errors.Is(err, gossip.ErrTopicClosed) || t.router.ctx.Err() != nil {
			return ErrClosed
		}
		return fmt.Errorf("publish: %w", err)
	}
	t.router.tracer.counters.published.Add(1)
	return nil
}

// Peers lists who else has joined the topic and is connected to us.
func (t *Topic) Peers() []peer.ID { return t.gossip.ListPeers() }

// Close leaves the topic. It returns when what was queued has been delivered
// and no callback runs any more. Closing again returns the same.
func (t *Topic) Close() error {
	t.closeOnce.Do(func() {
		t.closed.Store(true)
		t.sub.Cancel()
		t.stopPeers()
		t.running.Wait()
		t.closeErr = t.abandon()
		t.router.forget(t)
	})
	return t.closeErr
}

// abandon undoes what join did, but for the goroutines and the subscription.
func (t *Topic) abandon() error {
	if t.peers != nil {
		t.peers.Cancel()
	}
	noValidator := t.router.gossip.UnregisterTopicValidator(t.name)
	err := t.gossip.Close()
	if t.router.ctx.Err() != nil {
		return nil // gossipsub is gone, and the topic with it
	}
	if err := errors.Join(noValidator, err); err != nil {
		return fmt.Errorf("close topic %s: %w", t.name, err)
	}
	return nil
}

// pump moves accepted events to where read can see how many there are.
func (t *Topic) pump(ctx context.Context) {
	defer close(t.queue)
	for {
		m, err := t.sub.Next(ctx)
		if err != nil {
			return
		}
		if e := m.ValidatorData.(*crdt.Event); e != nil {
			t.queue <- received{m.ReceivedFrom, e} // read never stops before the queue is closed
		}
	}
}

// read calls Deliver and Waiting until the queue is closed.
func (t *Topic) read(ctx context.Context) {
	for {
		select {
		case in, open := <-t.queue:
			if !open {
				return
			}
			t.deliver(ctx, in)
		case in := <-t.waiting:
			t.cfg.Waiting(in.from, in.event)
		}
	}
}

// deliver delivers first and what is queued behind it.
func (t *Topic) deliver(ctx context.Context, first received) {
	from, events := []peer.ID{first.from}, []*crdt.Event{first.event}
	for range min(len(t.queue), maxBatch-1) { // nobody else receives from it
		in := <-t.queue
		from, events = append(from, in.from), append(events, in.event)
	}
	t.router.tracer.counters.delivered.Add(uint64(len(events)))
	t.cfg.Deliver(ctx, from, events)
}
