package badgerstore

import (
	"context"
	"fmt"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
)

// Append implements [crdt.Store]. An event that is present but damaged is
// written again.
func (s *Store) Append(ctx context.Context, log crdt.LogID, events ...*crdt.Event) ([]crdt.Added, error) {
	added := make([]crdt.Added, len(events))
	if len(events) == 0 {
		return added, s.view(log, func(*badger.Txn, *logState, head) error { return nil })
	}
	l, err := s.prepare(log, events)
	if err != nil {
		return nil, fmt.Errorf("append %d events: %w", len(events), err)
	}
	if err := s.commitAll(ctx, l, events, added); err != nil {
		s.noteLoose(events)
		return nil, fmt.Errorf("append %d events: %w", len(events), err)
	}
	return added, nil
}

// commitAll commits events in as many transactions as they need. When it fails, each
// of them has come to its end all the same, unless ctx ended first: reading then
// shows what is there.
func (s *Store) commitAll(ctx context.Context, l *logState, events []*crdt.Event, added []crdt.Added) (err error) {
	var jobs []*job
	for from := 0; from < len(events) && err == nil; {
		j, to := s.appendJob(ctx, l, events, added, from)
		if err = s.send(j); err == nil {
			jobs, from = append(jobs, j), to
		}
	}
	for _, j := range jobs {
		if failed := s.wait(j); err == nil {
			err = failed
		}
	}
	return err
}

// prepare does what needs no transaction: it loads the log and writes records
// to their files, which must be there before the database speaks of them.
func (s *Store) prepare(log crdt.LogID, events []*crdt.Event) (*logState, error) {
	l := s.logFor(log)
	if err := s.ready(l); err != nil {
		return nil, err
	}
	for _, e := range events {
		if e.Set == crdt.Records {
			if err := s.writable(); err != nil {
				return nil, err
			}
			if err := s.writeRecord(l, e); err != nil {
				return nil, err
			}
		}
	}
	return l, nil
}

// appendJob makes a job of as many events as fit one.
func (s *Store) appendJob(ctx context.Context, l *logState, events []*crdt.Event, added []crdt.Added, from int) (*job, int) {
	j := &job{ctx: ctx}
	to := from
	for ; to < len(events) && j.events < maxJobEvents && j.bytes < maxJobBytes; to++ {
		j.events++
		j.bytes += len(events[to].Envelope())
	}
	chunk, answers := events[from:to], make([]crdt.Added, to-from)
	lanes := make([]*crdt.Lanes, len(chunk))
	for i, e := range chunk {
		lanes[i] = crdt.Expand(e.Hash)
	}
	j.apply = func(b *batch) error {
		st, err := b.stage(l)
		if err != nil {
			return err
		}
		if st.head.retired {
			return fmt.Errorf("log %s: %w", l.id.Short(), crdt.ErrGone)
		}
		if err := b.ensureRecords(l, st, chunk); err != nil {
			return err
		}
		for i, e := range chunk {
			answers[i] = b.add(l, st, e, lanes[i])
		}
		copy(added[from:to], answers) // read after done only
		return nil
	}
	return j, to
}

// add puts one event, or makes whole what is there of it.
func (b *batch) add(l *logState, st *stage, e *crdt.Event, lanes *crdt.Lanes) crdt.Added {
	num, el := st.head.num, e.Element()
	if b.erased(l, st, e.Hash) {
		if e.Set == crdt.Records { // its file may have been written a moment ago
			b.after = append(b.after, func() { b.s.removeRecord(e.Hash) })
		}
		return crdt.Added{Barred: true}
	}
	if st.later.add(e) && !b.s.suspect.Load() {
		// Surely new, and not looked for: a third of what a commit costs.
	} else if at, ok := b.find(num, e); ok {
		b.heal(num, e, at)
		return crdt.Added{Arrival: at}
	}
	st.head.last++
	st.head.counts[e.Set]++
	st.lanes = append(st.lanes, stagedLanes{e.Set, lanes})
	at := st.head.last
	b.put(arrivalKey(num, at), place{set: e.Set, el: el}.encode())
	b.put(orderKey(num, e.Set, el), arrivalValue(at))
	b.put(bodyKey(num, e.Hash), bodyOf(e, at).encode())
	return crdt.Added{Arrival: at, New: true}
}

// find looks for an event, in a second place too if damage may have taken the first.
func (b *batch) find(num uint32, e *crdt.Event) (crdt.Arrival, bool) {
	if v, ok := get(b.txn, orderKey(num, e.Set, e.Element())); ok && len(v) == 8 {
		return arrivalOf(v), true
	}
	if !b.s.suspect.Load() {
		return 0, false
	}
	v, _ := get(b.txn, bodyKey(num, e.Hash))
	d, ok := decodeBody(v)
	return d.at, ok
}

func (b *batch) heal(num uint32, e *crdt.Event, at crdt.Arrival) {
	for _, kv := range [][2][]byte{
		{arrivalKey(num, at), place{set: e.Set, el: e.Element()}.encode()},
		{orderKey(num, e.Set, e.Element()), arrivalValue(at)},
		{bodyKey(num, e.Hash), bodyOf(e, at).encode()},
	} {
		if !has(b.txn, kv[0], kv[1]) {
			b.put(kv[0], kv[1])
		}
	}
}

func bodyOf(e *crdt.Event, at crdt.Arrival) body {
	if e.Set == crdt.Records {
		return body{at: at, where: bodyFile}
	}
	return body{at: at, where: bodyHere, envelope: e.Envelope()}
}
