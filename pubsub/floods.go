package pubsub

import (
	"sync"
	"time"

	gossip "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"
)

// What Judge may refuse for its rate of what one peer brings, before the peer's
// messages are no longer looked at. An honest peer takes no more of anybody than
// we do, and so brings at most what its share of one author's or one invite's
// events differs from ours: some hundreds a second. More at once would be a
// second in which a flood holds up others.
const (
	refusedAtOnce    = 300
	refusedPerSecond = 500
	// heardAgain is how much must be left before a peer is heard again.
	heardAgain = refusedPerSecond / 2
)

// floods knows which peers bring so much that is refused for its rate that their
// messages are dropped as they come in: before they are hashed, remembered, queued
// or opened, so that others' need not wait behind them. What a peer said is not
// remembered as seen: the same from anybody else is heard. It may be used from any
// goroutine.
type floods struct {
	mu    sync.Mutex
	peers map[peer.ID]*refusals // guarded by mu; connected peers of whom something was refused
}

// refusals are what one peer may bring yet that is refused.
type refusals struct {
	left float64
	at   time.Time // when left was right
	deaf bool      // to the peer
}

func newFloods() *floods { return &floods{peers: make(map[peer.ID]*refusals)} }

// refused notes a message that was refused for its rate.
func (f *floods) refused(now time.Time, from peer.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.peers[from]
	if r == nil {
		r = &refusals{left: refusedAtOnce, at: now}
		f.peers[from] = r
	}
	r.fill(now)
	r.left = max(r.left-1, 0) // what was on its way in when it was enough counts for nothing
	r.deaf = r.deaf || r.left < 1
}

// deafTo reports whether a peer's messages are dropped now.
func (f *floods) deafTo(now time.Time, from peer.ID) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.peers[from]
	if r == nil || !r.deaf {
		return false
	}
	r.fill(now)
	r.deaf = r.left < heardAgain
	return r.deaf
}

// forget is called when the peer's stream has gone.
func (f *floods) forget(p peer.ID) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.peers, p)
}

func (r *refusals) fill(now time.Time) {
	if passed := now.Sub(r.at); passed > 0 {
		r.left, r.at = min(refusedAtOnce, r.left+passed.Seconds()*refusedPerSecond), now
	}
}

// inspect sees each RPC before gossipsub does. From a peer that floods it takes the
// messages, and the offers of messages, which we would only ask for to drop them.
func (t *tracer) inspect(from peer.ID, rpc *gossip.RPC) error {
	if len(rpc.GetPublish()) == 0 && len(rpc.GetControl().GetIhave()) == 0 || !t.floods.deafTo(time.Now(), from) {
		return nil
	}
	t.counters.dropped.addMany(DropRate, len(rpc.Publish))
	rpc.Publish = nil
	if rpc.Control != nil {
		rpc.Control.Ihave = nil
	}
	return nil
}
