package crdt

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// Gate bounds how much is taken of whom, where events come in. What finds no
// room comes later: a gate never decides whether an event may be a member.
type Gate interface {
	// Room returns nil, or an error wrapping [ErrBusy]. It is asked before
	// the signature is looked at, which is what costs.
	Room(*Event) error
	// Took is told of each event whose signature was good, so that a forger
	// uses up nobody's room.
	Took(*Event)
}

// Judge parses an envelope and says whether it may be a member now. It touches
// neither disk nor network, so a gossip validator may call it.
func (l *Log) Judge(envelope []byte) (*Event, error) { return l.JudgeAt(nil, envelope) }

// JudgeAt is [Log.Judge] behind a gate; nil is no gate.
func (l *Log) JudgeAt(gate Gate, envelope []byte) (*Event, error) {
	e, err := l.parse(envelope)
	if err != nil {
		return e, err
	}
	return e, l.judge(gate, e)
}

func (l *Log) parse(envelope []byte) (*Event, error) {
	e, err := Decode(envelope)
	if err == nil && e.LogID() != l.id {
		err = ErrWrongLog
	}
	return e, err
}

func (l *Log) judge(gate Gate, e *Event) error {
	accessErr := l.access.Check(e)
	if accessErr != nil && !errors.Is(accessErr, ErrNoGrant) {
		return accessErr
	}
	if gate != nil {
		if err := gate.Room(e); err != nil {
			return err
		}
	}
	if err := e.Verify(); err != nil {
		return err
	}
	if gate != nil {
		gate.Took(e)
	}
	return accessErr
}

// judgeUnlessHeld is [Log.JudgeAt] for what may come from several peers at once:
// the hash says that the very bytes were judged before, which spares the signature
// and uses up nobody's room.
func (l *Log) judgeUnlessHeld(gate Gate, envelope []byte) (*Event, error) {
	e, err := l.parse(envelope)
	if err != nil {
		return e, err
	}
	if held, err := l.store.Find(l.id, e.Set, e.Time, e.Hash[:]); err == nil && len(held) > 0 {
		return e, l.access.Check(e)
	}
	return e, l.judge(gate, e)
}

// judgeAll judges many envelopes on all processors. Results are in order.
func (l *Log) judgeAll(gate Gate, envelopes [][]byte) []Outcome {
	out := make([]Outcome, len(envelopes))
	judge := func(i int) { out[i].Event, out[i].Err = l.judgeUnlessHeld(gate, envelopes[i]) }
	workers := min(runtime.GOMAXPROCS(0), len(envelopes)/minPerWorker)
	if workers < 2 {
		for i := range envelopes {
			judge(i)
		}
		return out
	}
	var next atomic.Int64
	var g sync.WaitGroup
	for range workers {
		g.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(envelopes); i = int(next.Add(1)) - 1 {
				judge(i)
			}
		})
	}
	g.Wait()
	return out
}

// minPerWorker is how many signatures are worth a goroutine.
const minPerWorker = 8

// admission is one call of [Log.AdmitAt], after judging.
type admission struct {
	log  *Log
	from string
	out  []Outcome
	good []*Event
	at   []int // places of good in out
}

// look decides about the i-th outcome of judging.
func (a *admission) look(ctx context.Context, i int) {
	o := &a.out[i]
	if errors.Is(o.Err, ErrNoGrant) {
		// Its grant may be among those before it. The signature was good.
		a.commit(ctx)
		o.Err = a.log.access.Check(o.Event)
	}
	switch {
	case o.Err == nil:
		a.good, a.at = append(a.good, o.Event), append(a.at, i)
	case errors.Is(o.Err, ErrNoGrant):
		a.wait(ctx, i)
	}
}

// wait makes the i-th event wait for its grant, unless that came meanwhile.
func (a *admission) wait(ctx context.Context, i int) {
	o, l := &a.out[i], a.log
	if !l.waiting.add(a.from, o.Event) {
		o.Err = ErrCrowded
		return
	}
	if l.access.Check(o.Event) != nil {
		return
	}
	// The grant released only who waited by then.
	others := slices.DeleteFunc(l.waiting.take([]Hash{o.Event.Grant}), func(e *Event) bool { return e.Hash == o.Event.Hash })
	l.admitWaiting(ctx, others)
	o.Err = nil
	a.good, a.at = append(a.good, o.Event), append(a.at, i)
}

// commit makes durable what was found good so far.
func (a *admission) commit(ctx context.Context) {
	for i, o := range a.log.Commit(ctx, a.from, a.good...) {
		a.out[a.at[i]] = o
	}
	a.good, a.at = nil, nil
}
