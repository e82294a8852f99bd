package node

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// tending is the list of logs whose control set changed, or whose team
// announced something, and that want looking after. Events come on paths that
// must not write; what they ask for is done by Run, or by the call that wrote.
type tending struct {
	mu   sync.Mutex
	due  map[*replica]bool // guarded by mu
	wake chan struct{}
}

func newTending() *tending { return &tending{due: map[*replica]bool{}, wake: make(chan struct{}, 1)} }

// later puts a log on the list. It does not block.
func (t *tending) later(r *replica) {
	t.mu.Lock()
	t.due[r] = true
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// take empties the list.
func (t *tending) take() (due []*replica) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for r := range t.due {
		due = append(due, r)
	}
	clear(t.due)
	return due
}

// tendAll looks after logs until ctx is done.
func (n *Node) tendAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-n.tending.wake:
		}
		for _, r := range n.tending.take() {
			if err := r.tend(ctx); err != nil && ctx.Err() == nil {
				n.cfg.Log.Warn("keys not looked after", "match", r.log.ID().Short(), "err", err)
			}
		}
	}
}

// tend does what the present control set asks of this device, again and again
// without harm: it keeps keys that it learnt, changes those that somebody has
// whom it cut off, gives its epochs' keys to those who lack them, and follows
// the matches of a team.
func (r *replica) tend(ctx context.Context) error {
	r.tending.Lock()
	defer r.tending.Unlock()
	keys := r.keys.Load()
	err := r.keepKeys(ctx)
	for _, a := range keys.Stale() {
		err = errors.Join(err, r.rotate(ctx, a))
	}
	for _, a := range r.control.Audiences() {
		for _, head := range r.control.Heads(a) {
			err = errors.Join(err, r.supply(ctx, head))
		}
	}
	err = errors.Join(err, r.keepKeys(ctx))
	if r.control.Purpose() == access.PurposeTeam {
		err = errors.Join(err, r.node.followAnnounced(ctx, r))
	}
	return err
}

// supply gives an epoch's key to those who lack it, if that is this device's part.
func (r *replica) supply(ctx context.Context, epoch crdt.Hash) error {
	keys := r.keys.Load()
	if !keys.Keeper(epoch) {
		return nil
	}
	lacking := keys.Lacking(epoch)
	key, err := keys.Key(epoch)
	if len(lacking) == 0 || err != nil {
		return nil // nothing to give
	}
	return r.give(ctx, []access.EpochKey{key}, lacking...)
}

// changeMember keeps a changed copy of a membership, unless another right took
// its place meanwhile.
func (n *Node) changeMember(ctx context.Context, old *access.Member, change func(*access.Member)) error {
	m := *old
	change(&m)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.members[m.Log] != old {
		return nil
	}
	if err := n.store.SetMeta(ctx, memberPrefix+m.Log.String(), m.Encode()); err != nil {
		return fmt.Errorf("keep membership: %w", err)
	}
	n.members[m.Log] = &m
	if r := n.replicas[m.Log]; r != nil {
		r.mu.Lock()
		r.member = &m
		r.mu.Unlock()
	}
	return nil
}
