package pubsub_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	gossip "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/pubsub"
)

func TestVerdict(t *testing.T) {
	for _, test := range []struct {
		err    error
		want   gossip.ValidationResult
		reason string
	}{
		{nil, gossip.ValidationAccept, ""},
		{crdt.ErrNoGrant, gossip.ValidationIgnore, pubsub.IgnoreNoGrant},
		{crdt.ErrMalformed, gossip.ValidationReject, pubsub.RejectMalformed},
		{crdt.ErrTooLarge, gossip.ValidationReject, pubsub.RejectTooLarge},
		{crdt.ErrSignature, gossip.ValidationReject, pubsub.RejectSignature},
		{crdt.ErrForbidden, gossip.ValidationReject, pubsub.RejectForbidden},
		{crdt.ErrWrongLog, gossip.ValidationReject, pubsub.RejectWrongLog},
		{crdt.ErrBusy, gossip.ValidationIgnore, pubsub.DropRate},
		{crdt.ErrGone, gossip.ValidationIgnore, pubsub.IgnoreOther},
		{errors.New("disk full"), gossip.ValidationIgnore, pubsub.IgnoreOther},
	} {
		err := test.err
		if err != nil {
			err = fmt.Errorf("wrapped: %w", err)
		}
		if got, reason := pubsub.Verdict(err); got != test.want || reason != test.reason {
			t.Errorf("%v: got %v %q, want %v %q", test.err, got, reason, test.want, test.reason)
		}
	}
}

// Every way of being wrong, sent by someone who does not judge.
func TestRejected(t *testing.T) {
	m := newMember(t, pubsub.Config{})
	m.join(t)
	s := newStranger(t)
	s.meet(t, m)

	forged := bytes.Clone(event(t, 1, granted).Envelope())
	forged[len(forged)-1] ^= 1
	payload, err := crdt.Pad(nil)
	if err != nil {
		t.Fatal(err)
	}
	other, err := crdt.Sign(signer, crdt.Header{Set: crdt.Events, Log: crdt.LogID{1}, Seq: 1, Grant: granted}, payload)
	if err != nil {
		t.Fatal(err)
	}
	wrong := map[string][]byte{
		pubsub.RejectMalformed: []byte("goal!"),
		pubsub.RejectTooLarge:  make([]byte, crdt.MaxEvent+1),
		pubsub.RejectSignature: forged,
		pubsub.RejectWrongLog:  other.Envelope(),
	}
	for _, b := range wrong {
		s.send(t, b)
	}
	m.until(t, "four rejected messages", func() bool { return rejected(m) == 4 })
	for reason := range wrong {
		if n := m.router.Counters().Rejected[reason]; n != 1 {
			t.Errorf("%s: counted %d times", reason, n)
		}
	}
	if len(m.got)+len(m.waiting) != 0 {
		t.Error("something was delivered")
	}
}

func rejected(m *member) (n uint64) {
	for _, k := range m.router.Counters().Rejected {
		n += k
	}
	return n
}

