package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	gossip "github.com/libp2p/go-libp2p-pubsub"
	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/discovery/mdns"
)

// strangersPart is what somebody without an invite may know at most, and how long it
// tries.
type strangersPart struct {
	Addrs  []string // of members
	Topic  string   // the name of a match's topic
	Match  []byte   // its ID
	Events [][]byte // to be taken from it, if it can
	ForMs  int64
}

// strangersTale is all that members told it.
type strangersTale struct {
	Heard     []byte   // on every stream, live, and by identify
	Found     []string // by mDNS
	Connected int      // times
	TopicSeen int      // peers that it saw on the topic
}

// stranger dials members again and again, looks for others by mDNS, opens every
// protocol that there is, subscribes and publishes.
func stranger(part []byte) (any, error) {
	var p strangersPart
	if err := json.Unmarshal(part, &p); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(p.ForMs)*time.Millisecond)
	defer cancel()
	h, err := libp2p.New(libp2p.ListenAddrStrings("/ip4/0.0.0.0/tcp/0"))
	if err != nil {
		return nil, err
	}
	defer h.Close()
	s := &strangeHost{part: p, found: map[string]bool{}}
	service := mdns.NewMdnsService(h, "_n2n._udp", s)
	if err := service.Start(); err != nil {
		return nil, err
	}
	defer service.Close()
	ps, err := gossip.NewGossipSub(ctx, h, gossip.WithMessageSignaturePolicy(gossip.StrictNoSign), gossip.WithNoAuthor(), gossip.WithFloodPublish(true))
	if err != nil {
		return nil, err
	}
	topic, err := ps.Join(p.Topic)
	if err != nil {
		return nil, err
	}
	sub, err := topic.Subscribe()
	if err != nil {
		return nil, err
	}
	var g sync.WaitGroup
	g.Go(func() {
		for {
			m, err := sub.Next(ctx)
			if err != nil {
				return
			}
			if m.ReceivedFrom != h.ID() {
				s.hear(m.Data)
			}
		}
	})
	for ctx.Err() == nil {
		for _, addr := range p.Addrs {
			info, err := peer.AddrInfoFromString(addr)
			if err != nil {
				return nil, err
			}
			if h.Connect(ctx, *info) != nil {
				continue
			}
			s.connected++
			for id, says := range s.speeches() {
				g.Go(func() {
					stream, err := h.NewStream(libnet.WithNoDial(ctx, "test"), info.ID, id)
					if err != nil {
						return
					}
					defer stream.Reset()
					_ = stream.SetDeadline(time.Now().Add(time.Duration(p.ForMs) * time.Millisecond))
					_, _ = stream.Write(says)
					b, _ := io.ReadAll(stream) // until we are sent away
					s.hear(b)
				})
			}
			for _, envelope := range p.Events {
				if err := topic.Publish(ctx, envelope); err != nil && ctx.Err() == nil && !errors.Is(err, gossip.ErrTopicClosed) {
					s.hear([]byte(err.Error()))
				}
			}
			s.topicSeen = max(s.topicSeen, len(topic.ListPeers()))
			protocols, _ := h.Peerstore().GetProtocols(info.ID)
			agent, _ := h.Peerstore().Get(info.ID, "AgentVersion")
			s.hear([]byte(fmt.Sprint(protocols, agent, h.Peerstore().Addrs(info.ID))))
		}
		select {
		case <-ctx.Done():
		case <-time.After(200 * time.Millisecond):
		}
	}
	h.Close()
	g.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	tale := strangersTale{Heard: s.heard.Bytes(), Connected: s.connected, TopicSeen: s.topicSeen}
	for who := range s.found {
		tale.Found = append(tale.Found, who)
	}
	return tale, nil
}

type strangeHost struct {
	part      strangersPart
	connected int
	topicSeen int

	mu    sync.Mutex
	heard bytes.Buffer    // guarded by mu
	found map[string]bool // guarded by mu
}

func (s *strangeHost) hear(b []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heard.Write(b)
}

// HandlePeerFound takes note of whom mDNS announces, and all that it says.
func (s *strangeHost) HandlePeerFound(info peer.AddrInfo) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.found[info.String()] = true
}

// speeches are what it says first by each protocol: what a member would, as far as
// that can be made up.
func (s *strangeHost) speeches() map[protocol.ID][]byte {
	random := func(n int) []byte { b := make([]byte, n); _, _ = rand.Read(b); return b }
	framed := func(kind byte, b []byte) []byte { return append([]byte{byte(len(b) + 1), kind}, b...) }
	return map[protocol.ID][]byte{
		"/touchline/member/1": append(framed(1, random(32)), framed(2, random(64))...),
		"/touchline/sync/1":   framed(1, append(bytes.Clone(s.part.Match), 0, 0)),
		"/touchline/beat/1":   random(16),
		"/meshsub/1.1.0":      random(10),
		"/ipfs/ping/1.0.0":    random(32),
	}
}
