package pubsub_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/pubsub"
)

// One envelope is one message, which only the topic's members open, and which
// nobody can turn into another message of the same envelope.
func TestSeal(t *testing.T) {
	envelope := event(t, 1, granted).Envelope()
	data := pubsub.Seal(secret, envelope)
	if !bytes.Equal(data, pubsub.Seal(secret, envelope)) {
		t.Error("sealed twice, and different")
	}
	if got, err := pubsub.Open(secret, data); err != nil || !bytes.Equal(got, envelope) {
		t.Errorf("does not open: %v", err)
	}
	if bytes.Contains(data, envelope[40:56]) {
		t.Error("in clear")
	}
	if _, err := pubsub.Open([]byte("another secret"), data); !errors.Is(err, crdt.ErrMalformed) {
		t.Errorf("another topic's member: %v", err)
	}
	for i := range data {
		changed := bytes.Clone(data)
		changed[i] ^= 1
		if _, err := pubsub.Open(secret, changed); !errors.Is(err, crdt.ErrMalformed) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
	}
	for n := range 41 {
		if _, err := pubsub.Open(secret, data[:n]); !errors.Is(err, crdt.ErrMalformed) {
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
}

// A peer that is no member of a topic gets nothing on it and is not heard, even
// if it knows the topic's secret; others are served as ever.
func TestNoMember(t *testing.T) {
	var outsider peer.ID
	m := newMember(t, pubsub.Config{Member: func(p peer.ID, _ string) bool { return p != outsider }})
	out, in := newMember(t, pubsub.Config{}), newMember(t, pubsub.Config{})
	outsider = out.host.ID()
	m.join(t)
	out.join(t)
	in.join(t)
	connect(t, out.host, m.host)
	out.untilPeer(t, m) // it hears of our topic; the node's own streams come after a proof
	connect(t, in.host, m.host)
	m.untilPeer(t, in)
	in.untilPeer(t, m)
	mine, theirs, last := event(t, 1, granted), event(t, 2, granted), event(t, 3, granted)
	out.publish(t, theirs)
	m.publish(t, mine)
	in.until(t, "a member's copy", func() bool { return in.got[mine.Hash] == 1 })
	m.until(t, "the outsider's message to be ignored", func() bool { return m.router.Counters().Ignored[pubsub.IgnoreMember] == 1 })
	in.publish(t, last)
	m.until(t, "a member's event", func() bool { return m.got[last.Hash] == 1 })
	if m.got[theirs.Hash] != 0 || len(out.got) != 0 {
		t.Errorf("the outsider's event was taken %d times; it got %d", m.got[theirs.Hash], len(out.got))
	}
	for _, p := range m.topic.Peers() {
		if p == outsider {
			t.Error("the outsider is on the topic")
		}
	}
}
