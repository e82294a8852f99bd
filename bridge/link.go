package bridge

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"touchline.dev/touchline/bridge/fanout"
	"touchline.dev/touchline/bridge/rtc"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

// link carries the frames of one page: a WebSocket or a data channel. Nothing in
// it blocks but Await.
type link interface {
	fanout.Sink // of batches made with its framing
	// Send takes one frame; false: the link is over.
	Send(frame []byte) bool
	// Await waits until at most n bytes are still to go; false: the link is over.
	Await(n int) bool
	Close(last []byte, code int, reason string)
}

// framing is how messages are told apart on a kind of link.
type framing struct {
	name   string
	header func(b []byte, n int) []byte // appends what goes before a message of n bytes
}

// page is one connection of a page. Its frames come one at a time.
type page struct {
	pages   *pages  // immutable
	link    link    // immutable
	framing framing // immutable
	ctx     context.Context
	cancel  context.CancelFunc
	born    time.Time    // immutable
	heard   atomic.Int64 // when the last frame came, in milliseconds since 1970

	// Of whoever handles frames.
	nonces [32]byte // of hello, then of welcome
	token  string
	client string // by which connections are counted
	store  crdt.StoreID
	was    *identity // of the WebSocket over which a data channel was called
	call   *rtc.Call // the last
	callID uint32

	mu         sync.Mutex
	state      pageState                 // guarded by mu
	pending    []*wire.Publish           // guarded by mu
	publishing bool                      // guarded by mu
	forged     int                       // guarded by mu; envelopes published that nobody may write
	acked      map[crdt.LogID]*ackedUpTo // guarded by mu
	over       bool                      // guarded by mu
}

// frame deals with one frame from the page.
func (p *page) frame(b []byte) {
	p.heard.Store(time.Now().UnixMilli())
	f, err := wire.Decode(b)
	if err != nil {
		p.bye(&byeError{"malformed", 400, err.Error()})
		return
	}
	p.pages.metrics.frames.Add(1)
	p.mu.Lock()
	err = p.state.allow(f)
	if pub, ok := f.(*wire.Publish); ok && err == nil {
		p.queue(pub)
	}
	p.mu.Unlock()
	if err == nil {
		err = p.do(f)
	}
	if err != nil {
		p.refuse(f, err)
	}
}

// do carries out what is allowed. An error is for the page.
func (p *page) do(f wire.Frame) error {
	switch f := f.(type) {
	case *wire.Hello:
		return p.hello(f)
	case *wire.Prove:
		return p.prove(f)
	case *wire.Enrol:
		return p.enrol(f)
	case *wire.Follow:
		return p.follow(f)
	case *wire.Unfollow:
		p.unfollow(f.Match)
		p.send(&wire.Done{ID: f.ID})
	case *wire.Compare:
		return p.compare(f)
	case *wire.Equal, *wire.Recon, *wire.Bodies, *wire.Gone, *wire.Fin, *wire.Proof:
		return p.reconcile(f)
	case *wire.Offer:
		return p.offer(f)
	case *wire.Candidate:
		return p.candidate(f)
	case *wire.Ping:
		p.send(&wire.Pong{Number: f.Number})
	case *wire.Bye:
		p.link.Close(nil, 1000, "")
	}
	return nil
}

func (p *page) send(f wire.Frame) bool { return p.link.Send(wire.Encode(f)) }

// refuse answers a frame that failed.
func (p *page) refuse(f wire.Frame, err error) {
	var bye *byeError
	if errors.As(err, &bye) {
		p.bye(bye)
		return
	}
	p.problem(requestOf(f), sessionOf(f), nil, err)
}

// problem sends what an error means to a page.
func (p *page) problem(id, session uint32, hash *crdt.Hash, err error) {
	pr := problemOf(err)
	out := &wire.Problem{ID: id, Session: session, Name: pr.Type[len("urn:touchline:"):], Status: uint64(pr.Status), Detail: clip(pr.Error())}
	if hash != nil {
		out.Hash = hash[:]
	}
	if pr.Status == 429 || pr.Status == 507 {
		out.AgainMs = 1000
	}
	if pr.Status >= 500 {
		p.pages.server.log.Warn("page", "problem", pr.Type, "err", err)
	}
	p.send(out)
}

// clip keeps a text to what a frame takes, in whole characters.
func clip(s string) string {
	const most = 1000
	if len(s) <= most {
		return s
	}
	end := most
	for end > 0 && s[end]&0xc0 == 0x80 {
		end--
	}
	return s[:end]
}

// bye ends the connection and says why.
func (p *page) bye(e *byeError) {
	p.pages.metrics.bye(e.reason)
	p.link.Close(wire.Encode(&wire.Bye{Reason: e.reason, Detail: clip(e.detail)}), 4000+e.status, e.reason)
}

// closed cleans up behind a connection that is gone.
func (p *page) closed() {
	p.cancel()
	p.mu.Lock()
	p.over = true
	follows := p.state.follows
	p.state.follows = nil
	p.mu.Unlock()
	for _, f := range follows {
		f.end()
	}
	p.pages.remove(p)
}

// requestOf is the number that answers carry; 0: the frame has none.
func requestOf(f wire.Frame) uint32 {
	switch f := f.(type) {
	case *wire.Prove:
		return f.ID
	case *wire.Enrol:
		return f.ID
	case *wire.Follow:
		return f.ID
	case *wire.Unfollow:
		return f.ID
	case *wire.Publish:
		return f.ID
	case *wire.Offer:
		return f.ID
	case *wire.Candidate:
		return f.ID
	}
	return 0
}
