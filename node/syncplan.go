package node

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
)

// reason says why two nodes reconcile. Every trigger is a value, so that each
// can be tested, counted and shown.
type reason string

const (
	becauseConnected  reason = "connected"
	becauseSubscribed reason = "subscribed" // a peer appeared on a topic, or we joined one
	becauseDropped    reason = "dropped"    // gossip dropped something
	becauseMismatch   reason = "mismatch"   // a heartbeat showed other digests
	becauseNoGrant    reason = "no grant"   // an event waits for control events
	becauseNetwork    reason = "network"    // our addresses changed
	becauseAsked      reason = "asked"      // a person or a restore
	becauseRetry      reason = "retry"      // the last exchange failed or left a difference
)

const (
	mismatchBeats = 3                      // so many beats in a row show other digests, both sides at rest, before we act
	fluxBeats     = 10                     // so many, while events go on arriving
	syncRetry     = 400 * time.Millisecond // back-off after a failed exchange, doubling
	syncRetryMost = 5 * time.Second
	fruitlessMost = 10 * time.Second // longest pause after exchanges that moved nothing
	maxSyncs      = 4                // exchanges that we run at a time
	waitForFirst  = 500 * time.Millisecond
)

// syncPlan decides when to reconcile with whom. It is pure and owned by the
// network's loop. At most one exchange that we began runs per peer.
type syncPlan struct {
	random *rand.Rand
	peers  map[peer.ID]*syncState
}

type syncState struct {
	second     bool // the peer goes first
	running    bool
	serving    int    // exchanges that the peer began and that run
	wanted     reason // "" when nothing is wanted
	due        time.Time
	failures   int
	fruitless  int // exchanges in a row that moved nothing though digests differed
	mismatches int // beats in a row that showed other digests
	rest       int // how many of them found neither side changed since the one before
}

func newSyncPlan(random *rand.Rand) *syncPlan {
	return &syncPlan{random: random, peers: map[peer.ID]*syncState{}}
}

// connected begins to care for a peer. One exchange serves both: one side, on which
// both agree, goes first, and the second waits a little.
func (p *syncPlan) connected(now time.Time, id peer.ID, second bool) {
	s := &syncState{second: second}
	if old := p.peers[id]; old != nil {
		s.running, s.serving = old.running, old.serving
	}
	p.peers[id] = s
	p.trigger(now, id, becauseConnected)
}

// lost stops caring. A running exchange fails by itself.
func (p *syncPlan) lost(id peer.ID) { delete(p.peers, id) }

// trigger asks for an exchange with one peer. What both sides see at the same
// moment is left to the first.
func (p *syncPlan) trigger(now time.Time, id peer.ID, why reason) {
	s := p.peers[id]
	if s == nil {
		return
	}
	if s.second && (why == becauseConnected || why == becauseSubscribed) {
		now = now.Add(waitForFirst)
	}
	s.want(why, now)
}

// triggerAll asks for an exchange with every peer.
func (p *syncPlan) triggerAll(now time.Time, why reason) {
	for id := range p.peers {
		p.trigger(now, id, why)
	}
}

// beat notes whether a peer's heartbeat showed our digests, and whether either
// side changed since the beat before: while events arrive, a difference is
// mostly one that gossip is about to close.
func (p *syncPlan) beat(now time.Time, id peer.ID, same, changed bool) {
	s := p.peers[id]
	if s == nil {
		return
	}
	if same {
		s.mismatches, s.rest, s.fruitless = 0, 0, 0
		return
	}
	s.mismatches++
	if s.rest++; changed {
		s.rest = 0
	}
	if s.rest < mismatchBeats && s.mismatches < fluxBeats || s.running || s.wanted != "" {
		return
	}
	s.mismatches, s.rest = 0, 0
	pause := min(time.Duration(s.fruitless)*time.Second, fruitlessMost)
	s.want(becauseMismatch, now.Add(pause+time.Duration(p.random.Int64N(int64(beatEvery)))))
}

// serving notes that an exchange which the peer began begins or ends here. While
// one runs we begin none: two at once would carry every event twice.
func (p *syncPlan) serving(id peer.ID, begins bool) {
	s := p.peers[id]
	switch {
	case s == nil:
	case begins:
		s.serving++
	default:
		s.serving = max(0, s.serving-1)
	}
}

// served notes that the peer's own exchange with us succeeded: ours is not
// needed if it was only due to the connection.
func (p *syncPlan) served(id peer.ID) {
	if s := p.peers[id]; s != nil && (s.wanted == becauseConnected || s.wanted == becauseSubscribed) && !s.running {
		s.wanted = ""
	}
}

// finished notes the end of an exchange that we began. moved says whether it
// carried events, equal whether all common logs were proved equal.
func (p *syncPlan) finished(now time.Time, id peer.ID, err error, moved, equal bool) {
	s := p.peers[id]
	if s == nil {
		return
	}
	s.running = false
	var busy busyError
	switch {
	case errors.As(err, &busy):
		s.want(becauseRetry, now.Add(busy.after))
	case err != nil:
		s.failures++
		s.want(becauseRetry, now.Add(min(syncRetry<<min(s.failures-1, 4), syncRetryMost)))
	case equal:
		s.failures, s.fruitless = 0, 0
	case moved:
		// New events may have come while it ran; the heartbeat will tell.
		s.failures, s.fruitless = 0, 0
	default:
		s.failures = 0
		s.fruitless++
	}
}

// next is one exchange to begin.
type next struct {
	id  peer.ID
	why reason
}

// due returns the exchanges to begin now.
func (p *syncPlan) due(now time.Time) (out []next) {
	running := 0
	for _, s := range p.peers {
		if s.running {
			running++
		}
	}
	for id, s := range p.peers {
		if running >= maxSyncs {
			break
		}
		if s.free() && !s.due.After(now) {
			out = append(out, next{id, s.wanted})
			s.running, s.wanted, s.mismatches, s.rest = true, "", 0, 0
			running++
		}
	}
	return out
}

// wake returns when due may next return something; zero if never.
func (p *syncPlan) wake() (at time.Time) {
	for _, s := range p.peers {
		if s.free() {
			at = earliest(at, s.due)
		}
	}
	return at
}

// free reports whether an exchange is wanted and may begin once it is due.
func (s *syncState) free() bool { return s.wanted != "" && !s.running && s.serving == 0 }

// want keeps the earlier of two wishes.
func (s *syncState) want(why reason, due time.Time) {
	if s.wanted == "" || due.Before(s.due) {
		s.wanted, s.due = why, due
	}
}
