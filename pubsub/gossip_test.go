package pubsub_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/pubsub"
)

// pair is two members of a topic who know each other.
func pair(t *testing.T) (a, b *member) {
	t.Helper()
	a, b = newMember(t, pubsub.Config{}), newMember(t, pubsub.Config{})
	a.join(t)
	b.join(t)
	connect(t, a.host, b.host)
	a.untilPeer(t, b)
	b.untilPeer(t, a)
	return a, b
}

// go-libp2p-pubsub#675: until the next heartbeat a peer whose subscription has
// just been seen is in nobody's mesh, and what is published then is not
// repaired. Red without WithFloodPublish when both had joined before they met.
func TestFreshSubscriber(t *testing.T) {
	all := events(t, 0, 50)
	for name, meet := range map[string]func(a, b *member){
		"joined, then met": func(a, b *member) { b.join(t); connect(t, a.host, b.host) },
		"met, then joined": func(a, b *member) { connect(t, a.host, b.host); b.join(t) },
	} {
		t.Run(name, func(t *testing.T) {
			a, b := newMember(t, pubsub.Config{}), newMember(t, pubsub.Config{})
			a.join(t)
			meet(a, b)
			a.untilPeer(t, b)
			a.publish(t, all...)
			b.until(t, "all 50 events", func() bool { return len(b.got) == len(all) })
			for _, e := range all {
				if b.got[e.Hash] != 1 {
					t.Errorf("event %s came %d times", e.Hash.Short(), b.got[e.Hash])
				}
			}
			if n := len(a.got); n != 0 {
				t.Errorf("our own events were delivered to ourselves: %d", n)
			}
		})
	}
}

func TestPublishedTwice(t *testing.T) {
	a, b := pair(t)
	one, last := event(t, 1, granted), event(t, 2, granted)
	a.publish(t, one, one)
	b.until(t, "the event", func() bool { return b.got[one.Hash] > 0 })
	a.publish(t, one)
	b.publish(t, one)
	a.publish(t, last)
	b.until(t, "the last event", func() bool { return b.got[last.Hash] == 1 })
	if b.got[one.Hash] != 1 || len(a.got) != 0 {
		t.Errorf("delivered %d times to b and %d to a", b.got[one.Hash], len(a.got))
	}
}

