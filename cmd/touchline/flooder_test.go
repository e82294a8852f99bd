package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// floodersPart is what a member does who floods.
type floodersPart struct {
	Invite    string
	Peers     []string // multiaddresses
	PerSecond int
	ForMs     int64
}

// floodersTale is what became of it.
type floodersTale struct {
	Offered int // events handed to gossip and reconciliation
	TookMs  int64
}

// flooder joins as a device that keeps nothing and asks no disk and no HTTP: its events
// are signed before, and go to gossip and exchanges as fast as it was told.
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
	batches, err := floodOf(m, p.PerSecond*int(p.ForMs)/1000)
	if err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	for met := 0; met < len(p.Peers); {
		select {
		case err := <-done:
			return nil, fmt.Errorf("the flooder's network ended: %w", err)
		case <-time.After(20 * time.Millisecond):
		}
		met = 0
		for _, peer := range n.Peers() {
			if peer.Connected {
				met++
			}
		}
	}
	start := time.Now()
	due := make(chan [][]byte)
	go func() {
		defer close(due)
		for i, batch := range batches {
			time.Sleep(time.Until(start.Add(time.Duration(i*floodBatch) * time.Second / time.Duration(p.PerSecond))))
			if time.Since(start) > time.Duration(p.ForMs)*time.Millisecond {
				return
			}
			due <- batch
		}
	}()
	var offered atomic.Int64
	var g errgroup.Group
	for range 16 {
		g.Go(func() error {
			for batch := range due {
				out, err := n.Admit(ctx, m.Log, "", batch...)
				if err != nil {
					return err
				}
				for _, o := range out {
					if o.Err != nil {
						return o.Err
					}
				}
				offered.Add(int64(len(batch)))
			}
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	tale := floodersTale{Offered: int(offered.Load()), TookMs: time.Since(start).Milliseconds()}
	stop()
	return tale, <-done
}

// floodBatch is small, so that the flood is one that does not pause.
const floodBatch = 20

// floodOf signs n events, in batches.
func floodOf(m *access.Member, n int) (batches [][][]byte, err error) {
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
		if i%floodBatch == 0 {
			batches = append(batches, nil)
		}
		batches[i/floodBatch] = append(batches[i/floodBatch], e.Envelope())
	}
	return batches, nil
}