// What a busy machine starts to judge late is judged all the same: ignoring it
// would lose it, because gossip does not bring it again.
func TestLateIsJudged(t *testing.T) {
	m := newMember(t, pubsub.Config{})
	m.join(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	late := &gossip.Message{Message: &pb.Message{Data: pubsub.Seal(secret, event(t, 1, granted).Envelope())}}
	if got := m.topic.Validate(ctx, "a peer", late); got != gossip.ValidationAccept {
		t.Errorf("got %v, want %v", got, gossip.ValidationAccept)
	}
	if n := m.router.Counters().Ignored[pubsub.IgnoreOther]; n != 0 {
		t.Errorf("%d ignored", n)
	}
}

// scores is a public member whose opinion of a peer can be waited for: the
// latest, and the worst, which recovers within seconds.
func scores(t *testing.T) (m *member, score, worst func(p peer.ID) float64) {
	t.Helper()
	latest, lowest := make(map[peer.ID]float64), make(map[peer.ID]float64)
	ready := make(chan struct{})
	m = newMember(t, pubsub.Config{Public: true}, gossip.WithPeerScoreInspect(func(s map[peer.ID]float64) {
		<-ready
		m.note(func() {
			latest = s
			for p, now := range s {
				lowest[p] = min(lowest[p], now)
			}
		})
	}, 50*time.Millisecond))
	close(ready)
	score = func(p peer.ID) float64 {
		if s, ok := latest[p]; ok {
			return s
		}
		return 1 // not inspected yet
	}
	return m, score, func(p peer.ID) float64 { return lowest[p] }
}

// A peer who forwards what we cannot judge yet keeps its good name and its
// place; one who forwards forgeries loses both.
func TestIgnoreIsNoPenalty(t *testing.T) {
	m, score, worst := scores(t)
	m.join(t)
	honest := newStranger(t)
	honest.meet(t, m)
	unknown := crdt.Sum([]byte("a grant still on its way"))
	const n = 100
	for i := range n {
		honest.send(t, event(t, i, unknown).Envelope())
	}
	m.until(t, "all events in the waiting room", func() bool { return len(m.waiting) == n })
	m.until(t, "a score", func() bool { return score(honest.host.ID()) == 0 })
	good := event(t, n, granted)
	honest.send(t, good.Envelope())
	m.until(t, "an event from the honest peer", func() bool { return m.got[good.Hash] == 1 })
	c := m.router.Counters()
	if c.Ignored[pubsub.IgnoreNoGrant] != n || rejected(m) != 0 {
		t.Errorf("counted %+v", c)
	}

	liar := newStranger(t)
	liar.meet(t, m)
	for i := range n {
		forged := bytes.Clone(event(t, n+1+i, granted).Envelope())
		forged[len(forged)-1] ^= 1
		liar.send(t, forged)
	}
	m.until(t, "a bad score", func() bool { return worst(liar.host.ID()) < -80 })
	m.until(t, "the honest peer's score to be as before", func() bool { return score(honest.host.ID()) == 0 })
}

// Ignored events can be forwarded once their grant has come.
func TestPublishAfterWaiting(t *testing.T) {
	s, m, far := newStranger(t), newMember(t, pubsub.Config{}), newMember(t, pubsub.Config{})
	m.join(t)
	late := event(t, 1, crdt.Sum([]byte("late grant")))
	cfg := far.config()
	cfg.Judge = crdt.Open // has the grant
	far.joinWith(t, cfg)
	connect(t, m.host, far.host)
	m.untilPeer(t, far)
	s.meet(t, m)
	s.send(t, late.Envelope())
	m.until(t, "the event to wait", func() bool { return len(m.waiting) == 1 })
	m.publish(t, m.waiting...)
	far.until(t, "the event", func() bool { return far.got[late.Hash] == 1 })
}

// A Waiting that hangs costs events that wait, counted and reported, and
// nothing else.
func TestWaitingQueueIsBounded(t *testing.T) {
	m := newMember(t, pubsub.Config{})
	cfg := m.config()
	gate := make(chan struct{})
	cfg.Waiting = func(peer.ID, *crdt.Event) { <-gate }
	m.joinWith(t, cfg)
	t.Cleanup(func() { close(gate) }) // before the router's Close
	s := newStranger(t)
	s.meet(t, m)
	for i := range 300 {
		s.send(t, event(t, i, crdt.Hash{1}).Envelope())
	}
	m.until(t, "a report", func() bool { return m.drops[pubsub.DropWaiting] > 0 })
}

// A gossipsub author would tell who started a message and could be forged to
// blame others.
func TestAuthorIsRejected(t *testing.T) {
	m := newMember(t, pubsub.Config{})
	m.join(t)
	h := newHost(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ps, err := gossip.NewGossipSub(ctx, h, gossip.WithFloodPublish(true))
	if err != nil {
		t.Fatal(err)
	}
	topic, err := ps.Join(name)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := topic.EventHandler()
	if err != nil {
		t.Fatal(err)
	}
	defer handler.Cancel()
	sub, err := topic.Subscribe() // so that m hears when there is a stream to it
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Cancel()
	connect(t, h, m.host)
	if _, err := handler.NextPeerEvent(t.Context()); err != nil {
		t.Fatal(err)
	}
	m.until(t, "the author on the topic", func() bool { return m.peers[h.ID()] })
	first := event(t, 1, granted)
	if err := topic.Publish(t.Context(), pubsub.Seal(secret, first.Envelope())); err != nil {
		t.Fatal(err)
	}
	m.until(t, "a rejected message", func() bool { return m.router.Counters().Rejected[pubsub.RejectAuthor] == 1 })
	if len(m.got) != 0 {
		t.Error("delivered")
	}
}
