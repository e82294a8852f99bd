package node

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// memberPrefix is where memberships lie in the store's meta values.
const memberPrefix = "member/"

// Node is one device.
type Node struct {
	cfg   Config      // immutable
	store crdt.Store  // immutable
	clock *crdt.Clock // immutable

	counters counters
	work     *budget // what each peer may cost in exchanges
	gossip   *rates
	clients  *rates // of this node's clients
	bulk     *rates // of reconciliation

	mu       sync.Mutex
	members  map[crdt.LogID]*access.Member // guarded by mu
	teams    map[crdt.LogID][]crdt.LogID   // guarded by mu; those that announced a match
	retired  map[crdt.LogID]bool           // guarded by mu; memberships whose log was given up
	replicas map[crdt.LogID]*replica       // guarded by mu; logs opened so far
	roster   roster                        // guarded by mu; which of them are live

	tending  *tending
	outgoing outgoing

	net   atomic.Pointer[network] // set while Run runs
	ready chan struct{}           // closed when net is set for the first time
}

// New returns the device whose state lies in cfg.Store. It starts nothing and
// opens no log: that happens when a log is used.
func New(cfg Config) (*Node, error) {
	if cfg.Store == nil {
		return nil, errors.New("node: no store")
	}
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	enrolments := newBudget(enrolling)
	n := &Node{
		cfg:      cfg,
		store:    cfg.Store,
		clock:    crdt.NewClock(cfg.Now),
		members:  map[crdt.LogID]*access.Member{},
		retired:  map[crdt.LogID]bool{},
		teams:    map[crdt.LogID][]crdt.LogID{},
		replicas: map[crdt.LogID]*replica{},
		tending:  newTending(),
		ready:    make(chan struct{}),
		work:     newBudget(exchangeWork),
		gossip:   newRates(gossipDevice, gossipInvite, enrolments),
		clients:  newRates(clientDevice, clientInvite, enrolments),
		bulk:     newRates(bulkDevice, bulkInvite, enrolments),
	}
	if err := n.remember(); err != nil {
		return nil, err
	}
	return n, nil
}

// Memberships reads what a store's device follows, without opening the logs.
func Memberships(store crdt.Store) (out []*access.Member, err error) {
	keys, err := store.MetaKeys(memberPrefix)
	if err != nil {
		return nil, fmt.Errorf("read memberships: %w", err)
	}
	for _, k := range keys {
		b, err := store.Meta(k)
		if err != nil {
			return nil, fmt.Errorf("read memberships: %w", err)
		}
		m, err := access.DecodeMember(b)
		if err != nil {
			return nil, fmt.Errorf("read membership %s: %w", k, err)
		}
		out = append(out, m)
	}
	return out, nil
}

// FoundOption says more about a log to found.
type FoundOption uint

// Sealed: only members that may read can, not those who hold and forward it. A
// team is always sealed.
const Sealed FoundOption = 1

// Found begins a new match or team (access.PurposeMatch, access.PurposeTeam)
// and returns this device's membership as its organiser.
func (n *Node) Found(ctx context.Context, purpose uint64, label string, options ...FoundOption) (*access.Member, error) {
	var m *access.Member
	var control []*crdt.Event
	var err error
	if purpose == access.PurposeTeam || slices.Contains(options, Sealed) {
		m, control, err = access.FoundSealed(n.clock, purpose)
	} else {
		control = make([]*crdt.Event, 1)
		m, control[0], err = access.Found(n.clock, purpose)
	}
	if err != nil {
		return nil, fmt.Errorf("found: %w", err)
	}
	m.Label = label
	return m, n.enter(ctx, m, control)
}

// Join enrols this device by an invite. It needs no network. Joining a log
// that this device already writes to, with no greater right, changes nothing but
// the label. That is the person's own name for it; empty: as it was.
func (n *Node) Join(ctx context.Context, invite *access.Invite, label string) (*access.Member, error) {
	was := n.following(invite.Log())
	if was != nil && label == "" {
		label = was.Label
	}
	if was != nil && was.Role <= invite.Role() {
		return n.relabel(ctx, was, label)
	}
	m, events, err := invite.Join(n.clock)
	if err != nil {
		return nil, fmt.Errorf("join: %w", err)
	}
	m.Label = label
	m.Keys = append(m.Keys, n.heldKeys(m.Log)...)
	return m, n.enter(ctx, m, events)
}

// relabel gives what is followed already another name of the person's own.
func (n *Node) relabel(ctx context.Context, m *access.Member, label string) (*access.Member, error) {
	if m.Label != label {
		if err := n.changeMember(ctx, m, func(m *access.Member) { m.Label = label }); err != nil {
			return nil, err
		}
	}
	return n.following(m.Log), n.Follow(ctx, m.Log)
}

