package node

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/recon"
	"touchline.dev/touchline/pubsub"
)

// replica is one followed log: its admission path, the index that
// reconciliation works on, this device's place in its own chains, and the
// topic on which it is live.
type replica struct {
	node    *Node           // immutable
	log     *crdt.Log       // immutable
	control *access.Control // immutable
	ids     *ownIDs
	secrets secrets // immutable

	indexMu sync.Mutex
	index   [crdt.NumSets]*recon.Index // guarded by indexMu; nil until used, and when the log rests

	generation atomic.Uint64 // counts changes of the sets
	cached     atomic.Pointer[cachedDigest]

	topic     atomic.Pointer[pubsub.Topic] // while the node runs
	lastHeard atomic.Int64                 // own clock, ms, of the last event or proof from a peer

	mu     sync.Mutex
	member *access.Member      // guarded by mu
	pens   map[string]*pen     // guarded by mu; by client, for the current member; each one's chains, too
	equal  map[string]equality // guarded by mu; by peer ID
	liars  map[string]bool     // guarded by mu; peers with whom the short ways failed
	held   holding             // guarded by mu; the proof written last in this run
	heldAt time.Time           // guarded by mu

	places places
	fields fields

	keys    atomic.Pointer[access.Keyring] // for the current member
	tending sync.Mutex                     // held while keys are changed or given

	clientsMu sync.Mutex // held while a client's key is looked up or made
}

// equality is the last proof that a peer held the same sets.
type equality struct {
	digest crdt.Hash
	at     time.Time
}

func openReplica(n *Node, m *access.Member) (*replica, error) {
	r := &replica{
		node:    n,
		control: access.NewControl(m.Log),
		ids:     newOwnIDs(),
		secrets: secretsOf(m),
		member:  m,
		pens:    map[string]*pen{},
		equal:   map[string]equality{},
		liars:   map[string]bool{},
	}
	r.keys.Store(access.NewKeyring(m, r.control))
	log, err := crdt.OpenLog(n.store, m.Log, watchedControl{r.control, r}, r.added, r.erased)
	r.log = log
	if err == nil {
		err = r.restoreLineage(context.Background())
	}
	return r, err
}

// load fills the index, and lets the clock know what the log's events say. An
// event that is added meanwhile is inserted twice, which is once.
func (r *replica) load() error {
	r.indexMu.Lock()
	defer r.indexMu.Unlock()
	return r.loadLocked()
}

func (r *replica) loadLocked() error {
	if r.index[0] != nil {
		return nil
	}
	var index [crdt.NumSets]*recon.Index
	for _, set := range crdt.Sets {
		index[set] = recon.NewIndex(recon.IndexKey(r.secrets.topic, set))
		err := r.node.store.Elements(r.log.ID(), set, crdt.Element{}, func(e crdt.Element) bool {
			index[set].Insert(recon.NameOf(e))
			r.node.clock.Observe(e.Time)
			return true
		})
		if err != nil {
			return fmt.Errorf("index match %s: %w", r.log.ID().Short(), err)
		}
	}
	r.index = index
	return nil
}

// dropIndex gives back the memory of a log that rests.
func (r *replica) dropIndex() {
	r.indexMu.Lock()
	defer r.indexMu.Unlock()
	r.index = [crdt.NumSets]*recon.Index{}
	r.fields.forget()
}

// rest takes the log out of live traffic and returns what is left to do
// without the node's lock, which the caller holds.
func (r *replica) rest() func() {
	t := r.topic.Swap(nil)
	return func() {
		r.dropIndex()
		if t != nil {
			t.Close()
		}
	}
}

// added is called after events became durable members.
func (r *replica) added(events []*crdt.Event) {
	r.indexMu.Lock()
	for _, e := range events {
		if x := r.index[e.Set]; x != nil {
			x.Insert(recon.NameOf(e.Element()))
		}
	}
	r.indexMu.Unlock()
	for _, e := range events {
		r.node.clock.Observe(e.Time)
	}
	r.places.note(events)
	r.fields.note(r, events)
	if r.control.Purpose() == access.PurposeTeam {
		r.node.tending.later(r) // it may have announced a match
	}
	r.generation.Add(1)
	r.node.counters.added.Add(int64(len(events)))
}

// erased is called after events left their sets for ever.
func (r *replica) erased(events []*crdt.Event) {
	r.indexMu.Lock()
	for _, e := range events {
		if x := r.index[e.Set]; x != nil {
			x.Remove(recon.NameOf(e.Element()))
		}
	}
	r.indexMu.Unlock()
	r.places.forget()
	r.fields.forget()
	r.generation.Add(1)
	r.node.counters.erased.Add(int64(len(events)))
}

func (r *replica) membership() *access.Member {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.member
}

func (r *replica) setMember(m *access.Member) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.member = m
	r.keys.Store(access.NewKeyring(m, r.control))
	clear(r.pens) // a chain is written by one key under one grant
	r.fields.forget()
}

// write is writeWith for a payload that does not depend on the header.
func (r *replica) write(ctx context.Context, client string, h crdt.Header, payload []byte) (*crdt.Event, error) {
	events, err := r.writeWith(ctx, client, h, func(*crdt.Header) ([]byte, error) { return payload, nil })
	if err != nil {
		return nil, err
	}
	return events[0], nil
}

