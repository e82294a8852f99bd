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

// ownIDs knows which IDs this device and its clients have written, so that a
// repeated request is answered with the same event. IDs in use are held, so that two requests
// with one ID cannot both find it free.
type ownIDs struct {
	mu     sync.Mutex
	loaded bool                    // guarded by mu: byID is complete
	byID   map[ownID]crdt.Hash     // guarded by mu
	held   map[ownID]chan struct{} // guarded by mu
}

func newOwnIDs() *ownIDs {
	return &ownIDs{byID: map[ownID]crdt.Hash{}, held: map[ownID]chan struct{}{}}
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

// get looks id up; load fills the table the first time.
func (o *ownIDs) get(id ownID, load func(add func(ownID, crdt.Hash)) error) (crdt.Hash, bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.loaded {
		err := load(func(id ownID, h crdt.Hash) {
			if _, ok := o.byID[id]; !ok {
				o.byID[id] = h
			}
		})
		if err != nil {
			return crdt.Hash{}, false, err
		}
		o.loaded = true
	}
	h, ok := o.byID[id]
	return h, ok, nil
}
