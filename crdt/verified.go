package crdt

import "sync"

// verified knows the events of offers under way whose signature was found good.
// After a partition several peers bring the same events at the same time.
type verified struct {
	mu sync.Mutex
	by map[Hash]struct{} // guarded by mu
}

func newVerified() *verified { return &verified{by: map[Hash]struct{}{}} }

func (v *verified) has(h Hash) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, ok := v.by[h]
	return ok
}

func (v *verified) add(h Hash) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.by[h] = struct{}{}
}

// remove forgets an event. What another offer has of it is verified again at worst.
func (v *verified) remove(h Hash) {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.by, h)
}