// Rule R10: a copy of a match event on the team's topic is a live hint.
func TestSameEventOnTwoTopics(t *testing.T) {
	a, b := pair(t)
	team := []byte("a team's topic secret")
	cfg := a.config()
	cfg.OnPeer = func(p peer.ID, joined bool) { a.note(func() { a.peers["team "+p] = joined }) }
	onTeam, err := a.router.Join(team, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.router.Join(team, b.config()); err != nil {
		t.Fatal(err)
	}
	a.until(t, "b on the team topic", func() bool { return a.peers["team "+b.host.ID()] })
	e := event(t, 1, granted)
	a.publish(t, e)
	if err := onTeam.Publish(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	b.until(t, "the event on both topics", func() bool { return b.got[e.Hash] == 2 })
}

// lost is what b did not get of a's events, as far as anyone counted.
func lost(a, b *member) (n uint64) {
	n = a.router.Counters().Dropped[pubsub.DropOutbound]
	for kind, k := range b.router.Counters().Dropped {
		if kind != pubsub.DropOutbound && kind != pubsub.DropControl {
			n += k
		}
	}
	return n
}

// gated is b's configuration with a Deliver that waits for the gate.
func gated(b *member) (cfg pubsub.TopicConfig, gate chan struct{}) {
	cfg, gate = b.config(), make(chan struct{})
	deliver := cfg.Deliver
	cfg.Deliver = func(ctx context.Context, from []peer.ID, events []*crdt.Event) {
		<-gate
		deliver(ctx, from, events)
	}
	return cfg, gate
}

// A burst longer than all queues: what does not come was counted, and the one
// who lost it was told to reconcile.
func TestBurstIsAccountedFor(t *testing.T) {
	a, b := newMember(t, pubsub.Config{}), newMember(t, pubsub.Config{})
	a.join(t)
	slow, gate := gated(b)
	b.joinWith(t, slow)
	connect(t, a.host, b.host)
	a.untilPeer(t, b)
	b.untilPeer(t, a)
	all := events(t, 0, 5000)
	a.publish(t, all...)
	close(gate)
	b.until(t, "every event to be delivered or counted as lost", func() bool {
		return uint64(len(b.got))+lost(a, b) == uint64(len(all))
	})
	t.Logf("%d delivered, lost: %v, %v", len(b.got), a.router.Counters().Dropped, b.router.Counters().Dropped)
	if lost(a, b) > 0 {
		told := func() bool { return len(a.drops)+len(b.drops) > 0 }
		if a.router.Counters().Dropped[pubsub.DropOutbound] > 0 {
			a.until(t, "the publisher to be told", told)
		} else {
			b.until(t, "the reader to be told", told)
		}
	}
}

// A reader that hangs, with a publisher slow enough for all other queues.
func TestSlowReader(t *testing.T) {
	a, b := newMember(t, pubsub.Config{}), newMember(t, pubsub.Config{})
	a.join(t)
	slow, gate := gated(b)
	judged := make(chan struct{}, 1024)
	slow.Judge = func(b []byte) (*crdt.Event, error) {
		defer func() { judged <- struct{}{} }()
		return judge(b)
	}
	b.joinWith(t, slow)
	connect(t, a.host, b.host)
	a.untilPeer(t, b)
	b.untilPeer(t, a)
	all := events(t, 0, 2500)
	for chunk := range slices.Chunk(all, 250) {
		a.publish(t, chunk...)
		for range chunk {
			<-judged
		}
	}
	b.until(t, "the reader to be told", func() bool { return b.drops[pubsub.DropReader] > 0 })
	b.until(t, "its own queue to be full", func() bool { return b.topic.Queued() == 1024 })
	close(gate)
	b.until(t, "every event to be delivered or counted as lost", func() bool {
		return uint64(len(b.got))+lost(a, b) == uint64(len(all))
	})
	t.Logf("%d delivered in batches of %v, %d lost", len(b.got), b.batches, lost(a, b))
	full := 0
	for _, n := range b.batches {
		switch {
		case n < 1 || n > 256:
			t.Errorf("a batch of %d", n)
		case n == 256:
			full++
		}
	}
	if full < 3 {
		t.Errorf("%d full batches: what is queued is not one commit", full)
	}
}

// A burst that fits the queues loses nothing, however slow the machine: here
// nothing is judged before all of it has come. 1,000 leave room in each queue
// for gossipsub's own messages.
func TestBurstWithinQueues(t *testing.T) {
	a, b := newMember(t, pubsub.Config{}), newMember(t, pubsub.Config{})
	a.join(t)
	cfg, gate := b.config(), make(chan struct{})
	var judging atomic.Int32
	cfg.Judge = func(b []byte) (*crdt.Event, error) {
		judging.Add(1)
		<-gate
		return judge(b)
	}
	open := sync.OnceFunc(func() { close(gate) })
	t.Cleanup(open) // before the router's Close
	b.joinWith(t, cfg)
	connect(t, a.host, b.host)
	a.untilPeer(t, b)
	all := events(t, 0, 1000)
	a.publish(t, all...)
	b.until(t, "all events to be judged at once", func() bool { return judging.Load() == int32(len(all)) })
	open()
	b.until(t, "all events", func() bool { return len(b.got) == len(all) })
	if n := lost(a, b); n != 0 {
		t.Errorf("%d counted as lost", n)
	}
}

func TestOversizeIsRefused(t *testing.T) {
	a, b := pair(t)
	if err := a.topic.PublishBytes(t.Context(), make([]byte, crdt.MaxEvent+1)); !errors.Is(err, crdt.ErrTooLarge) {
		t.Errorf("got %v, want %v", err, crdt.ErrTooLarge)
	}
	last := event(t, 1, granted)
	a.publish(t, last)
	b.until(t, "the event after it", func() bool { return b.got[last.Hash] == 1 })
	if n := b.router.Counters().Rejected[pubsub.RejectTooLarge]; n != 0 {
		t.Errorf("%d oversize messages were sent", n)
	}
}

func TestTopicName(t *testing.T) {
	const want = "QDsnRHk-oC7POVV0OuXNwF7fKNnkpRL_BAea5H1w9No" // openssl dgst -sha256 -hmac
	if name != want {
		t.Errorf("TopicName(%q) = %q, want %q", secret, name, want)
	}
	if pubsub.TopicName([]byte("another secret")) == name {
		t.Error("two secrets, one name")
	}
	if strings.Contains(name, logID.String()) || strings.Contains(name, string(secret)) {
		t.Error("the name tells the match")
	}
}
