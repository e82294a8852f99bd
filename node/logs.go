package node

import (
	"context"
	"errors"
	"fmt"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// remember reads memberships, what was retired, and which logs were live.
func (n *Node) remember() error {
	infos, err := n.store.Logs()
	if err != nil {
		return fmt.Errorf("read logs: %w", err)
	}
	for _, l := range infos {
		if l.Retired {
			n.retired[l.Log] = true
		}
	}
	members, err := Memberships(n.store)
	if err != nil {
		return err
	}
	var all []crdt.LogID
	for _, m := range members {
		n.members[m.Log] = m
		all = append(all, m.Log)
	}
	was, err := n.store.Meta(rosterMeta)
	if err != nil && !errors.Is(err, crdt.ErrNotFound) {
		return err
	}
	for _, id := range append(decodeRoster(was), all...) {
		if n.members[id] != nil && !n.retired[id] {
			n.roster.fill(id)
		}
	}
	return nil
}

// Follow makes a log that this device is a member of live again, and takes it
// back when it was retired: its events then come from others.
func (n *Node) Follow(ctx context.Context, id crdt.LogID) error {
	if err := n.unretire(ctx, id); err != nil {
		return err
	}
	r, err := n.mustReplica(id)
	if err != nil {
		return err
	}
	n.wake(ctx, r)
	return nil
}

// wake makes a log live; the one that was used longest ago may have to rest.
func (n *Node) wake(ctx context.Context, r *replica) {
	id := r.log.ID()
	n.mu.Lock()
	joined, rests := n.roster.use(id)
	var roster []byte
	if joined {
		roster = n.roster.encode()
	}
	var idle []func()
	for _, other := range rests {
		if o := n.replicas[other]; o != nil {
			idle = append(idle, o.rest())
		}
	}
	var err error
	if net := n.net.Load(); net != nil && n.replicas[id] == r {
		err = net.subscribe(r)
		if joined {
			net.announceMembership(n.members[id])
		}
	}
	n.mu.Unlock()
	for _, f := range idle {
		f()
	}
	if joined {
		err = errors.Join(err, n.store.SetMeta(ctx, rosterMeta, roster))
	}
	if err != nil {
		n.cfg.Log.Debug("follow live", "match", id.Short(), "err", err)
	}
}

// mustReplica returns the replica of a membership, opened when it is used for
// the first time.
func (n *Node) mustReplica(id crdt.LogID) (*replica, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.openLocked(id)
}

func (n *Node) openLocked(id crdt.LogID) (*replica, error) {
	if r := n.replicas[id]; r != nil {
		return r, nil
	}
	switch m := n.members[id]; {
	case m == nil:
		return nil, fmt.Errorf("match %s: %w: this device does not follow it", id.Short(), crdt.ErrNotFound)
	case n.retired[id]:
		return nil, fmt.Errorf("match %s: %w: this device gave up its copy; joining it again brings the events back from others", id.Short(), crdt.ErrGone)
	default:
		r, err := openReplica(n, m)
		if err == nil {
			n.replicas[id] = r
		}
		return r, err
	}
}

// following returns the membership of a log that is not retired, or nil.
func (n *Node) following(id crdt.LogID) *access.Member {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.retired[id] {
		return nil
	}
	return n.members[id]
}

// replica returns a log that was opened before, or nil.
func (n *Node) replica(id crdt.LogID) *replica {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.replicas[id]
}

// allReplicas are the logs opened so far.
func (n *Node) allReplicas() []*replica {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]*replica, 0, len(n.replicas))
	for _, r := range n.replicas {
		out = append(out, r)
	}
	return out
}

// liveReplicas are the logs that this node offers to others. A log that cannot
// be opened is left out, and others go on.
func (n *Node) liveReplicas() []*replica {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]*replica, 0, len(n.roster.live))
	for _, id := range n.roster.live {
		r, err := n.openLocked(id)
		if err != nil {
			n.cfg.Log.Warn("match cannot be opened", "match", id.Short(), "err", err)
			continue
		}
		out = append(out, r)
	}
	return out
}

func (n *Node) isLive(id crdt.LogID) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.roster.has(id)
}

// resting lists memberships that are not live; retired ones too.
func (n *Node) resting() (out []*access.Member) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, m := range n.members {
		if !n.roster.has(id) {
			out = append(out, m)
		}
	}
	return out
}