// heldKeys are the keys of a log that this device holds by an earlier right.
func (n *Node) heldKeys(id crdt.LogID) []access.EpochKey {
	n.mu.Lock()
	m, r := n.members[id], n.replicas[id]
	n.mu.Unlock()
	switch {
	case r != nil:
		return r.keys.Load().Keys()
	case m != nil:
		return m.Keys
	}
	return nil
}

// Visit follows a log by an invite without enrolling: this device reads what
// the invite may read, signs nothing and takes none of the invite's places. It
// is for devices that keep nothing.
func (n *Node) Visit(ctx context.Context, invite *access.Invite) error {
	m, events, err := invite.Join(n.clock)
	if err != nil {
		return fmt.Errorf("visit: %w", err)
	}
	events = events[:len(events)-1] // the enrolment is not used
	m.Seed = invite.Seed            // what it proves to be a member by
	m.Grant, m.Role = events[len(events)-1].Hash, max(m.Role, access.Spectator)
	return n.enter(ctx, m, events)
}

// Look follows a log in which this device has no right: it reads what it is given as
// far as that is in clear, signs nothing, and is no member. It is for devices that keep
// nothing and meet nobody.
func (n *Node) Look(ctx context.Context, id crdt.LogID) error {
	return n.enter(ctx, access.Stranger(id), nil)
}

// enter makes control events and membership durable and follows the log.
func (n *Node) enter(ctx context.Context, m *access.Member, control []*crdt.Event) error {
	if err := n.unretire(ctx, m.Log); err != nil {
		return err
	}
	if err := n.store.SetMeta(ctx, memberPrefix+m.Log.String(), m.Encode()); err != nil {
		return fmt.Errorf("keep membership: %w", err)
	}
	envelopes := make([][]byte, len(control))
	for i, e := range control {
		envelopes[i] = e.Envelope()
	}
	if err := n.keepLineage(ctx, m.Log, envelopes); err != nil {
		return err
	}
	n.mu.Lock()
	n.members[m.Log] = m
	if old := n.replicas[m.Log]; old != nil {
		old.setMember(m)
	}
	n.mu.Unlock()
	r, err := n.mustReplica(m.Log)
	if err != nil {
		return err
	}
	n.wake(ctx, r)
	for _, e := range control {
		for _, o := range r.log.Admit(ctx, "", e.Envelope()) {
			if o.Err != nil {
				return fmt.Errorf("keep control event: %w", o.Err)
			}
		}
		r.publish(e)
	}
	if net := n.net.Load(); net != nil {
		net.announceMembership(m)
	}
	return nil
}

// Members lists this device's memberships, but for those it retired.
func (n *Node) Members() []*access.Member {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]*access.Member, 0, len(n.members))
	for id, m := range n.members {
		if !n.retired[id] {
			out = append(out, m)
		}
	}
	return out
}

// Log returns a followed log, or ErrNotFound.
func (n *Node) Log(id crdt.LogID) (*crdt.Log, error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil, err
	}
	return r.log, nil
}

// Role is the role behind a grant in a followed log; 0 if it is not known.
func (n *Node) Role(id crdt.LogID, grant crdt.Hash) access.Role {
	if r, err := n.mustReplica(id); err == nil {
		return r.control.Role(grant)
	}
	return 0
}

// Right is what a control event of a followed log gives; false if it is not
// known.
func (n *Node) Right(id crdt.LogID, grant crdt.Hash) (access.Right, bool) {
	if r, err := n.mustReplica(id); err == nil {
		return r.control.Right(grant)
	}
	return access.Right{}, false
}

// Admit offers envelopes from elsewhere (a file, a client) to a followed log
// and publishes what is new. from names the deliverer for bounds.
func (n *Node) Admit(ctx context.Context, id crdt.LogID, from string, envelopes ...[]byte) (out []crdt.Outcome, err error) {
	all, err := n.AdmitAll(ctx, id, from, slices.Values([][][]byte{envelopes}))
	if err != nil {
		return nil, err
	}
	for out = range all {
	}
	return out, nil
}

// AdmitAll is Admit for many batches: [crdt.Log.AdmitAll].
func (n *Node) AdmitAll(ctx context.Context, id crdt.LogID, from string, batches iter.Seq[[][]byte]) (iter.Seq[[]crdt.Outcome], error) {
	r, err := n.mustReplica(id)
	if err != nil {
		return nil, err
	}
	return func(yield func([]crdt.Outcome) bool) {
		for out := range r.log.AdmitAll(ctx, from, batches) {
			n.publishNew(ctx, r, out)
			if err := r.tend(ctx); err != nil {
				n.cfg.Log.Warn("keys not looked after", "match", id.Short(), "err", err)
			}
			if !yield(out) {
				return
			}
		}
	}, nil
}

// publishNew publishes what was just added.
func (n *Node) publishNew(ctx context.Context, r *replica, out []crdt.Outcome) {
	awake := false
	for _, o := range out {
		if o.Err != nil || !o.Added.New {
			continue
		}
		if !awake {
			n.wake(ctx, r)
			awake = true
		}
		r.publish(o.Event)
	}
}
