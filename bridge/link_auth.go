package bridge

import (
	"crypto/rand"
	"maps"
	"net/http"
	"slices"
	"time"

	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

var errCrowded = &byeError{"limit", http.StatusTooManyRequests, "too many connections of one client"}

// hello learns who the page is and greets it.
func (p *page) hello(f *wire.Hello) error {
	if p.was != nil && f.Token == "" {
		p.mu.Lock()
		p.state.proven = p.was.proven
		p.mu.Unlock()
		f.Token = p.was.token // looked at again while the channel is open
		return p.greet(f, p.was.caller, p.was.client)
	}
	caller, err := p.pages.server.cfg.Guests.caller(), error(nil)
	if f.Token != "" {
		caller, err = p.pages.server.tokenCaller(f.Token)
	}
	if err != nil {
		return &byeError{"token", http.StatusUnauthorized, err.Error()}
	}
	return p.greet(f, caller, caller.Client)
}

// greet answers a hello. What the page may do by its token is decided.
func (p *page) greet(f *wire.Hello, caller Caller, client string) error {
	if !p.pages.count(p, client) {
		return errCrowded
	}
	copy(p.nonces[:16], f.Nonce[:])
	rand.Read(p.nonces[16:])
	p.token, p.store = f.Token, f.Store
	p.mu.Lock()
	p.state.greeted, p.state.caller = true, caller
	p.mu.Unlock()
	w := &wire.Welcome{
		Version: wire.Version, Nonce: wire.Nonce(p.nonces[16:]), Store: p.pages.server.backend.StoreID(),
		Peer: p.pages.server.backend.PeerID(), Role: caller.Role, Time: uint64(time.Now().UnixMilli()),
		Limits: wire.Limits{
			Frame: wire.MaxFrame, Follows: maxFollows, InFlight: maxInFlight, Sessions: maxSessions,
			IdleMs: uint64(pageIdle.Milliseconds()),
		},
	}
	if !caller.Match.IsZero() {
		w.Match = caller.Match[:]
	}
	p.send(w)
	return nil
}

// prove takes a device's proof that it has a right in a match.
func (p *page) prove(f *wire.Prove) error {
	right, ok := p.pages.server.backend.Right(f.Match, f.Grant)
	// One answer for an unknown match, an unknown right and a wrong signature, as
	// in Server.session.
	if !ok || !crdt.VerifyStrict(right.Subject[:], SessionMessage(f.Match, f.Grant, p.nonces[:]), f.Signature[:]) {
		return newProblem(http.StatusUnauthorized, "proof", "The device is not let in", "the signature does not prove a right in a match that is followed here")
	}
	if err := p.pages.server.holds(f.Match, right, ok, time.Now()); err != nil {
		return newProblem(http.StatusUnauthorized, "proof", "The device is not let in", err.Error())
	}
	if err := p.proved(f.Match, right); err != nil {
		return err
	}
	p.send(&wire.Proved{ID: f.ID, Match: f.Match, Role: roleOf(right)})
	return nil
}

// proved enters a right that the page's device has.
func (p *page) proved(id crdt.LogID, right access.Right) error {
	caller := callerBy(id, right)
	if p.client == "" && !p.pages.count(p, caller.Client) {
		return errCrowded
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state.proven == nil {
		p.state.proven = map[crdt.LogID]Caller{}
	}
	p.state.proven[id] = caller
	return nil
}

// enrol has the page's own key let in.
func (p *page) enrol(f *wire.Enrol) error {
	caller, err := p.writes(f.Match)
	if err != nil {
		return err
	}
	right, err := p.pages.server.admitPage(p.ctx, caller, f.Match, access.PageKey{Key: f.Key, HPKE: f.HPKE, Proof: f.Proof})
	if err != nil {
		return err
	}
	if err := p.proved(f.Match, right.Right); err != nil {
		return err
	}
	p.pages.metrics.enrolled.Add(1)
	p.send(&wire.Enrolled{
		ID: f.ID, Match: f.Match, Grant: right.Hash, Role: right.Role, NotAfter: uint64(right.NotAfter), Chain: right.Chain,
	})
	return nil
}

// stillMay returns why the connection must end: a right of the page's has ended, or
// lets it do something else. Nil while all go on.
func (p *page) stillMay(now time.Time) *byeError {
	p.mu.Lock()
	callers := append(slices.Collect(maps.Values(p.state.proven)), p.state.caller)
	p.mu.Unlock()
	for _, c := range callers {
		if err := p.pages.server.still(c, now); err != nil {
			return &byeError{"ended", http.StatusForbidden, err.Error()}
		}
	}
	return nil
}

// writes returns who the page's drafts are signed for, now.
func (p *page) writes(id crdt.LogID) (Caller, error) {
	p.mu.Lock()
	c, err := p.state.writes(id)
	p.mu.Unlock()
	if err != nil {
		return Caller{}, err
	}
	if c, err = p.pages.server.standing(c, time.Now()); err != nil {
		return Caller{}, err
	}
	return c, c.writes(id)
}
