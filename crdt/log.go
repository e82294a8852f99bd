package crdt

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// Access decides whose events may be members: access.Control. It is told of
// every member of the control set, in any order.
type Access interface {
	// Check returns nil, or an error wrapping ErrNoGrant (the event must
	// wait), ErrForbidden, ErrWrongLog, ErrMalformed, or ErrGone (never again).
	Check(*Event) error
	Add(*Event)
	// Bars reports whether an event, once added, makes Check answer ErrGone for
	// events that may be members already: a purge, an erasure.
	Bars(*Event) bool
}

// Outcome is the answer for one event offered to a [Log].
type Outcome struct {
	Event *Event // nil when the bytes could not be parsed
	Added Added
	// Err is nil when the event is durable here, now or before. ErrGone is final
	// too: it was erased or purged, and offering it again is of no use.
	Err error
}

// Log is the only way into one log of a store: every path — a tap, gossip,
// reconciliation, a file — ends in [Log.Admit] or [Log.Commit], with the same
// checks and the same errors (promise 3). It may be used from any goroutine.
type Log struct {
	id       LogID          // immutable
	store    Store          // immutable
	access   Access         // immutable
	waiting  *waitingRoom   // has its own lock
	verified *verified      // has its own lock
	authors  *authors       // has its own lock
	onAdded  func([]*Event) // immutable
	onErased func([]*Event) // immutable

	// barring is held for reading from the last look at access until an event is
	// a member, for writing while access learns what it bars.
	barring  sync.RWMutex
	sweeping sync.Mutex  // held by a sweep
	unswept  atomic.Bool // a sweep is due
	learnt   atomic.Uint64

	mu      sync.Mutex
	bars    []Hash        // guarded by mu; purges and erasures
	changed chan struct{} // guarded by mu; closed and replaced at every change
}

