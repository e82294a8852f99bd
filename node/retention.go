package node

import (
	"context"
	"errors"
	"fmt"
	"time"

	"touchline.dev/touchline/crdt"
)

// ErrOnlyCopy: no other device is known to hold all of a log, so this one may
// not give it up (rule R13).
var ErrOnlyCopy = errors.New("no other device is known to hold all of it")

// retainEvery is how often a node with Config.Keep looks for old logs.
const retainEvery = time.Hour

// evidence is what decides whether a log may be given up.
type evidence struct {
	recent bool      // an event is younger than the limit, or there is none at all
	digest crdt.Hash // of what is here
	held   holding   // the last proof that another device held it; zero: none
	lapsed bool      // that device's store is another one since
}

// mayRetire is nil when a log is old and another device's durable store was
// proved to hold exactly what is here. The error wraps ErrOnlyCopy if only the
// latter fails, and says what is missing.
func mayRetire(e evidence) error {
	switch {
	case e.recent:
		return errors.New("it has events younger than the limit")
	case e.held == holding{}:
		return fmt.Errorf("%w: none was ever proved equal", ErrOnlyCopy)
	case e.lapsed:
		return fmt.Errorf("%w: the store of device %s, which did, was replaced since", ErrOnlyCopy, e.held.peer)
	case e.held.digest != e.digest:
		return fmt.Errorf("%w: something came or was written here after device %s was last proved equal", ErrOnlyCopy, e.held.peer)
	}
	return nil
}

// Retire gives up this device's copy of a log: its events are destroyed here,
// and peers are told "retired" when they offer it. Unless forced it fails with
// ErrOnlyCopy when nobody else is known to hold everything. The membership
// stays: Follow, or joining again, takes the log back.
func (n *Node) Retire(ctx context.Context, id crdt.LogID, force bool) error {
	if _, err := n.mustReplica(id); err != nil {
		return err
	}
	e, err := n.evidence(id, 0)
	if err != nil && !force {
		return fmt.Errorf("retire match %s: %w", id.Short(), err)
	}
	if err := mayRetire(e); err != nil && !force {
		return fmt.Errorf("retire match %s: %w", id.Short(), err)
	}
	return n.retire(ctx, id)
}

// evidence looks at a log. keep is how old an event must be; 0: any age.
func (n *Node) evidence(id crdt.LogID, keep time.Duration) (e evidence, err error) {
	if keep > 0 {
		limit := crdt.MakeTime(uint64(max(0, n.cfg.Now().Add(-keep).UnixMilli())), 0)
		if e.recent, err = n.hasRecent(id, limit); err != nil || e.recent {
			return e, err
		}
	}
	digests, last, err := n.store.Digest(id)
	if err != nil {
		return e, err
	}
	e.recent = e.recent || keep > 0 && last == 0
	var sums [crdt.NumSets]crdt.Hash
	for i := range digests {
		sums[i] = digests[i].Sum()
	}
	e.digest = crdt.CombineSums(sums)
	e.held = n.loadHolding(id)
	if w := n.net.Load(); w != nil {
		e.lapsed = w.replaced(e.held)
	}
	return e, nil
}

// hasRecent reports whether a log has an event of that time or later.
func (n *Node) hasRecent(id crdt.LogID, limit crdt.Time) (recent bool, err error) {
	for _, set := range crdt.Sets {
		err = errors.Join(err, n.store.Elements(id, set, crdt.Element{Time: limit}, func(crdt.Element) bool {
			recent = true
			return false
		}))
	}
	return recent, err
}

// retire drops a log from memory and store.
func (n *Node) retire(ctx context.Context, id crdt.LogID) error {
	n.mu.Lock()
	n.retired[id] = true
	n.roster.drop(id)
	idle := func() {}
	r := n.replicas[id]
	if r != nil {
		idle = r.rest()
	}
	delete(n.replicas, id)
	n.mu.Unlock()
	idle()
	if w := n.net.Load(); w != nil && r != nil {
		w.unshare(r)
	}
	if err := n.store.Retire(ctx, id); err != nil {
		n.mu.Lock()
		delete(n.retired, id)
		n.mu.Unlock()
		return fmt.Errorf("retire match %s: %w", id.Short(), err)
	}
	n.cfg.Log.Info("match retired", "match", id.Short())
	return nil
}

// unretire lets a log be filled again.
func (n *Node) unretire(ctx context.Context, id crdt.LogID) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.retired[id] {
		return nil
	}
	if err := n.store.Unretire(ctx, id); err != nil {
		return fmt.Errorf("take match %s back: %w", id.Short(), err)
	}
	delete(n.retired, id)
	return nil
}

// retain gives up logs whose newest event is older than Config.Keep, until ctx
// is done. What only this device holds stays, however old.
func (n *Node) retain(ctx context.Context) {
	tick := time.NewTicker(retainEvery)
	defer tick.Stop()
	for {
		for _, m := range n.Members() {
			e, err := n.evidence(m.Log, n.cfg.Keep)
			if err == nil {
				err = mayRetire(e)
			}
			if err == nil {
				err = n.retire(ctx, m.Log)
			}
			if errors.Is(err, ErrOnlyCopy) {
				n.cfg.Log.Warn("old match is kept", "match", m.Log.Short(), "why", err)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
