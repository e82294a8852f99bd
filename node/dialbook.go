package node

import (
	"cmp"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/multiformats/go-multiaddr"
)

// source says how a peer became known.
type source string

const (
	fromMDNS       source = "mdns"
	fromMemory     source = "remembered"
	fromFlag       source = "flag"
	fromRelayFlag  source = "relay"
	fromInvite     source = "invite"
	fromConnection source = "inbound"
)

// dialBook decides whom to dial and when. It is pure: it reads no clock and
// opens nothing. It keeps the degree of a large LAN low, redials without
// mercy, and lets only one of two nodes that found each other dial at once.
// It is owned by the network's loop.
type dialBook struct {
	self   peer.ID
	random *rand.Rand
	peers  map[peer.ID]*contact
	lonely bool // a log lacks neighbours: look further
}

// contact is what the book knows of one peer.
type contact struct {
	id        peer.ID
	rank      uint64 // our own order of preference
	addrs     []multiaddr.Multiaddr
	source    source
	keep      bool // always dialled: given by the user
	connected bool
	inbound   bool
	dialing   bool
	since     time.Time // of the present connection
	lastSeen  time.Time // connected or heard of
	next      time.Time // not dialled before
	avoided   time.Time // nor until then, while there are neighbours enough
	failures  int
	member    bool   // has proved to be one
	strange   int    // meetings in a row that found no log in common
	unproven  int    // meetings in a row that came to no end
	hurry     bool   // the next dial need not wait
	refusal   string // of the last meeting, for people; empty if nothing was refused
	lastError string
	rtt       time.Duration
}

func newDialBook(self peer.ID, random *rand.Rand) *dialBook {
	return &dialBook{self: self, random: random, peers: map[peer.ID]*contact{}}
}

// found notes addresses of a peer. Fresh news resets the back-off.
func (b *dialBook) found(now time.Time, info peer.AddrInfo, from source) {
	if info.ID == b.self {
		return
	}
	c := b.peers[info.ID]
	if c == nil {
		if !b.room() && from == fromMDNS {
			return
		}
		c = &contact{id: info.ID, rank: b.rank(info.ID), source: from, next: now}
		if from == fromMDNS && b.self > info.ID {
			c.next = now.Add(tieBreak) // both found each other: the lower ID dials
		}
		b.peers[info.ID] = c
	} else if !c.connected && !c.dialing && from == fromMDNS && c.strange == 0 {
		c.failures = 0
		c.next = earliest(c.next, now.Add(b.jitter(redialFirst)))
	}
	c.keep = c.keep || from == fromFlag || from == fromRelayFlag
	if from != fromMemory && from != fromConnection {
		c.source = from
	}
	if from != fromMemory {
		c.lastSeen = now
	}
	if len(info.Addrs) > 0 {
		c.addrs = mergeAddrs(info.Addrs, c.addrs)
	}
}

// room makes a place for one more contact, if need be in the place of the one
// heard of longest ago among those that never proved to be a member. It reports whether there is one.
func (b *dialBook) room() bool {
	if len(b.peers) < maxContacts {
		return true
	}
	var oldest *contact
	for _, c := range b.peers {
		if c.hearsay() && (oldest == nil || c.lastSeen.Before(oldest.lastSeen)) {
			oldest = c
		}
	}
	if oldest == nil {
		return false
	}
	delete(b.peers, oldest.id)
	return true
}

// hearsay reports whether nothing but an announcement speaks for a contact.
func (c *contact) hearsay() bool {
	return !c.keep && !c.member && !c.connected && !c.dialing && (c.source == fromMDNS || c.source == fromConnection)
}

// connected notes a connection.
func (b *dialBook) connected(now time.Time, id peer.ID, inbound bool) {
	c := b.peers[id]
	if c == nil {
		b.room()
		c = &contact{id: id, rank: b.rank(id), source: fromConnection}
		b.peers[id] = c
	}
	c.connected, c.inbound, c.dialing, c.failures, c.lastError = true, inbound, false, 0, ""
	c.since, c.lastSeen = now, now
}

// lost notes the end of the last connection to a peer.
func (b *dialBook) lost(now time.Time, id peer.ID) {
	if c := b.peers[id]; c != nil && c.connected {
		c.connected, c.lastSeen = false, now
		switch {
		case c.hurry:
			c.hurry, c.next = false, now
		case c.strange == 0:
			c.next = now.Add(b.jitter(redialFirst))
		}
	}
}

// member notes that a peer shares a log with us.
func (b *dialBook) member(id peer.ID) {
	if c := b.peers[id]; c != nil {
		c.member, c.strange, c.unproven, c.refusal = true, 0, 0, ""
	}
}

// refused notes, for people, that one of two ends did not take a proof.
func (b *dialBook) refused(id peer.ID, why string) {
	if c := b.peers[id]; c != nil {
		c.refusal = why
	}
}

// failedToProve notes that a meeting came to no end. Once or twice that may be
// a slow machine or a flapping link; then the peer counts as a stranger.
func (b *dialBook) failedToProve(now time.Time, id peer.ID, why error) {
	if c := b.peers[id]; c != nil {
		c.lastError = why.Error()
		if c.unproven++; c.unproven >= 3 {
			b.stranger(now, id, why)
		}
	}
}

