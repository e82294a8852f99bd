package node

import (
	"context"
	"errors"
	"fmt"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// PageRight is the right that a browser's own key has by this device's.
type PageRight struct {
	access.Right
	Chain [][]byte // envelopes from the founding record to the right
}

// Deliver offers events that a client brought, each signed by whoever wrote it,
// and publishes what is new. asked: the client was asked for them, in
// reconciling. They are taken at the pace of their authors, as from a peer.
func (n *Node) Deliver(ctx context.Context, id crdt.LogID, from string, asked bool, envelopes ...[]byte) ([]crdt.Outcome, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil, err
	}
	gate := intake{r, n.clients}
	if asked {
		gate.rates = n.bulk
	}
	out := r.log.AdmitAt(ctx, gate, from, envelopes...)
	fresh := false
	for _, o := range out {
		switch {
		case o.Err == nil && o.Added.New:
			if !fresh {
				n.wake(ctx, r)
			}
			fresh = true
			r.publish(o.Event)
			if !asked {
				n.hint(o.Event)
			}
		case isOffence(o.Err):
			n.counters.refused.Add(1)
		}
	}
	if fresh {
		n.tending.later(r)
	}
	return out, nil
}

// LetIn gives a browser's own key the right to record under this device's right.
// The same key is given the same right again while it lives.
func (n *Node) LetIn(ctx context.Context, id crdt.LogID, p access.PageKey) (PageRight, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return PageRight{}, err
	}
	r.clientsMu.Lock() // one at a time: a key that asks twice is let in once
	defer r.clientsMu.Unlock()
	m := r.membership()
	own, ok := r.control.Right(m.Grant)
	if !ok {
		return PageRight{}, fmt.Errorf("let a page in: %w", crdt.ErrNoGrant)
	}
	content, err := m.NewPage(&p, own)
	if err != nil {
		return PageRight{}, fmt.Errorf("let a page in: %w", err)
	}
	for _, old := range r.control.Rights() {
		if old.Subject == p.Key && old.Parent == m.Grant && old.Writes() && old.NotAfter >= p.NotAfter {
			return r.pageRight(old.Hash)
		}
	}
	e, err := r.writeControl(ctx, content)
	if err != nil {
		return PageRight{}, fmt.Errorf("let a page in: %w", err)
	}
	n.tending.later(r) // it may need keys
	return r.pageRight(e.Hash)
}

func (r *replica) pageRight(grant crdt.Hash) (PageRight, error) {
	right, ok := r.control.Right(grant)
	if !ok {
		return PageRight{}, errors.New("a right that was just given is not there")
	}
	chain, err := r.grantChain(grant)
	out := PageRight{Right: right}
	for _, e := range chain {
		out.Chain = append(out.Chain, e.Envelope())
	}
	return out, err
}
