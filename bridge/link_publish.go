package bridge

import (
	"errors"
	"net/http"
	"sync"

	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

// queue takes a publish, which is answered later. The caller holds mu.
func (p *page) queue(f *wire.Publish) {
	p.state.inFlight++
	p.pending = append(p.pending, f)
	if !p.publishing {
		p.publishing = true
		go p.publish()
	}
}

// publish makes durable what was published, in order; what has come meanwhile
// goes together, so that it shares one fsync.
func (p *page) publish() {
	for {
		p.mu.Lock()
		todo := p.pending
		p.pending = nil
		if len(todo) == 0 {
			p.publishing = false
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
		for len(todo) > 0 {
			todo = p.publishSome(todo)
		}
	}
}

// publishSome deals with the first events of one sort and returns the others.
func (p *page) publishSome(todo []*wire.Publish) []*wire.Publish {
	var wait sync.WaitGroup
	n := 0
	for ; n < len(todo) && len(todo[n].Draft) > 0; n++ {
		f := todo[n]
		if n == len(todo)-1 { // a tap alone needs nobody else
			p.draft(f)
			continue
		}
		wait.Go(func() { p.draft(f) })
	}
	wait.Wait()
	if n > 0 {
		return todo[n:]
	}
	var run []*wire.Publish
	var id crdt.LogID
	for ; n < len(todo) && len(todo[n].Envelope) > 0; n++ {
		e, err := crdt.Decode(todo[n].Envelope)
		if err == nil && len(run) > 0 && e.LogID() != id {
			break
		}
		if err != nil {
			p.refused(todo[n], nil, err)
			continue
		}
		id, run = e.LogID(), append(run, todo[n])
	}
	if len(run) > 0 {
		p.deliver(id, run)
	}
	return todo[n:]
}

// deliver offers envelopes of one log.
func (p *page) deliver(id crdt.LogID, run []*wire.Publish) {
	p.mu.Lock()
	err := p.state.reads(id)
	from := p.state.in(id).Client
	p.mu.Unlock()
	var outcomes []crdt.Outcome
	if err == nil {
		envelopes := make([][]byte, len(run))
		for i, f := range run {
			envelopes[i] = f.Envelope
		}
		outcomes, err = p.pages.server.backend.Deliver(p.ctx, id, "page "+from, false, envelopes...)
	}
	for i, f := range run {
		switch {
		case err != nil:
			p.refused(f, nil, err)
		case outcomes[i].Err != nil && outcomes[i].Event != nil:
			p.refused(f, &outcomes[i].Event.Hash, outcomes[i].Err)
		case outcomes[i].Err != nil:
			p.refused(f, nil, outcomes[i].Err)
		default:
			p.ack(f, id, outcomes[i].Event.Hash, outcomes[i].Added)
		}
	}
}

// draft has the node sign what the page sent as JSON.
func (p *page) draft(f *wire.Publish) {
	var in NewEvent
	err := decodeStrict(f.Draft, &in)
	var d Draft
	if err == nil {
		d, err = in.draft()
	}
	if err == nil {
		var c Caller
		c, err = p.writes(in.Match)
		d.Client, d.Side = c.Client, c.Team
	}
	if err == nil {
		err = p.pages.server.conceal(&in, &d)
	}
	var rec Recorded
	if err == nil {
		rec, err = p.pages.server.write(p.ctx, in.Match, d)
	}
	switch {
	case errors.Is(err, ErrConflict) && rec.Event != nil:
		p.refused(f, &rec.Event.Hash, err)
	case err != nil:
		p.refused(f, nil, err)
	default:
		p.ack(f, in.Match, rec.Event.Hash, crdt.Added{New: rec.New, Arrival: p.pages.last(in.Match)})
	}
}

// ack says that an event is durable here.
func (p *page) ack(f *wire.Publish, id crdt.LogID, hash crdt.Hash, added crdt.Added) {
	status := wire.Same
	if added.New {
		status = wire.New
	}
	p.mu.Lock()
	p.state.inFlight--
	if p.acked == nil {
		p.acked = map[crdt.LogID]*ackedUpTo{}
	}
	if a := p.acked[id]; a == nil {
		p.acked[id] = &ackedUpTo{arrival: added.Arrival}
	} else if a.arrival < added.Arrival {
		*a = ackedUpTo{arrival: added.Arrival}
	}
	p.mu.Unlock()
	p.pages.metrics.acked.Add(1)
	p.pages.expectHeld()
	p.send(&wire.Ack{ID: f.ID, Hash: hash, Status: status, Arrival: added.Arrival})
}

func (p *page) refused(f *wire.Publish, hash *crdt.Hash, err error) {
	p.mu.Lock()
	p.state.inFlight--
	if len(f.Envelope) > 0 && isForged(err) {
		p.forged++
	}
	enough := p.forged > maxForged
	p.mu.Unlock()
	p.problem(f.ID, 0, hash, err)
	if enough {
		p.bye(errForger)
	}
}

// maxForged is how many envelopes that nobody may write are taken from a connection.
const maxForged = 20

var errForger = &byeError{"limit", http.StatusTooManyRequests, "too many events that nobody may write"}

// isForged reports whether an envelope is one that no honest page publishes.
func isForged(err error) bool {
	for _, fault := range []error{crdt.ErrMalformed, crdt.ErrSignature, crdt.ErrForbidden, crdt.ErrWrongLog} {
		if errors.Is(err, fault) {
			return true
		}
	}
	return false
}

// last is the last arrival in a log; 0 if it cannot be read, which only keeps
// back what is said of it later.
func (ps *pages) last(id crdt.LogID) crdt.Arrival {
	log, err := ps.server.backend.Log(id)
	if err != nil {
		return 0
	}
	_, last, err := log.Counts()
	if err != nil {
		return 0
	}
	return last
}
