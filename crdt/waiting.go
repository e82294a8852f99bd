package crdt

import "sync"

const (
	// maxWaitingPerSource and maxWaiting bound what waits for a grant outside
	// set and digest (rule R1), in events.
	maxWaitingPerSource = 512
	maxWaiting          = 4096
)

// waitingRoom keeps events whose grant has not arrived. What it cannot hold
// is not lost: it was never acknowledged and comes again by reconciliation.
type waitingRoom struct {
	mu       sync.Mutex
	byGrant  map[Hash]map[Hash]*Event // guarded by mu
	bySource map[string]int           // guarded by mu
	source   map[Hash]string          // guarded by mu; who delivered each
}

func newWaitingRoom() *waitingRoom {
	return &waitingRoom{byGrant: map[Hash]map[Hash]*Event{}, bySource: map[string]int{}, source: map[Hash]string{}}
}

// add reports whether e waits now; false when a bound is reached.
func (w *waitingRoom) add(from string, e *Event) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.source[e.Hash]; ok {
		return true
	}
	if w.bySource[from] >= maxWaitingPerSource || len(w.source) >= maxWaiting {
		return false
	}
	if w.byGrant[e.Grant] == nil {
		w.byGrant[e.Grant] = map[Hash]*Event{}
	}
	w.byGrant[e.Grant][e.Hash] = e
	w.source[e.Hash] = from
	w.bySource[from]++
	return true
}

// take removes and returns the events that waited for any of the grants.
func (w *waitingRoom) take(grants []Hash) (ready []*Event) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, g := range grants {
		for h, e := range w.byGrant[g] {
			from := w.source[h]
			if w.bySource[from]--; w.bySource[from] == 0 {
				delete(w.bySource, from)
			}
			delete(w.source, h)
			ready = append(ready, e)
		}
		delete(w.byGrant, g)
	}
	return ready
}

func (w *waitingRoom) len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.source)
}
