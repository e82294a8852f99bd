package pubsub

import (
	"context"
	"sync"

	gossip "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
)

// streams is the set of peers to whom we have a stream. Gossipsub may hear of
// a peer's subscription before it has one; what is published then is dropped.
type streams struct {
	mu      sync.Mutex
	open    map[peer.ID]bool // guarded by mu
	changed chan struct{}    // guarded by mu; closed and replaced at every change
}

func newStreams() *streams {
	return &streams{open: make(map[peer.ID]bool), changed: make(chan struct{})}
}

func (s *streams) set(p peer.ID, open bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if open {
		s.open[p] = true
	} else {
		delete(s.open, p)
	}
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *streams) has(p peer.ID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open[p]
}

// next is closed at the next change. Take it before asking has.
func (s *streams) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// watchPeers calls OnPeer.
func (t *Topic) watchPeers(ctx context.Context) {
	events := make(chan gossip.PeerEvent)
	t.running.Go(func() { t.readPeers(ctx, events) })
	told := make(map[peer.ID]bool) // who has joined, and whether OnPeer knows
	for {
		changed := t.router.tracer.streams.next()
		for p, known := range told {
			if !known && t.router.tracer.streams.has(p) {
				told[p] = true
				t.cfg.OnPeer(p, true)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-changed:
		case e := <-events:
			if e.Type == gossip.PeerJoin {
				told[e.Peer] = told[e.Peer] // stays known when it joins again
				continue
			}
			if told[e.Peer] {
				t.cfg.OnPeer(e.Peer, false)
			}
			delete(told, e.Peer)
		}
	}
}

func (t *Topic) readPeers(ctx context.Context, to chan<- gossip.PeerEvent) {
	for {
		e, err := t.peers.NextPeerEvent(ctx)
		if err != nil {
			return
		}
		select {
		case to <- e:
		case <-ctx.Done():
			return
		}
	}
}
