package pubsub_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	gossip "github.com/libp2p/go-libp2p-pubsub"
	pb "github.com/libp2p/go-libp2p-pubsub/pb"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/pubsub"
)

// patience is how long a condition may take. Nothing waits this long unless it fails.
const patience = 2 * time.Minute

var (
	secret  = []byte("a match's topic secret")
	name    = pubsub.TopicName(secret)
	logID   = crdt.LogID(crdt.Sum([]byte("match")))
	granted = crdt.Sum([]byte("grant"))
	signer  = func() ed25519.PrivateKey {
		seed := sha256.Sum256([]byte("scorer"))
		return ed25519.NewKeyFromSeed(seed[:])
	}()
)

// event is the n-th event of a match, under a grant.
func event(t testing.TB, n int, grant crdt.Hash) *crdt.Event {
	t.Helper()
	payload, err := crdt.Pad(binary.BigEndian.AppendUint64(nil, uint64(n)))
	if err != nil {
		t.Fatal(err)
	}
	e, err := crdt.Sign(signer, crdt.Header{Set: crdt.Events, Log: logID, Seq: 1, Time: crdt.Time(n), Grant: grant}, payload)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func events(t testing.TB, from, to int) []*crdt.Event {
	t.Helper()
	var all []*crdt.Event
	for n := from; n < to; n++ {
		all = append(all, event(t, n, granted))
	}
	return all
}

// judge knows one log and one grant.
func judge(b []byte) (*crdt.Event, error) {
	e, err := crdt.Open(b)
	switch {
	case err != nil:
		return e, err
	case e.LogID() != logID:
		return e, crdt.ErrWrongLog
	case e.Grant != granted:
		return e, crdt.ErrNoGrant
	}
	return e, nil
}

func newHost(t testing.TB, more ...libp2p.Option) host.Host {
	t.Helper()
	h, err := libp2p.New(append([]libp2p.Option{
		libp2p.ListenAddrStrings("/ip4/127.0.0.1/tcp/0"),
		libp2p.Transport(tcp.NewTCPTransport),
		libp2p.Security(noise.ID, noise.New),
		libp2p.DisableRelay(),
		libp2p.DisableIdentifyAddressDiscovery(),
	}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	return h
}

func connect(t testing.TB, a, b host.Host) {
	t.Helper()
	if err := a.Connect(t.Context(), peer.AddrInfo{ID: b.ID(), Addrs: b.Addrs()}); err != nil {
		t.Fatal(err)
	}
}

// member is a device on a topic, and what happened to it.
type member struct {
	host   host.Host
	router *pubsub.Router
	topic  *pubsub.Topic

	mu      sync.Mutex
	changed chan struct{} // guarded by mu; closed and replaced at every change
	got     map[crdt.Hash]int
	waiting []*crdt.Event
	batches []int
	drops   map[string]int
	peers   map[peer.ID]bool
}

func newMember(t testing.TB, cfg pubsub.Config, more ...gossip.Option) *member {
	t.Helper()
	return newMemberAt(t, newHost(t), cfg, more...)
}

func newMemberAt(t testing.TB, h host.Host, cfg pubsub.Config, more ...gossip.Option) *member {
	t.Helper()
	m := &member{host: h, changed: make(chan struct{}), got: make(map[crdt.Hash]int), drops: make(map[string]int), peers: make(map[peer.ID]bool)}
	cfg.OnDrop = func(_, reason string) { m.note(func() { m.drops[reason]++ }) }
	var err error
	if m.router, err = pubsub.NewWith(context.Background(), m.host, cfg, more...); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.router.Close)
	return m
}

func (m *member) config() pubsub.TopicConfig {
	return pubsub.TopicConfig{
		Judge: judge,
		Deliver: func(_ context.Context, from []peer.ID, events []*crdt.Event) {
			m.note(func() {
				m.batches = append(m.batches, len(events))
				for _, e := range events {
					m.got[e.Hash]++
				}
			})
		},
		Waiting: func(_ peer.ID, e *crdt.Event) { m.note(func() { m.waiting = append(m.waiting, e) }) },
		OnPeer:  func(p peer.ID, joined bool) { m.note(func() { m.peers[p] = joined }) },
	}
}

func (m *member) join(t testing.TB) { m.joinWith(t, m.config()) }

func (m *member) joinWith(t testing.TB, cfg pubsub.TopicConfig) {
	t.Helper()
	var err error
	if m.topic, err = m.router.Join(secret, cfg); err != nil {
		t.Fatal(err)
	}
}

func (m *member) note(f func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f()
	close(m.changed)
	m.changed = make(chan struct{})
}

// until waits for a condition on m's fields, or on counters, which tell nobody
// of a change and are looked at now and then.
func (m *member) until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	deadline := time.After(patience)
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		m.mu.Lock()
		ok, changed := cond(), m.changed
		m.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-look.C:
		case <-deadline:
			m.mu.Lock()
			defer m.mu.Unlock()
			t.Fatalf("waited in vain for %s: %d events, %d waiting, drops %v, peers %v, %+v",
				what, len(m.got), len(m.waiting), m.drops, m.peers, m.router.Counters())
		}
	}
}

func (m *member) untilPeer(t testing.TB, p *member) {
	t.Helper()
	m.until(t, "a peer on the topic", func() bool { return m.peers[p.host.ID()] })
}

func (m *member) publish(t testing.TB, events ...*crdt.Event) {
	t.Helper()
	for _, e := range events {
		if err := m.topic.Publish(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

// stranger speaks gossipsub but judges nothing, and can send any bytes; it knows
// the topic secret.
type stranger struct {
	host  host.Host
	topic *gossip.Topic
}

func newStranger(t testing.TB) *stranger {
	t.Helper()
	h := newHost(t)
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	ps, err := gossip.NewGossipSub(ctx, h,
		gossip.WithMessageSignaturePolicy(gossip.StrictNoSign), gossip.WithNoAuthor(), gossip.WithFloodPublish(true), gossip.WithPeerOutboundQueueSize(1024),
		gossip.WithMessageIdFn(func(m *pb.Message) string { return pubsub.MessageID(m.GetTopic(), m.GetData()) }))
	if err != nil {
		t.Fatal(err)
	}
	s := &stranger{host: h}
	if s.topic, err = ps.Join(name); err != nil {
		t.Fatal(err)
	}
	sub, err := s.topic.Subscribe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sub.Cancel)
	return s
}

// meet connects s to m and waits until each knows the other's subscription.
func (s *stranger) meet(t testing.TB, m *member) {
	t.Helper()
	handler, err := s.topic.EventHandler()
	if err != nil {
		t.Fatal(err)
	}
	defer handler.Cancel()
	connect(t, s.host, m.host)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		e, err := handler.NextPeerEvent(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if e.Peer == m.host.ID() {
			break
		}
	}
	m.until(t, "the stranger on the topic", func() bool { return m.peers[s.host.ID()] })
}

func (s *stranger) send(t testing.TB, b []byte) {
	t.Helper()
	if err := s.topic.Publish(t.Context(), pubsub.Seal(secret, b)); err != nil {
		t.Fatal(err)
	}
}
