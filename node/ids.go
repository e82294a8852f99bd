package node

import (
	"context"
	"sync"

	"touchline.dev/touchline/crdt"
)

// ownID is an event's label within its author's events.
type ownID struct {
	author crdt.Key
	id     string
}

// ownIDs knows which IDs have been written, so that a repeated request is
// answered with the same event. IDs in use are held, so that two requests with
// one ID cannot both find it free.
type ownIDs struct {
	mu      sync.Mutex
	read    crdt.Arrival            // guarded by mu: so far the log was read
	store   crdt.StoreID            // guarded by mu: of read
	loaded  bool                    // guarded by mu: byID has all that this device and its clients wrote
	byID    map[ownID]crdt.Hash     // guarded by mu
	byLabel map[string]crdt.Hash    // guarded by mu; of anybody, the first to arrive
	held    map[ownID]chan struct{} // guarded by mu
}

func newOwnIDs() *ownIDs {
	return &ownIDs{byID: map[ownID]crdt.Hash{}, byLabel: map[string]crdt.Hash{}, held: map[ownID]chan struct{}{}}
}

// hold waits until nobody else works on id.
func (o *ownIDs) hold(ctx context.Context, id ownID) (release func(), err error) {
	for {
		o.mu.Lock()
		busy, taken := o.held[id]
		if !taken {
			done := make(chan struct{})
			o.held[id] = done
			o.mu.Unlock()
			return func() {
				o.mu.Lock()
				delete(o.held, id)
				o.mu.Unlock()
				close(done)
			}, nil
		}
		o.mu.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (o *ownIDs) set(id ownID, h crdt.Hash) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.byID[id] = h
}

// get looks an ID up: the author's event of that label or, if anybody's will do,
// another's. load calls add with the events of a log after a place and returns the
// last place.
func (o *ownIDs) get(id ownID, anybody bool, store crdt.StoreID, load func(crdt.Arrival, func(ownID, crdt.Hash)) (crdt.Arrival, error)) (crdt.Hash, bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.store != store {
		o.store, o.read = store, 0 // another order of arrival
	}
	if anybody || !o.loaded {
		read, err := load(o.read, o.add)
		if err != nil {
			return crdt.Hash{}, false, err
		}
		o.read, o.loaded = read, true
	}
	h, ok := o.byID[id]
	if !ok && anybody {
		h, ok = o.byLabel[id.id]
	}
	return h, ok, nil
}

// add notes an event, unless an earlier one has the ID. The lock is held.
func (o *ownIDs) add(id ownID, h crdt.Hash) {
	if _, ok := o.byID[id]; !ok {
		o.byID[id] = h
	}
	if _, ok := o.byLabel[id.id]; !ok {
		o.byLabel[id.id] = h
	}
}
