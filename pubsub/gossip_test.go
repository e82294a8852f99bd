package pubsub_test

import (
	"testing"

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

// go-libp2p-pubsub#675: until the next heartbeat a fresh subscriber is in
// nobody's mesh. Red without WithFloodPublish.
func TestFreshSubscriber(t *testing.T) {
	a, b := newMember(t, pubsub.Config{}), newMember(t, pubsub.Config{})
	a.join(t)
	connect(t, a.host, b.host)
	all := events(t, 0, 50)
	b.join(t)
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
}
