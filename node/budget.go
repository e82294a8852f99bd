package node

import (
	"sync"
	"time"
)

// maxBuckets bounds how many identities a budget remembers. Beyond, those that
// owe least are forgotten: whoever makes identities gains a burst with each,
// and pays with a connection.
const maxBuckets = 4096

// allowance is how much one identity may cost: burst at once, rate a second
// in the long run, and so much at the same time.
type allowance struct {
	burst, rate float64
	atOnce      int
}

// budget bounds what each identity may make us do (rule R12). What something
// costs is often known only when it is done, so an identity that has anything
// left may begin, and may end up owing; then it waits. The caller reads the
// clock. A budget may be used from any goroutine.
type budget struct {
	allowance // immutable

	mu      sync.Mutex
	buckets map[string]*bucket // guarded by mu
}

// bucket is what one identity has left; less than zero is a debt.
type bucket struct {
	left    float64
	at      time.Time // when left was right
	running int
}

func newBudget(a allowance) *budget { return &budget{allowance: a, buckets: map[string]*bucket{}} }

// begin lets an identity begin something, which end must follow, or says after
// how long to ask again.
func (b *budget) begin(now time.Time, who string) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.bucket(now, who)
	switch {
	case k.left <= 0:
		return max(time.Millisecond, time.Duration((1-k.left)/b.rate*float64(time.Second)))
	case k.running >= b.atOnce:
		return time.Second
	}
	k.running++
	return 0
}

// end takes what something cost that has begun.
func (b *budget) end(now time.Time, who string, cost float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	k := b.bucket(now, who)
	k.left -= cost
	k.running = max(0, k.running-1)
}

// bucket returns an identity's, filled up to now. The caller holds mu.
func (b *budget) bucket(now time.Time, who string) *bucket {
	k := b.buckets[who]
	if k == nil {
		if len(b.buckets) >= maxBuckets {
			b.makeRoom(now)
		}
		k = &bucket{left: b.burst, at: now}
		b.buckets[who] = k
	}
	k.fill(now, b.allowance)
	return k
}

func (k *bucket) fill(now time.Time, a allowance) {
	if passed := now.Sub(k.at); passed > 0 {
		k.left = min(a.burst, k.left+passed.Seconds()*a.rate)
		k.at = now
	}
}

// makeRoom forgets who owes nothing, or else who has most left.
func (b *budget) makeRoom(now time.Time) {
	most := ""
	for who, k := range b.buckets {
		k.fill(now, b.allowance)
		switch {
		case k.running > 0:
		case k.left >= b.burst:
			delete(b.buckets, who)
		case most == "" || k.left > b.buckets[most].left:
			most = who
		}
	}
	if len(b.buckets) >= maxBuckets {
		delete(b.buckets, most)
	}
}