// writeWith signs the next event of a client's chain, or of this device's own,
// and commits it. payload is called with the complete header, but for the epoch,
// which it may set; it must not write. Events placed while one is being committed
// go into the same group commit; if one fails, a new chain begins, since its
// place may have been seen. beside are more to sign and to commit in one step
// with it, each told of the event; they are returned after it.
func (r *replica) writeWith(ctx context.Context, client string, h crdt.Header, payload sealer, beside ...func(*crdt.Event) (crdt.Header, sealer)) ([]*crdt.Event, error) {
	if err := r.load(); err != nil { // our time must be later than all that is here
		return nil, err
	}
	p, err := r.pen(ctx, client, "") // let in before, if it is one
	if err != nil {
		return nil, err
	}
	events := make([]*crdt.Event, 1, 1+len(beside))
	r.mu.Lock()
	events[0], err = r.signLocked(p, h, payload)
	for _, next := range beside {
		if err == nil {
			var e *crdt.Event
			h, payload := next(events[0])
			e, err = r.signLocked(p, h, payload)
			events = append(events, e)
		}
	}
	chains := maps.Clone(p.chains)
	r.mu.Unlock()
	if err == nil {
		err = r.commit(ctx, events)
	}
	if err != nil {
		r.mu.Lock()
		for set, chain := range chains {
			if p.chains[set] == chain && slices.ContainsFunc(events, func(e *crdt.Event) bool { return e != nil && e.Set == set }) {
				delete(p.chains, set)
			}
		}
		r.mu.Unlock()
		return nil, err
	}
	return events, nil
}

// sealer makes the payload of an event out of its header.
type sealer = func(*crdt.Header) ([]byte, error)

// signLocked signs the next event of a chain and moves the chain past it.
func (r *replica) signLocked(p *pen, h crdt.Header, payload sealer) (*crdt.Event, error) {
	chain := p.chains[h.Set]
	if chain == nil {
		chain = crdt.NewChain()
		p.chains[h.Set] = chain
	}
	h.Log, h.Grant, h.Author = r.log.ID(), p.grant, p.author()
	h.Time, h.OwnMs = r.node.clock.Now()
	chain.Place(&h)
	said, err := payload(&h)
	if err != nil {
		return nil, err
	}
	e, err := crdt.Sign(p.key, h, said)
	if err == nil {
		chain.Advance(e)
	}
	return e, err
}

// commit makes events of this device durable.
func (r *replica) commit(ctx context.Context, events []*crdt.Event) error {
	for _, e := range events {
		if err := r.log.Access(e); err != nil {
			return err
		}
	}
	for _, o := range r.log.Commit(ctx, "", events...) {
		if o.Err != nil {
			return o.Err
		}
	}
	return nil
}

// grantChain returns the control events from the founder to grant.
func (r *replica) grantChain(grant crdt.Hash) ([]*crdt.Event, error) {
	var chain []*crdt.Event
	for at := grant; len(chain) < 16; {
		e, err := r.log.Event(at)
		if err != nil {
			return nil, fmt.Errorf("grant %s: %w", at.Short(), err)
		}
		chain = append([]*crdt.Event{e}, chain...)
		if e.IsFounding() {
			return chain, nil
		}
		at = e.Grant
	}
	return nil, errors.New("grant chain is too long")
}

// publish hands an event that is durable here to the live topic. Who misses
// it gets it by reconciliation.
func (r *replica) publish(e *crdt.Event) {
	t := r.topic.Load()
	if t == nil {
		return
	}
	if err := t.Publish(context.Background(), e); err != nil {
		r.node.cfg.Log.Debug("publish", "match", r.log.ID().Short(), "err", err)
	}
}

// snapshots returns the index of each set as it is now.
func (r *replica) snapshots() (s [crdt.NumSets]*recon.Snapshot, err error) {
	r.indexMu.Lock()
	defer r.indexMu.Unlock()
	if err := r.loadLocked(); err != nil {
		return s, err
	}
	for i, x := range r.index {
		s[i] = x.Snapshot()
	}
	return s, nil
}

// moment returns digests, indexes and sync point of one and the same moment. An
// event is in the store a little before it is in the index; while events
// arrive without a pause there may be no such moment, and then no sync point.
func (r *replica) moment(with peer.ID, theirs crdt.StoreID) (d recon.Digests, s [crdt.NumSets]*recon.Snapshot, p *recon.SyncPoint, err error) {
	for range 20 {
		var before, after crdt.Arrival
		if d, before, err = r.sums(); err != nil {
			return d, s, nil, err
		}
		if s, err = r.snapshots(); err != nil {
			return d, s, nil, err
		}
		if s[0].Len()+s[1].Len()+s[2].Len() == int(d.Counts[0]+d.Counts[1]+d.Counts[2]) {
			p = r.loadSyncPoint(with, theirs, before)
			if _, after, err = r.sums(); err != nil || before == after {
				return d, s, p, err
			}
		}
		time.Sleep(time.Millisecond)
	}
	return d, s, nil, nil
}

// sums returns the digests of the three sets, and the last arrival in them.
func (r *replica) sums() (d recon.Digests, last crdt.Arrival, err error) {
	digests, last, err := r.log.Digest()
	if err != nil {
		return d, last, fmt.Errorf("digest of match %s: %w", r.log.ID().Short(), err)
	}
	for i := range digests {
		d.Sums[i], d.Counts[i] = digests[i].Sum(), digests[i].Count()
	}
	return d, last, nil
}

// combined is one name for three sets, for people and for comparing proofs.
func combined(d recon.Digests) crdt.Hash { return crdt.CombineSums(d.Sums) }

// proved notes that a peer proved to hold the sets with this digest.
func (r *replica) proved(peer string, digest crdt.Hash, now time.Time) {
	r.lastHeard.Store(r.node.cfg.Now().UnixMilli())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.equal[peer] = equality{digest: digest, at: now}
	delete(r.liars, peer)
}

// suspect notes whether the short ways of reconciling failed with a peer: then
// the next exchange lists everything.
func (r *replica) suspect(peer string, yes bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if yes {
		r.liars[peer] = true
	}
}

func (r *replica) isSuspect(peer string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.liars[peer]
}
