package pubsub_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"touchline.dev/touchline/pubsub"
)

// The host stays open, and so does the peer: what ends is gossipsub alone.
func TestCloseLeavesNoGoroutine(t *testing.T) {
	peer := newMember(t, pubsub.Config{})
	peer.join(t)
	host := newHost(t)
	connect(t, host, peer.host)
	before := goleak.IgnoreCurrent()

	m := newMember(t, pubsub.Config{Public: true})
	m.join(t)
	connect(t, m.host, peer.host)
	m.untilPeer(t, peer)
	peer.untilPeer(t, m)
	e := event(t, 1, granted)
	m.publish(t, e)
	peer.until(t, "an event", func() bool { return peer.got[e.Hash] == 1 })
	m.router.Close()
	if err := m.topic.Publish(t.Context(), event(t, 2, granted)); !errors.Is(err, pubsub.ErrClosed) {
		t.Errorf("publish after close: %v", err)
	}
	if _, err := m.router.Join(secret, m.config()); !errors.Is(err, pubsub.ErrClosed) {
		t.Errorf("join after close: %v", err)
	}
	m.router.Close() // again
	peer.until(t, "the member's leaving", func() bool { return !peer.peers[m.host.ID()] })

	// While the connection lives, nothing of gossipsub may be left on our side.
	m.until(t, "gossipsub's streams to end", func() bool {
		for _, c := range m.host.Network().Conns() {
			for _, s := range c.GetStreams() {
				if strings.Contains(string(s.Protocol()), "sub") {
					return false
				}
			}
		}
		return true
	})
	m.host.Close()
	m.until(t, "goroutines to end", func() bool { return goleak.Find(before) == nil }) // more patient than goleak
	goleak.VerifyNone(t, before)
}

// What was accepted before Close is delivered before Close returns.
func TestCloseDeliversWhatIsQueued(t *testing.T) {
	a, b := newMember(t, pubsub.Config{}), newMember(t, pubsub.Config{})
	a.join(t)
	cfg, gate := gated(b)
	b.joinWith(t, cfg)
	connect(t, a.host, b.host)
	a.untilPeer(t, b)
	all := events(t, 0, 500)
	a.publish(t, all...)
	b.until(t, "all events to be queued", func() bool {
		return b.router.Counters().Delivered+uint64(b.topic.Queued()) == uint64(len(all)) // Deliver has some and waits
	})
	time.AfterFunc(50*time.Millisecond, func() { close(gate) })
	if err := b.topic.Close(); err != nil {
		t.Fatal(err)
	}
	if d := b.router.Counters().Delivered; d != uint64(len(b.got)) || len(b.got) != len(all) {
		t.Errorf("%d events delivered, callbacks saw %d, want %d", d, len(b.got), len(all))
	}
	if err := b.topic.Close(); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

// A match can be followed again; the peer hears of it both times.
func TestJoinAgain(t *testing.T) {
	a, b := pair(t)
	if _, err := b.router.Join(secret, b.config()); err == nil {
		t.Error("joined twice")
	}
	if err := b.topic.Close(); err != nil {
		t.Fatal(err)
	}
	a.until(t, "b to leave", func() bool { return !a.peers[b.host.ID()] })
	b.join(t)
	a.untilPeer(t, b)
	if got := a.topic.Peers(); len(got) != 1 || got[0] != b.host.ID() {
		t.Errorf("peers: %v", got)
	}
	e := event(t, 1, granted)
	a.publish(t, e)
	b.until(t, "an event", func() bool { return b.got[e.Hash] == 1 })
}

// Ending the context must not hang Close.
func TestContextEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	r, err := pubsub.New(ctx, newHost(t), pubsub.Config{OnDrop: func(string, string) {}})
	if err != nil {
		t.Fatal(err)
	}
	m := &member{}
	topic, err := r.Join(secret, m.config())
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := topic.Publish(t.Context(), event(t, 1, granted)); !errors.Is(err, pubsub.ErrClosed) {
		t.Errorf("publish: %v", err)
	}
	r.Close()
}
