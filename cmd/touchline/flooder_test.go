package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
	"touchline.dev/touchline/pubsub"
)

// floodersPart is what a member does who floods.
type floodersPart struct {
	Invite    string
	Peers     []string // multiaddresses
	PerSecond int
	ForMs     int64
	Held      int // of its events it has in its log too, for exchanges to bring
}

// floodersTale is what became of it.
type floodersTale struct {
	Offered int // events handed to gossip
	TookMs  int64
	CPUMs   int // of processor that the flooder itself took meanwhile
}

// flooder joins as a device that keeps nothing and asks no disk and no HTTP. Its events
// are signed before, and go to gossip as fast as it was told, judged and noted by nobody
// on its side; exchanges bring those that it holds.
func flooder(part []byte) (any, error) {
	var p floodersPart
	if err := json.Unmarshal(part, &p); err != nil {
		return nil, err
	}
	invite, err := access.ParseInvite(p.Invite)
	if err != nil {
		return nil, err
	}
	n, err := node.New(node.Config{Store: crdt.NewMemStore(), NoMDNS: true, Peers: p.Peers})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	m, err := n.Join(ctx, invite, "flood")
	if err != nil {
		return nil, err
	}
	envelopes, err := floodOf(m, p.PerSecond*int(p.ForMs)/1000)
	if err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	if err := meetAll(n, len(p.Peers), done); err != nil {
		return nil, err
	}
	topic, err := topicOf(n, m.Log)
	if err != nil {
		return nil, err
	}
	used := processorMs(os.Getpid())
	start := time.Now()
	var holding errgroup.Group
	holding.Go(func() error { return hold(ctx, n, m.Log, envelopes[:min(p.Held, len(envelopes))]) })
	tale := floodersTale{}
	for _, envelope := range envelopes {
		if tale.Offered%floodBatch == 0 {
			time.Sleep(time.Until(start.Add(time.Duration(tale.Offered) * time.Second / time.Duration(p.PerSecond))))
			if time.Since(start) > time.Duration(p.ForMs)*time.Millisecond {
				break
			}
		}
		if err := topic.Send(ctx, envelope); err != nil {
			return nil, err
		}
		tale.Offered++
	}
	tale.TookMs, tale.CPUMs = time.Since(start).Milliseconds(), processorMs(os.Getpid())-used
	if err := holding.Wait(); err != nil {
		return nil, err
	}
	stop()
	return tale, <-done
}

// meetAll waits until so many peers are connected.
func meetAll(n *node.Node, peers int, done <-chan error) error {
	for met := 0; met < peers; {
		select {
		case err := <-done:
			return fmt.Errorf("the flooder's network ended: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
		met = 0
		for _, peer := range n.Peers() {
			if peer.Connected {
				met++
			}
		}
	}
	return nil
}

// topicOf returns the live topic of a log of a running node. No node gives it away: who
// sends on it goes past all that a device asks of itself.
func topicOf(n *node.Node, log crdt.LogID) (*pubsub.Topic, error) {
	replica := reflect.ValueOf(n).Elem().FieldByName("replicas").MapIndex(reflect.ValueOf(log))
	if !replica.IsValid() {
		return nil, errors.New("the log is not open")
	}
	field := replica.Elem().FieldByName("topic")
	topic := (*atomic.Pointer[pubsub.Topic])(field.Addr().UnsafePointer()).Load()
	if topic == nil {
		return nil, errors.New("the log is not live")
	}
	return topic, nil
}

// hold takes the events into the flooder's own log, from where exchanges bring them.
func hold(ctx context.Context, n *node.Node, log crdt.LogID, envelopes [][]byte) error {
	for batch := range slices.Chunk(envelopes, 256) {
		out, err := n.Admit(ctx, log, "", batch...)
		if err != nil {
			return err
		}
		for _, o := range out {
			if o.Err != nil {
				return o.Err
			}
		}
	}
	return nil
}

// floodBatch is small, so that the flood is one that does not pause.
const floodBatch = 20

// floodOf signs n events.
func floodOf(m *access.Member, n int) (envelopes [][]byte, err error) {
	chain, key := crdt.NewChain(), m.Key()
	for i := range n {
		plain, err := (&crdt.Content{ID: fmt.Sprint("flood-", i), Type: "note"}).Encode()
		if err != nil {
			return nil, err
		}
		payload, err := crdt.Pad(plain)
		if err != nil {
			return nil, err
		}
		now := uint64(time.Now().UnixMilli())
		h := crdt.Header{Set: crdt.Events, Log: m.Log, Grant: m.Grant, Time: crdt.MakeTime(now, 0), OwnMs: int64(now)}
		chain.Place(&h)
		e, err := crdt.Sign(key, h, payload)
		if err != nil {
			return nil, err
		}
		chain.Advance(e)
		envelopes = append(envelopes, e.Envelope())
	}
	return envelopes, nil
}
