package crdt

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// Access decides whose events may be members: access.Control. It is told of
// every member of the control set, in any order.
type Access interface {
	// Check returns nil, or an error wrapping ErrNoGrant (the event must
	// wait), ErrForbidden, ErrWrongLog or ErrMalformed.
	Check(*Event) error
	Add(*Event)
}

// Outcome is the answer for one event offered to a [Log].
type Outcome struct {
	Event *Event // nil when the bytes could not be parsed
	Added Added
	Err   error // nil: durable here, now or before
}

// Log is the only way into one log of a store: every path — a tap, gossip,
// reconciliation, a file — ends in [Log.Admit] or [Log.Commit], with the same
// checks and the same errors (promise 3). It may be used from any goroutine.
type Log struct {
	id      LogID          // immutable
	store   Store          // immutable
	access  Access         // immutable
	waiting *waitingRoom   // has its own lock
	onAdded func([]*Event) // immutable

	mu      sync.Mutex
	changed chan struct{} // guarded by mu; closed and replaced at every change
}

// OpenLog returns the log with the given ID and tells access of the control
// set in the store. onAdded, which may be nil, is called with the events that
// became members, after they are durable, possibly from several goroutines.
func OpenLog(store Store, id LogID, access Access, onAdded func([]*Event)) (*Log, error) {
	l := &Log{id: id, store: store, access: access, waiting: newWaitingRoom(), onAdded: onAdded, changed: make(chan struct{})}
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
	return l, nil
}

// ID names the log.
func (l *Log) ID() LogID { return l.id }

// Judge parses an envelope and says whether it may be a member now. It touches
// neither disk nor network, so a gossip validator may call it.
func (l *Log) Judge(envelope []byte) (*Event, error) {
	e, err := Decode(envelope)
	if err != nil {
		return nil, err
	}
	if e.LogID() != l.id {
		return e, ErrWrongLog
	}
	accessErr := l.access.Check(e)
	if accessErr != nil && !errors.Is(accessErr, ErrNoGrant) {
		return e, accessErr
	}
	if err := e.Verify(); err != nil {
		return e, err
	}
	return e, accessErr
}

// Access says whether e may be a member now; for events we have just signed.
func (l *Log) Access(e *Event) error { return l.access.Check(e) }

// Admit judges envelopes from one source and commits those that may be
// members; the others wait or are refused, each with its reason. from names
// who delivered them, so that waiting is bounded per deliverer; empty is us.
func (l *Log) Admit(ctx context.Context, from string, envelopes ...[]byte) []Outcome {
	out := make([]Outcome, len(envelopes))
	var good []*Event
	var at []int
	flush := func() {
		for i, o := range l.Commit(ctx, from, good...) {
			out[at[i]] = o
		}
		good, at = nil, nil
	}
	for i, b := range envelopes {
		e, err := l.Judge(b)
		if errors.Is(err, ErrNoGrant) && len(good) > 0 {
			flush() // its grant may be among those just before it
			e, err = l.Judge(b)
		}
		out[i] = Outcome{Event: e, Err: err}
		switch {
		case err == nil:
			good, at = append(good, e), append(at, i)
		case errors.Is(err, ErrNoGrant):
			if !l.waiting.add(from, e) {
				out[i].Err = fmt.Errorf("%w: too many events wait for their grant", ErrBusy)
			}
		}
	}
	flush()
	return out
}

// Commit makes judged events durable. When it returns, those without an error
// are acknowledged. Events that waited for a grant among them follow.
func (l *Log) Commit(ctx context.Context, from string, events ...*Event) []Outcome {
	out := make([]Outcome, len(events))
	if len(events) == 0 {
		return out
	}
	added, err := l.store.Append(ctx, l.id, events...)
	var fresh []*Event
	for i, e := range events {
		out[i] = Outcome{Event: e, Err: err}
		if err == nil {
			out[i].Added = added[i]
			if added[i].New {
				fresh = append(fresh, e)
			}
		}
	}
	if len(fresh) > 0 {
		l.added(fresh)
		if ready := l.waiting.take(l.learn(fresh)); len(ready) > 0 {
			l.admitWaiting(ctx, ready)
		}
	}
	return out
}

// admitWaiting commits events whose grant has come, and what hangs on them.
func (l *Log) admitWaiting(ctx context.Context, ready []*Event) {
	var good []*Event
	for _, e := range ready {
		if l.access.Check(e) == nil {
			good = append(good, e)
		}
	}
	l.Commit(ctx, "", good...)
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
			l.access.Add(e)
			grants = append(grants, e.Hash)
		}
		if len(later) == len(pending) {
			break
		}
		pending = later
	}
	return grants
}

func controlOnly(events []*Event) (c []*Event) {
	for _, e := range events {
		if e.Set == Control {
			c = append(c, e)
		}
	}
	return c
}

func (l *Log) added(events []*Event) {
	if l.onAdded != nil {
		l.onAdded(events)
	}
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

// Digest returns the digests of the three sets.
func (l *Log) Digest() ([NumSets]Digest, Arrival, error) { return l.store.Digest(l.id) }

// Waiting is how many events wait for their grant.
func (l *Log) Waiting() int { return l.waiting.len() }