// stranger notes that a peer shares nothing with us. It is left alone, longer
// each time, until one of the two joins something new: whoever does, dials.
func (b *dialBook) stranger(now time.Time, id peer.ID, why error) {
	c := b.peers[id]
	if c == nil {
		return
	}
	first, most := strangerFirst, strangerMost
	if c.keep {
		first, most = keptFirst, keptMost
	}
	wait := min(first<<min(c.strange, 6), most)
	c.strange++
	c.lastError = why.Error()
	c.next = now.Add(b.jitter(wait))
}

// joined notes that something new is followed here: strangers may be friends.
func (b *dialBook) joined(now time.Time) {
	for _, c := range b.peers {
		if c.strange > 0 {
			c.strange, c.failures, c.next = 0, 0, now.Add(b.jitter(redialFirst/3))
		}
	}
}

// again asks to be dialled at once when the present link has ended.
func (b *dialBook) again(now time.Time, id peer.ID) {
	if c := b.peers[id]; c != nil {
		c.strange, c.hurry = 0, c.connected
		if !c.connected {
			c.next = now
		}
	}
}

// forget drops a peer that will not come back under its name: one that keeps
// nothing has another the next time. What the user gave stays.
func (b *dialBook) forget(id peer.ID) {
	if c := b.peers[id]; c != nil && !c.keep {
		delete(b.peers, id)
	}
}

// failed notes an unsuccessful dial.
func (b *dialBook) failed(now time.Time, id peer.ID, err error) {
	c := b.peers[id]
	if c == nil {
		return
	}
	c.dialing = false
	if c.connected {
		return
	}
	c.failures++
	c.lastError = err.Error()
	wait := min(redialFirst<<min(c.failures-1, 4), redialMost)
	if !c.keep { // a long cut may end noticed a little later than a short one
		wait = max(wait, min(now.Sub(c.lastSeen)/goneShare, redialGone))
	}
	c.next = now.Add(b.jitter(wait))
}

// networkChanged makes everyone worth an immediate try.
func (b *dialBook) networkChanged(now time.Time) {
	for _, c := range b.peers {
		if !c.connected && c.strange == 0 {
			c.failures, c.next = 0, now.Add(b.jitter(redialFirst/3))
		}
	}
}

// avoid notes that we gave up the link to a peer for others.
func (b *dialBook) avoid(now time.Time, id peer.ID) {
	if c := b.peers[id]; c != nil {
		c.avoided = now.Add(avoidFor)
	}
}

// wants reports whether the book would dial a contact, once it is time to,
// with so many peers connected or being dialled.
func (b *dialBook) wants(c *contact, degree int, now time.Time) bool {
	return c.idle() && (c.keep || degree < wantDegree || b.lonely && degree < lonelyDegree && !now.Before(c.avoided))
}

// due returns whom to dial now and marks them as being dialled. Up to the
// wanted degree it takes peers in an order that differs from node to node, so
// that a capped degree leaves no islands; those that did not answer take turns, and
// those whose link was given up come last.
func (b *dialBook) due(now time.Time) []*contact {
	degree, dialing := b.degree(), b.dialing()
	var ready []*contact
	for _, c := range b.peers {
		if b.wants(c, degree, now) && !c.next.After(now) {
			ready = append(ready, c)
		}
	}
	slices.SortFunc(ready, func(x, y *contact) int {
		if x.keep != y.keep {
			if x.keep {
				return -1
			}
			return 1
		}
		return cmp.Or(x.avoided.Compare(y.avoided), x.turn().Compare(y.turn()), cmp.Compare(x.rank, y.rank))
	})
	var out []*contact
	for _, c := range ready {
		if !b.wants(c, degree, now) || !c.keep && dialing >= maxDialing {
			break
		}
		c.dialing = true
		dialing++
		degree++
		out = append(out, c)
	}
	return out
}

// turn is since when a contact that did not answer waits to be dialled again; zero for others.
func (c *contact) turn() time.Time {
	if c.failures == 0 {
		return time.Time{}
	}
	return c.next
}

// wake returns when due may next return somebody; zero if never.
func (b *dialBook) wake(now time.Time) (at time.Time) {
	degree, busy := b.degree(), b.dialing() >= maxDialing // the end of a dial wakes the loop
	for _, c := range b.peers {
		if b.wants(c, degree, now) && (c.keep || !busy) {
			at = earliest(at, c.next)
		}
	}
	return at
}

// dialing is how many peers are being dialled.
func (b *dialBook) dialing() (n int) {
	for _, c := range b.peers {
		if c.dialing {
			n++
		}
	}
	return n
}

// degree is how many peers are connected or being dialled.
func (b *dialBook) degree() (n int) {
	for _, c := range b.peers {
		if c.connected || c.dialing {
			n++
		}
	}
	return n
}

// idle reports whether the contact could be dialled.
func (c *contact) idle() bool { return !c.connected && !c.dialing && len(c.addrs) > 0 }

func (b *dialBook) rank(id peer.ID) uint64 {
	h := fnv.New64a()
	h.Write([]byte(b.self))
	h.Write([]byte(id))
	return h.Sum64()
}

// jitter is d ± 25 %.
func (b *dialBook) jitter(d time.Duration) time.Duration {
	return d*3/4 + time.Duration(b.random.Int64N(int64(d)/2+1))
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// mergeAddrs puts fresh addresses first and keeps at most 16.
func mergeAddrs(fresh, old []multiaddr.Multiaddr) []multiaddr.Multiaddr {
	out := slices.Clone(fresh)
	for _, a := range old {
		if !slices.ContainsFunc(out, a.Equal) {
			out = append(out, a)
		}
	}
	return out[:min(len(out), 16)]
}
