package bridge

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"time"

	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

const (
	reconLife     = 2 * time.Minute
	bodiesAhead   = 128 << 10 // bytes that may wait for the page while bodies follow
	maxBusyBodies = 1000      // bodies passed over before a session ends
)

// session is the reconciliation of one match with a page. It belongs to whoever
// handles the page's frames.
type session struct {
	page         *page
	id           uint32
	log          *crdt.Log
	secret       [32]byte
	began        time.Time
	ours, theirs recon.Nonce
	held         reconView // when the session was asked for
	recon        *recon.Session
	busy         int

	finSent, finGot bool
	proofSent       bool
	claimed         recon.Digests
}

// compare begins a session with what is held here.
func (p *page) compare(f *wire.Compare) error {
	if !p.pages.budgets.take(time.Now(), p.payer(f.Match)) {
		return fmt.Errorf("%w: reconcile less often", crdt.ErrBusy)
	}
	log, err := p.pages.server.backend.Log(f.Match)
	if err != nil {
		return err
	}
	held, err := p.pages.views.of(log, p.pages.secret(f.Match))
	if err != nil {
		return err
	}
	s := &session{page: p, id: f.Session, log: log, secret: p.pages.secret(f.Match), began: time.Now(), theirs: f.Nonce, held: held}
	rand.Read(s.ours[:])
	p.mu.Lock()
	if p.state.sessions == nil {
		p.state.sessions = map[uint32]*session{}
	}
	for id, old := range p.state.sessions {
		if time.Since(old.began) > reconLife {
			delete(p.state.sessions, id) // the page gave it up
		}
	}
	p.state.sessions[f.Session] = s
	p.mu.Unlock()
	p.pages.metrics.sessions.Add(1)
	p.send(&wire.Compared{Session: s.id, Nonce: s.ours, Tag: s.tag(held.digests), Arrival: held.last})
	return nil
}

// payer is whose budget a session in a match is taken of: the device's that proved
// itself, since many families may come with one token; else the token's.
func (p *page) payer(id crdt.LogID) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if who, ok := p.state.proven[id]; ok {
		return who.Client
	}
	return p.client
}

// tag proves to the page that we hold what d is the digest of.
func (s *session) tag(d recon.Digests) recon.Tag {
	store := s.page.pages.server.backend.StoreID()
	return recon.NewTag(recon.NewTagKey(s.secret[:]), s.theirs, store[:], d)
}

// theirTag is what the page shows if it holds that.
func (s *session) theirTag(d recon.Digests) recon.Tag {
	return recon.NewTag(recon.NewTagKey(s.secret[:]), s.ours, s.page.store[:], d)
}

func (p *page) endSession(id uint32) {
	p.mu.Lock()
	delete(p.state.sessions, id)
	p.mu.Unlock()
}

// reconcile deals with a frame of a session; of one that is over, it drops it.
func (p *page) reconcile(f wire.Frame) error {
	p.mu.Lock()
	s := p.state.sessions[sessionOf(f)]
	p.mu.Unlock()
	if s == nil {
		return nil
	}
	over, err := s.step(f)
	if over || err != nil {
		p.endSession(s.id)
	}
	return err
}

// sessionOf is the session of a frame; 0: it belongs to none.
func sessionOf(f wire.Frame) uint32 {
	switch f := f.(type) {
	case *wire.Compare:
		return f.Session
	case *wire.Equal:
		return f.Session
	case *wire.Recon:
		return f.Session
	case *wire.Bodies:
		return f.Session
	case *wire.Gone:
		return f.Session
	case *wire.Fin:
		return f.Session
	case *wire.Proof:
		return f.Session
	}
	return 0
}

func (s *session) step(f wire.Frame) (over bool, err error) {
	switch f := f.(type) {
	case *wire.Equal:
		if f.Tag != s.theirTag(s.held.digests) {
			return true, newProblem(http.StatusConflict, "not-equal", "Not equal", "the tag is not that of what is held here")
		}
		return true, nil
	case *wire.Recon:
		return false, s.message(f.Frame)
	case *wire.Bodies:
		return false, s.take(f.Envelopes)
	case *wire.Gone:
		if s.recon != nil {
			s.recon.Got(recon.Item{Set: f.Set, Name: recon.Name{Time: f.Time, Prefix: f.Prefix}})
		}
		return false, nil
	case *wire.Fin:
		s.finGot = true
		return false, s.proveWhenThrough()
	case *wire.Proof:
		return s.proof(f)
	}
	panic("bridge: no frame of a session")
}

