package crdt

import (
	"context"
	"errors"
	"iter"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// minPerWorker is how many signatures are worth a goroutine.
	minPerWorker = 8
	// atATime is how many of them share an inversion.
	atATime = 16
)

// maxAhead is how many batches [Log.AdmitAll] judges while the one before them
// is committed: enough to keep the processors busy during a sync.
const maxAhead = 2

// Offer is a batch of envelopes on its way into a log. It is judged while its
// owner commits the batch before it, and then committed itself. Judging ahead
// changes no verdict: what it says of an event only ever becomes better, when a
// grant comes, which is looked at again, or ErrGone, which committing sees.
//
// It has one owner, who ends it by [Offer.Admit] or [Offer.Abandon].
type Offer struct {
	log     *Log
	from    string
	out     []Outcome // owned by judging until it has ended
	good    []*Event
	at      []int // places of good in out
	judging sync.WaitGroup
}

// Offer begins to judge envelopes behind a gate, on all processors if there are
// many. nil is no gate; from is as in [Log.Admit].
func (l *Log) Offer(gate Gate, from string, envelopes ...[]byte) *Offer {
	o := &Offer{log: l, from: from, out: make([]Outcome, len(envelopes))}
	l.authors.enter()
	workers := min(runtime.GOMAXPROCS(0), len(envelopes)/minPerWorker)
	step := max(1, min(atATime, len(envelopes)/max(1, workers)))
	var next atomic.Int64
	judge := func() {
		for {
			to := int(next.Add(int64(step)))
			from, to := to-step, min(to, len(envelopes))
			if from >= len(envelopes) {
				return
			}
			l.judgeUnlessHeld(gate, envelopes[from:to], o.out[from:to])
		}
	}
	if workers < 2 {
		judge()
		return o
	}
	for range workers {
		o.judging.Go(judge)
	}
	return o
}

// Admit commits what may be a member. Results are in order.
func (o *Offer) Admit(ctx context.Context) []Outcome {
	o.judging.Wait()
	defer o.forget()
	for i := range o.out {
		o.look(ctx, i)
	}
	o.commit(ctx)
	return o.out
}

// Abandon ends an offer of which nothing is wanted any more.
func (o *Offer) Abandon() {
	o.judging.Wait()
	o.forget()
}

// forget takes the events out of those on their way.
func (o *Offer) forget() {
	o.log.authors.leave()
	for i := range o.out {
		if e := o.out[i].Event; e != nil {
			o.log.verified.remove(e.Hash)
		}
	}
}

// AdmitAll is [Log.Admit] for many batches, with outcomes for each in order. The
// next batches are judged, on all processors, while one is committed, so it
// takes a few batches before it yields the outcomes of the first.
func (l *Log) AdmitAll(ctx context.Context, from string, batches iter.Seq[[][]byte]) iter.Seq[[]Outcome] {
	return func(yield func([]Outcome) bool) {
		var row []*Offer
		defer func() {
			for _, o := range row {
				o.Abandon()
			}
		}()
		first := func() *Offer {
			o := row[0]
			row = row[1:]
			return o
		}
		for batch := range batches {
			if row = append(row, l.Offer(nil, from, batch...)); len(row) > maxAhead && !yield(first().Admit(ctx)) {
				return
			}
		}
		for len(row) > 0 {
			if !yield(first().Admit(ctx)) {
				return
			}
		}
	}
}

// look decides about the i-th outcome of judging.
func (o *Offer) look(ctx context.Context, i int) {
	out := &o.out[i]
	if errors.Is(out.Err, ErrNoGrant) { // it may have come since. The signature was good.
		out.Err = o.log.access.Check(out.Event)
	}
	if errors.Is(out.Err, ErrNoGrant) { // it may be among those before it
		o.commit(ctx)
		out.Err = o.log.access.Check(out.Event)
	}
	switch {
	case out.Err == nil:
		o.good, o.at = append(o.good, out.Event), append(o.at, i)
	case errors.Is(out.Err, ErrNoGrant):
		o.wait(ctx, i)
	}
}

// wait makes the i-th event wait for its grant, unless that came meanwhile.
func (o *Offer) wait(ctx context.Context, i int) {
	out, l := &o.out[i], o.log
	if !l.waiting.add(o.from, out.Event) {
		out.Err = ErrCrowded
		return
	}
	if l.access.Check(out.Event) != nil {
		return
	}
	// The grant released only who waited by then.
	others := slices.DeleteFunc(l.waiting.take([]Hash{out.Event.Grant}), func(e *Event) bool { return e.Hash == out.Event.Hash })
	l.admitWaiting(ctx, others)
	out.Err = nil
	o.good, o.at = append(o.good, out.Event), append(o.at, i)
}

// commit makes durable what was found good so far.
func (o *Offer) commit(ctx context.Context) {
	for i, done := range o.log.Commit(ctx, o.from, o.good...) {
		o.out[o.at[i]] = done
	}
	o.good, o.at = nil, nil
}
