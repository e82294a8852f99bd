package bridge

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"touchline.dev/touchline/bridge/fanout"
	"touchline.dev/touchline/bridge/rtc"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

const (
	pageIdle   = 90 * time.Second // silence after which a connection is closed
	pageProve  = 10 * time.Second // time to say who one is
	sweepEvery = time.Second

	maxOfClient = 2048 // connections by one token: a team's parents may share it
	maxOfDevice = 16   // connections of one device
	maxUnproven = 1024 // connections that may do nothing yet
	maxCatching = 16   // pages for which missed events are read at once
)

// pages are the connections of pages and what they share.
type pages struct {
	server   *Server
	hub      *fanout.Hub
	calls    *rtc.Exchange
	metrics  pageMetrics
	views    reconViews
	budgets  sessionBudgets
	key      [32]byte      // of the secrets of sessions, for the running time of this process
	catching chan struct{} // one token per page for which events are read

	expecting atomic.Bool // somebody waits to hear who holds what was acknowledged
	done      sync.WaitGroup

	mu       sync.Mutex
	stop     context.CancelFunc // guarded by mu; nil until the first page comes
	closed   bool               // guarded by mu
	open     map[*page]struct{} // guarded by mu
	clients  map[string]int     // guarded by mu; connections by client
	unproven int                // guarded by mu
}

func newPages(s *Server) *pages {
	ps := &pages{
		server: s, hub: fanout.NewHub(s.log), calls: newExchange(), metrics: newPageMetrics(), catching: make(chan struct{}, maxCatching),
		open: map[*page]struct{}{}, clients: map[string]int{},
	}
	rand.Read(ps.key[:])
	return ps
}

// secret is what takes the place of a match's topic secret in sessions.
func (ps *pages) secret(id crdt.LogID) [32]byte {
	b, err := hkdf.Key(sha256.New, ps.key[:], nil, "touchline/1 page sessions"+string(id[:]), 32)
	if err != nil {
		panic("derive secret of sessions: " + err.Error()) // only for absurd lengths
	}
	return [32]byte(b)
}

// add enters a connection; false: there is no room, or we stop.
func (ps *pages) add(l link, f framing) (*page, bool) {
	p := &page{pages: ps, link: l, framing: f, born: time.Now()}
	p.heard.Store(p.born.UnixMilli())
	p.ctx, p.cancel = context.WithCancel(context.Background())
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.closed || len(ps.open) >= ps.server.cfg.MaxPages || ps.unproven >= maxUnproven {
		p.cancel()
		return nil, false
	}
	if ps.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		ps.stop = stop
		ps.done.Go(func() { ps.sweepAll(ctx) })
	}
	ps.open[p] = struct{}{}
	ps.unproven++
	return p, true
}

// full reports whether one more connection would be refused.
func (ps *pages) full() bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.closed || len(ps.open) >= ps.server.cfg.MaxPages || ps.unproven >= maxUnproven
}

// count enters a connection under its client; false: that has too many.
func (ps *pages) count(p *page, client string) bool {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if _, here := ps.open[p]; !here {
		return false
	}
	if client == "" {
		return true // may do nothing until it proves something
	}
	if most := ps.most(client); ps.clients[client] >= most {
		return false
	}
	if p.client == "" {
		ps.unproven--
	} else {
		ps.leave(p.client)
	}
	p.client = client
	ps.clients[client]++
	return true
}

// most is how many connections a client may have.
func (ps *pages) most(client string) int {
	switch {
	case client == guestClient:
		return ps.server.cfg.MaxPages
	case len(client) > len(devicePrefix) && client[:len(devicePrefix)] == devicePrefix:
		return maxOfDevice
	}
	return maxOfClient
}

func (ps *pages) leave(client string) {
	if ps.clients[client]--; ps.clients[client] <= 0 {
		delete(ps.clients, client)
	}
}

func (ps *pages) remove(p *page) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if _, here := ps.open[p]; !here {
		return
	}
	delete(ps.open, p)
	if p.client == "" {
		ps.unproven--
	} else {
		ps.leave(p.client)
	}
}

func (ps *pages) all() []*page {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	list := make([]*page, 0, len(ps.open))
	for p := range ps.open {
		list = append(list, p)
	}
	return list
}

// counts are how many connections there are, and how many of them may do nothing
// yet.
func (ps *pages) counts() (open, unproven int) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return len(ps.open), ps.unproven
}

// close says goodbye to all.
func (ps *pages) close() {
	ps.mu.Lock()
	ps.closed = true
	if ps.stop != nil {
		ps.stop()
	}
	ps.mu.Unlock()
	ps.done.Wait()
	for _, p := range ps.all() {
		p.bye(&byeError{"closing", http.StatusServiceUnavailable, "the node stops"})
	}
	ps.calls.Close()
	ps.hub.Close()
}

// sweepAll looks after connections until ctx is done.
func (ps *pages) sweepAll(ctx context.Context) {
	tick, recheck := time.NewTicker(sweepEvery), time.NewTicker(ps.server.cfg.Recheck)
	defer tick.Stop()
	defer recheck.Stop()
	for {
		select {
		case <-tick.C:
			ps.tellHeld()
		case <-recheck.C:
			for _, p := range ps.all() {
				p.sweep(time.Now())
			}
		case <-ctx.Done():
			return
		}
	}
}

// sweep closes the connection when its time is over, and asks for a sign of life
// where there was none for long.
func (p *page) sweep(now time.Time) {
	p.mu.Lock()
	may := p.state.mayDo()
	p.mu.Unlock()
	silent := now.Sub(time.UnixMilli(p.heard.Load()))
	switch {
	case !may && now.Sub(p.born) > pageProve:
		p.bye(&byeError{"token", http.StatusUnauthorized, "a token or a proof is needed"})
	case silent > pageIdle:
		p.bye(&byeError{"idle", http.StatusRequestTimeout, "nothing was heard"})
	default:
		if err := p.stillMay(now); err != nil {
			p.bye(err)
		} else if silent > pageIdle/2 {
			p.send(&wire.Ping{Number: uint64(now.UnixMilli())})
		}
	}
}