// message steps the session.
func (s *session) message(frame []byte) error {
	if s.recon == nil {
		s.recon = recon.New(recon.Config{
			Role:      recon.Responder,
			Key:       recon.NewSessionKey(s.secret[:], s.theirs, s.ours),
			Snapshots: s.held.snapshots,
			Digests:   s.held.digests,
			Elements:  s.log.Elements,
		})
		if _, err := s.recon.Start(); err != nil {
			return err
		}
	}
	out, err := s.recon.Step(frame)
	if err != nil {
		return fmt.Errorf("%w: session: %v", crdt.ErrMalformed, err)
	}
	for _, m := range out.Reply {
		s.page.send(&wire.Recon{Session: s.id, Frame: m})
	}
	if err := s.give(out.Send); err != nil {
		return err
	}
	if out.Done && !s.finSent {
		s.finSent = true
		s.page.send(&wire.Fin{Session: s.id})
		return s.proveWhenThrough()
	}
	return nil
}

// give sends what the page lacks.
func (s *session) give(items []recon.Item) error {
	var batch [][]byte
	size := 0
	flush := func() bool {
		ok := true
		if len(batch) > 0 {
			ok = s.page.link.Await(bodiesAhead) && s.page.send(&wire.Bodies{Session: s.id, Envelopes: batch})
			batch, size = nil, 0
		}
		return ok
	}
	for _, it := range items {
		elements, err := s.log.Find(it.Set, it.Name.Time, it.Name.Prefix[:])
		for _, el := range elements {
			var e *crdt.Event
			if e, err = s.log.Event(el.Hash); err != nil {
				continue
			}
			n := len(e.Envelope()) + itemRoom
			if size+n > wire.MaxFrame-eventsRoom && !flush() {
				return nil
			}
			batch, size = append(batch, e.Envelope()), size+n
		}
		if errors.Is(err, crdt.ErrClosed) {
			return err
		}
		if err != nil || len(elements) == 0 { // erased meanwhile, or damaged here
			s.page.send(&wire.Gone{Session: s.id, Set: it.Set, Time: it.Name.Time, Prefix: it.Name.Prefix})
		}
	}
	flush()
	return nil
}

// take admits what the page sent. What waits for a grant is no failure, and what
// is erased here counts as delivered.
func (s *session) take(envelopes [][]byte) error {
	s.page.mu.Lock()
	from := s.page.state.in(s.log.ID()).Client
	s.page.mu.Unlock()
	outcomes, err := s.page.pages.server.backend.Deliver(s.page.ctx, s.log.ID(), "page "+from, true, envelopes...)
	if err != nil {
		return err
	}
	for _, o := range outcomes {
		switch {
		case o.Err == nil, errors.Is(o.Err, crdt.ErrGone):
			if s.recon != nil {
				s.recon.Got(recon.Item{Set: o.Event.Set, Name: recon.NameOf(o.Event.Element())})
			}
		case errors.Is(o.Err, crdt.ErrBusy):
			if s.busy++; s.busy > maxBusyBodies {
				return o.Err
			}
		case errors.Is(o.Err, crdt.ErrNoGrant):
		default:
			return o.Err
		}
	}
	return nil
}

// proveWhenThrough sends our proof once everything has gone both ways.
func (s *session) proveWhenThrough() error {
	if !s.finSent || !s.finGot || s.proofSent {
		return nil
	}
	d, last, err := digestsOf(s.log)
	if err != nil {
		return err
	}
	s.claimed, s.proofSent = d, true
	s.page.send(&wire.Proof{Session: s.id, Tag: s.tag(d), Arrival: last})
	return nil
}

// proof ends the session, well or not.
func (s *session) proof(f *wire.Proof) (over bool, err error) {
	if !s.proofSent {
		return true, fmt.Errorf("%w: proof before fin", crdt.ErrMalformed)
	}
	now, _, err := digestsOf(s.log)
	if err != nil {
		return true, err
	}
	if f.Tag == s.theirTag(s.claimed) || f.Tag == s.theirTag(now) {
		s.page.pages.metrics.equal.Add(1)
	}
	return true, nil
}