// OpenLog returns the log with the given ID and tells access of the control
// set in the store. onAdded is called with the events that became members,
// after they are durable; after an append that failed with those that are
// members all the same, some perhaps for the second time. onErased is called with those that are
// members no more. Both may be nil, are called from several goroutines and must not commit.
func OpenLog(store Store, id LogID, access Access, onAdded, onErased func([]*Event)) (*Log, error) {
	l := &Log{
		id: id, store: store, access: access, waiting: newWaitingRoom(), verified: newVerified(), authors: newAuthors(),
		onAdded: onAdded, onErased: onErased, changed: make(chan struct{}),
	}
	var control []Element
	err := store.Elements(id, Control, Element{}, func(e Element) bool {
		control = append(control, e)
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("open log %s: %w", id.Short(), err)
	}
	var events []*Event
	for _, el := range control {
		e, err := store.Event(id, el.Hash)
		if errors.Is(err, ErrGone) || errors.Is(err, ErrCorrupt) {
			continue // reconciliation brings a damaged one again
		}
		if err != nil {
			return nil, fmt.Errorf("open log %s: %w", id.Short(), err)
		}
		events = append(events, e)
	}
	l.learn(events)
	if err := l.sweepIfNeeded(); err != nil {
		return nil, fmt.Errorf("open log %s: %w", id.Short(), err)
	}
	return l, nil
}

// ID names the log.
func (l *Log) ID() LogID { return l.id }

// Access says whether e may be a member now; for events we have just signed.
func (l *Log) Access(e *Event) error { return l.access.Check(e) }

// Admit judges envelopes from one source and commits those that may be
// members; the others wait or are refused, each with its reason. from names
// who delivered them, so that waiting is bounded per deliverer; empty is us.
func (l *Log) Admit(ctx context.Context, from string, envelopes ...[]byte) []Outcome {
	return l.AdmitAt(ctx, nil, from, envelopes...)
}

// AdmitAt is [Log.Admit] behind a gate; nil is no gate.
func (l *Log) AdmitAt(ctx context.Context, gate Gate, from string, envelopes ...[]byte) []Outcome {
	return l.Offer(gate, from, envelopes...).Admit(ctx)
}

// Commit makes judged events durable. When it returns, those without an error
// are acknowledged. Events that waited for a grant among them follow; what a
// purge or an erasure among them bars has left its set.
func (l *Log) Commit(ctx context.Context, from string, events ...*Event) []Outcome {
	if len(events) < 2 || !slices.ContainsFunc(events, l.access.Bars) {
		return l.commit(ctx, events)
	}
	out := make([]Outcome, len(events))
	for _, first := range []bool{true, false} { // what bars before what may be barred
		var part []*Event
		var at []int
		for i, e := range events {
			if l.access.Bars(e) == first {
				part, at = append(part, e), append(at, i)
			}
		}
		for i, o := range l.commit(ctx, part) {
			out[at[i]] = o
		}
	}
	return out
}

func (l *Log) commit(ctx context.Context, events []*Event) []Outcome {
	out, fresh := l.append(ctx, events)
	if len(fresh) == 0 {
		return out
	}
	grants := l.learn(fresh)
	if bars := slices.ContainsFunc(fresh, l.access.Bars); bars || l.unswept.Load() {
		if err := l.sweep(context.WithoutCancel(ctx)); err != nil && bars {
			for i := range out {
				if out[i].Err == nil && l.access.Bars(out[i].Event) {
					out[i].Err = err // it is durable; its effect comes with the next commit, or opening
				}
			}
		}
	}
	if ready := l.waiting.take(grants); len(ready) > 0 {
		l.admitWaiting(ctx, ready)
	}
	return out
}

// append puts events into the store, except those that are barred by now, and
// returns those that are new.
func (l *Log) append(ctx context.Context, events []*Event) (out []Outcome, fresh []*Event) {
	out = make([]Outcome, len(events))
	l.barring.RLock()
	defer l.barring.RUnlock()
	var good []*Event
	var at []int
	for i, e := range events {
		if out[i].Event = e; l.isBarred(e) {
			out[i].Err = gone(e)
		} else {
			good, at = append(good, e), append(at, i)
		}
	}
	if len(good) == 0 {
		return out, nil
	}
	added, err := l.put(ctx, good)
	for i, e := range good {
		o := &out[at[i]]
		if o.Err = err; err != nil {
			if l.isThere(e) {
				fresh = append(fresh, e)
			}
			continue
		}
		o.Added = added[i]
		switch {
		case added[i].Barred:
			o.Err = gone(e)
		case added[i].New:
			fresh = append(fresh, e)
		}
	}
	if len(fresh) > 0 {
		if l.onAdded != nil {
			l.onAdded(fresh)
		}
		l.wake()
	}
	return out, fresh
}

// put appends, and once begun is not given up with ctx: an event whose fate nobody
// awaits would be a member that neither access nor index is told of.
func (l *Log) put(ctx context.Context, events []*Event) ([]Added, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return l.store.Append(context.WithoutCancel(ctx), l.id, events...)
}

// isThere reports whether an event is a member after an append that failed.
func (l *Log) isThere(e *Event) bool {
	_, err := l.store.Event(l.id, e.Hash)
	return err == nil
}

func gone(e *Event) error { return fmt.Errorf("event %s: %w", e.Hash.Short(), ErrGone) }

// admitWaiting commits events whose grant has come, and what hangs on them.
func (l *Log) admitWaiting(ctx context.Context, ready []*Event) {
	var good []*Event
	for _, e := range ready {
		if l.access.Check(e) == nil {
			good = append(good, e)
		}
	}
	l.Commit(context.WithoutCancel(ctx), "", good...) // nobody else holds them any more
}

// learn tells access of control events and returns the hashes others may wait for.
func (l *Log) learn(events []*Event) []Hash {
	var grants []Hash
	// A control set is small but may come in any order; go round until
	// nothing is learnt any more.
	for pending := controlOnly(events); len(pending) > 0; {
		var later []*Event
		for _, e := range pending {
			if l.access.Check(e) != nil {
				later = append(later, e)
				continue
			}
			if l.access.Bars(e) {
				l.bar(e)
			} else {
				l.access.Add(e)
			}
			grants = append(grants, e.Hash)
		}
		if len(later) == len(pending) {
			break
		}
		pending = later
	}
	if len(grants) > 0 {
		l.learnt.Add(1)
		l.wake()
	}
	return grants
}

// Learnt counts how often access was told of control events. While it stays the
// same, so does what the control set says of an event. Take it before reading,
// as [Log.Changed]: a control event is in the store a little before access
// knows it.
func (l *Log) Learnt() uint64 { return l.learnt.Load() }

func controlOnly(events []*Event) (c []*Event) {
	for _, e := range events {
		if e.Set == Control {
			c = append(c, e)
		}
	}
	return c
}

// wake tells readers of a change.
func (l *Log) wake() {
	l.mu.Lock()
	close(l.changed)
	l.changed = make(chan struct{})
	l.mu.Unlock()
}

// Changed returns a channel that is closed at the next change. Take it before
// reading with [Log.Since], and nothing is missed.
func (l *Log) Changed() <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.changed
}

// Since reads entries in this store's order of arrival.
func (l *Log) Since(after Arrival, limit int) ([]Entry, error) {
	return l.store.Since(l.id, after, limit)
}

// Event reads one event.
func (l *Log) Event(h Hash) (*Event, error) { return l.store.Event(l.id, h) }

// Find returns the elements of a set with this time whose hash begins with
// prefix.
func (l *Log) Find(set Set, t Time, prefix []byte) ([]Element, error) {
	return l.store.Find(l.id, set, t, prefix)
}

// Elements calls yield for the elements of a set from (inclusive) upwards in
// order, until it returns false. yield must not call back.
func (l *Log) Elements(set Set, from Element, yield func(Element) bool) error {
	return l.store.Elements(l.id, set, from, yield)
}

// Digest returns the digests of the three sets.
func (l *Log) Digest() ([NumSets]Digest, Arrival, error) { return l.store.Digest(l.id) }

// Counts returns how many members the three sets have, and the last arrival, as the
// digests would, at a fraction of their cost at the first use of the log.
func (l *Log) Counts() ([NumSets]uint64, Arrival, error) { return l.store.Counts(l.id) }

// Waiting is how many events wait for their grant.
func (l *Log) Waiting() int { return l.waiting.len() }
