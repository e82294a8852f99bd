package websocket

import (
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/gobwas/ws"

	"touchline.dev/touchline/bridge/fanout"
)

// lingering is how long the other side has to read our close and to answer it.
const lingering = 2 * time.Second

// Conn is a connection. Its methods may be called from any goroutine.
type Conn struct {
	conn    net.Conn        // immutable
	raw     syscall.RawConn // immutable; nil: conn is no socket
	cfg     *Config         // immutable
	handler Handler         // immutable

	// Of whoever reads: one goroutine at a time.
	small [smallBuffer]byte
	have  []byte // read and not taken; part of small
	ahead []byte // read with the request

	mu       sync.Mutex
	queue    [][]byte      // guarded by mu; whole messages
	begun    bool          // guarded by mu; but for the first, which is the rest of one
	queued   int           // guarded by mu; bytes in queue and being drained
	draining bool          // guarded by mu; a goroutine writes
	closing  bool          // guarded by mu; the last message is written or queued
	eased    chan struct{} // guarded by mu; closed when less waits, or nothing ever will
}

// AppendHeader appends what goes before a binary message of n bytes.
func AppendHeader(b []byte, n int) []byte { return appendHeader(b, ws.OpBinary, n) }

func appendHeader(b []byte, op ws.OpCode, n int) []byte {
	b = append(b, 0x80|byte(op))
	switch {
	case n < 126:
		return append(b, byte(n))
	case n < 1<<16:
		return append(b, 126, byte(n>>8), byte(n))
	}
	return append(b, 127, 0, 0, 0, 0, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}

func message(op ws.OpCode, payload []byte) []byte {
	return append(appendHeader(make([]byte, 0, len(payload)+10), op, len(payload)), payload...)
}

// Send writes or queues a message; false: the connection is over.
func (c *Conn) Send(payload []byte) bool { return c.write(message(ws.OpBinary, payload)) }

// Deliver implements fanout.Sink for batches whose messages have headers.
func (c *Conn) Deliver(b *fanout.Batch) bool { return c.write(b.Bytes) }

// Addr is the other side's.
func (c *Conn) Addr() net.Addr { return c.conn.RemoteAddr() }

// Queued is how many bytes wait for the reader.
func (c *Conn) Queued() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.queued
}

// Await waits until at most n bytes wait for the reader; false: the connection
// is over. It is the only method that blocks.
func (c *Conn) Await(n int) bool {
	for {
		c.mu.Lock()
		if c.closing || c.queued <= n {
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

// ease lets those in Await look again. The caller holds mu.
func (c *Conn) ease() {
	if c.eased != nil {
		close(c.eased)
		c.eased = nil
	}
}

// Close sends a last message, unless it is nil, and a close with a code.
func (c *Conn) Close(last []byte, code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closing {
		c.finish(last, code, reason)
	}
}

// finish queues the end. The caller holds mu.
func (c *Conn) finish(last []byte, code int, reason string) {
	var end []byte
	if last != nil {
		end = message(ws.OpBinary, last)
	}
	var body []byte
	if code != 0 {
		body = ws.NewCloseFrameBody(ws.StatusCode(code), reason)
	}
	c.closing = true
	c.ease()
	c.push(append(end, message(ws.OpClose, body)...), len(end)+len(body)+16)
	if !c.draining {
		c.draining = true
		go c.drain()
	}
}

func (c *Conn) write(p []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.closing && c.push(p, 0)
}

// push writes p or queues what the socket does not take, up to the bound and
// extra bytes. The caller holds mu.
func (c *Conn) push(p []byte, extra int) bool {
	if !c.draining {
		n, err := c.try(p)
		if err != nil {
			c.closing = true
			c.ease()
			c.conn.Close()
			return false
		}
		if p = p[n:]; len(p) == 0 {
			return true
		}
	}
	if c.queued+len(p) > c.cfg.MaxQueue+extra {
		c.cut()
		return false
	}
	c.queue, c.queued = append(c.queue, p), c.queued+len(p)
	if !c.draining {
		c.draining, c.begun = true, true
		go c.drain()
	}
	return true
}

// cut ends a connection whose reader is too slow: what waits is dropped, except
// for the rest of a message. The caller holds mu.
func (c *Conn) cut() {
	if c.closing {
		return
	}
	keep := 0
	if c.begun {
		keep = 1
	}
	for _, p := range c.queue[keep:] {
		c.queued -= len(p)
	}
	c.queue = c.queue[:keep]
	_ = c.conn.SetWriteDeadline(time.Now().Add(lingering)) // a failure shows in drain
	c.finish(c.cfg.Slow, c.cfg.SlowCode, "slow")
}

// drain writes what waits, until nothing does. It is the only writer while it
// runs.
func (c *Conn) drain() {
	sent := 0
	for {
		c.mu.Lock()
		c.queued -= sent
		todo := net.Buffers(c.queue)
		c.queue, c.begun = nil, false
		c.ease()
		if len(todo) == 0 {
			last := c.closing
			c.draining = last // for ever: nothing is written any more
			if !last {
				_ = c.conn.SetWriteDeadline(time.Time{}) // as above
			}
			c.mu.Unlock()
			if last {
				c.hangUp()
			}
			return
		}
		sent = 0
		for _, p := range todo {
			sent += len(p)
		}
		wait := c.cfg.WriteTimeout
		if c.closing {
			wait = lingering
		}
		_ = c.conn.SetWriteDeadline(time.Now().Add(wait)) // as above
		c.mu.Unlock()
		if _, err := todo.WriteTo(c.conn); err != nil {
			c.mu.Lock()
			c.closing = true
			c.ease()
			c.mu.Unlock()
			c.conn.Close()
			return
		}
	}
}

// hangUp ends our half, so that our close arrives even if there is more to read.
func (c *Conn) hangUp() {
	_ = c.conn.SetReadDeadline(time.Now().Add(lingering))
	if h, ok := c.conn.(interface{ CloseWrite() error }); ok && h.CloseWrite() == nil {
		return
	}
	c.conn.Close()
}
