package bridge

import (
	"errors"
	"fmt"
	"maps"
	"sync"

	"touchline.dev/touchline/bridge/rtc"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

// A peer connection costs some thirty goroutines, so there are few.
const (
	maxCalls        = 256
	maxCallsOfOne   = 32 // by one token: some phones of a team; others stay on the WebSocket
	channelQueue    = maxWaiting
	channelProtocol = subprotocol
)

var overChannel = framing{"channel", func(b []byte, _ int) []byte { return b }}

func newExchange() *rtc.Exchange {
	return rtc.New(rtc.Config{
		Label: channelProtocol, MaxQueue: channelQueue, Slow: slowBye(), Calls: maxCalls, OfClient: maxCallsOfOne,
	})
}

// identity is who a page was when it called.
type identity struct {
	caller Caller
	proven map[crdt.LogID]Caller
	token  string
	client string
}

// offer answers a page's call.
func (p *page) offer(f *wire.Offer) error {
	p.mu.Lock()
	who := identity{p.state.caller, maps.Clone(p.state.proven), p.token, p.client}
	p.mu.Unlock()
	call, answer, err := p.pages.calls.Answer(p.client, f.SDP, &channel{pages: p.pages, who: who})
	if err != nil {
		return callError(err)
	}
	p.call, p.callID = call, f.ID
	p.send(&wire.Answer{ID: f.ID, SDP: answer})
	return nil
}

// candidate adds an address of the page to its last call.
func (p *page) candidate(f *wire.Candidate) error {
	if p.call == nil || p.callID != f.ID {
		return badRequest("no such offer")
	}
	return callError(p.call.Candidate(f.Candidate))
}

func callError(err error) error {
	switch {
	case errors.Is(err, rtc.ErrBusy):
		return fmt.Errorf("%w: %v", crdt.ErrBusy, err)
	case errors.Is(err, rtc.ErrOffer):
		return badRequest(err.Error())
	}
	return err
}

// channel hands the messages of a data channel to its page.
type channel struct {
	pages *pages
	who   identity

	mu   sync.Mutex
	page *page // guarded by mu; nil until the first message
	over bool  // guarded by mu
}

// Opened implements rtc.Handler.
func (h *channel) Opened(c *rtc.Channel) { h.open(c) }

// Message implements rtc.Handler.
func (h *channel) Message(c *rtc.Channel, b []byte) {
	if p := h.open(c); p != nil {
		p.frame(b)
	}
}

// open returns the page, nil if there is no room or it has gone.
func (h *channel) open(c *rtc.Channel) *page {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.page != nil || h.over {
		return h.page
	}
	p, ok := h.pages.add(c, overChannel)
	if !ok {
		c.Close(nil, 4429, "limit")
		return nil
	}
	p.was, h.page = &h.who, p
	return p
}

// Closed implements rtc.Handler.
func (h *channel) Closed(*rtc.Channel) {
	h.mu.Lock()
	h.over = true
	p := h.page
	h.mu.Unlock()
	if p != nil {
		p.closed()
	}
}
