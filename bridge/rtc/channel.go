package rtc

import (
	"sync"
	"time"

	"github.com/pion/webrtc/v4"

	"touchline.dev/touchline/bridge/fanout"
)

const (
	lingering = time.Second // for the last message to arrive
	easedAt   = 64 << 10    // bytes still to go at which those in Await look again
)

// Handler is told of a channel. Message is called with one message at a time.
type Handler interface {
	// Opened is called once. A message may be there before it.
	Opened(c *Channel)
	Message(c *Channel, b []byte)
	// Closed is called once, when the channel is gone.
	Closed(c *Channel)
}

// Channel is an open data channel. Its methods may be called from any goroutine.
type Channel struct {
	call *Call               // immutable
	dc   *webrtc.DataChannel // immutable
	once sync.Once           // tells the handler

	mu      sync.Mutex
	closing bool          // guarded by mu
	eased   chan struct{} // guarded by mu; closed when less waits, or nothing ever will
}

func newChannel(call *Call, dc *webrtc.DataChannel) *Channel {
	c := &Channel{call: call, dc: dc}
	dc.SetBufferedAmountLowThreshold(easedAt)
	dc.OnBufferedAmountLow(func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ease()
	})
	dc.OnOpen(func() { c.call.handler.Opened(c) })
	dc.OnMessage(func(m webrtc.DataChannelMessage) {
		if m.IsString {
			c.Close(nil, 0, "")
			return
		}
		c.call.handler.Message(c, m.Data)
	})
	dc.OnClose(func() { go call.end() })
	return c
}

// ease lets those in Await look again. The caller holds mu.
func (c *Channel) ease() {
	if c.eased != nil {
		close(c.eased)
		c.eased = nil
	}
}

// Send queues a message; false: the channel is over.
func (c *Channel) Send(b []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.send(b)
}

func (c *Channel) send(b []byte) bool {
	if c.closing {
		return false
	}
	if int(c.dc.BufferedAmount())+len(b) > c.call.exchange.cfg.MaxQueue {
		c.finish(c.call.exchange.cfg.Slow)
		return false
	}
	if c.dc.Send(b) != nil {
		c.finish(nil)
		return false
	}
	return true
}

// Deliver implements fanout.Sink for batches whose messages have no headers.
func (c *Channel) Deliver(b *fanout.Batch) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	from := 0
	for _, end := range b.Ends {
		if !c.send(b.Bytes[from:end]) {
			return false
		}
		from = end
	}
	return true
}

// Await waits until at most n bytes wait for the reader; false: the channel is
// over. n must not be less than 64 KiB.
func (c *Channel) Await(n int) bool {
	for {
		c.mu.Lock()
		if c.closing || int(c.dc.BufferedAmount()) <= n {
			defer c.mu.Unlock()
			return !c.closing
		}
		if c.eased == nil {
			c.eased = make(chan struct{})
		}
		eased := c.eased
		c.mu.Unlock()
		<-eased
	}
}

// Close sends a last message, unless it is nil, and ends the call. There are no
// close codes on a channel.
func (c *Channel) Close(last []byte, _ int, _ string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.finish(last)
}

// finish ends the call when the last message has had time to arrive. The caller
// holds mu.
func (c *Channel) finish(last []byte) {
	if c.closing {
		return
	}
	c.closing = true
	c.ease()
	if last == nil || c.dc.Send(last) != nil {
		go c.call.end()
		return
	}
	time.AfterFunc(lingering, c.call.end)
}

// gone tells the handler. The call is over.
func (c *Channel) gone() {
	c.once.Do(func() {
		c.mu.Lock()
		c.closing = true
		c.ease()
		c.mu.Unlock()
		c.call.handler.Closed(c)
	})
}
