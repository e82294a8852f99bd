package pubsub

import (
	"slices"
	"sync/atomic"
)

// Why an event was rejected: keys of [Counters.Rejected]. The deliverer should
// have known better.
const (
	RejectMalformed = "malformed"
	RejectTooLarge  = "too large"
	RejectSignature = "signature"
	RejectForbidden = "forbidden"
	RejectWrongLog  = "wrong log"
	RejectAuthor    = "gossip author" // carries a gossipsub author, sequence number or signature
)

// Why an event was ignored: keys of [Counters.Ignored]. Nobody's fault.
const (
	IgnoreNoGrant = "no grant"
	IgnoreMember  = "not a member"
	IgnoreOther   = "other" // Judge could not tell, or we are closing
)

// Where a message was lost: keys of [Counters.Dropped] and reasons of
// [Config.OnDrop].
const (
	DropOutbound  = "outbound queue"   // to one peer
	DropControl   = "outbound control" // gossipsub's own messages to one peer
	DropValidate  = "validate queue"   // came faster than it could be judged
	DropThrottled = "throttled"        // too many being judged
	DropReader    = "reader queue"     // Deliver is too slow
	DropWaiting   = "waiting queue"    // Waiting is too slow
	DropRate      = "rate"             // Judge takes no more of its author for now, or has refused too much of who brings it
)

// Counters counts events since [New], except DropControl, which counts RPCs.
type Counters struct {
	Published  uint64 // ours, handed to gossipsub
	Delivered  uint64 // others', handed to Deliver
	Duplicates uint64 // came again and were discarded
	Rejected   map[string]uint64
	Ignored    map[string]uint64
	Dropped    map[string]uint64
}

// counters is what [Router.Counters] reads.
type counters struct {
	published, delivered, duplicates atomic.Uint64
	rejected, ignored, dropped       tally
}

func newCounters() *counters {
	return &counters{
		rejected: newTally(RejectMalformed, RejectTooLarge, RejectSignature, RejectForbidden, RejectWrongLog, RejectAuthor),
		ignored:  newTally(IgnoreNoGrant, IgnoreMember, IgnoreOther),
		dropped:  newTally(DropOutbound, DropControl, DropValidate, DropThrottled, DropReader, DropWaiting, DropRate),
	}
}

func (c *counters) snapshot() Counters {
	return Counters{
		Published:  c.published.Load(),
		Delivered:  c.delivered.Load(),
		Duplicates: c.duplicates.Load(),
		Rejected:   c.rejected.snapshot(),
		Ignored:    c.ignored.snapshot(),
		Dropped:    c.dropped.snapshot(),
	}
}

// tally counts by name. The names are fixed when it is made.
type tally struct {
	names  []string
	counts []atomic.Uint64
}

func newTally(names ...string) tally {
	return tally{names: names, counts: make([]atomic.Uint64, len(names))}
}

// add panics when name is not one of the tally's.
func (t tally) add(name string) { t.addMany(name, 1) }

func (t tally) addMany(name string, n int) { t.counts[slices.Index(t.names, name)].Add(uint64(n)) }

func (t tally) snapshot() map[string]uint64 {
	m := make(map[string]uint64, len(t.names))
	for i, name := range t.names {
		m[name] = t.counts[i].Load()
	}
	return m
}
