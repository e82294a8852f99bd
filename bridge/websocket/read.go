package websocket

import (
	"errors"
	"io"
	"sync"
	"time"

	"github.com/gobwas/ws"
)

const (
	smallBuffer  = 256  // bytes; most messages of a page fit
	maxFragments = 1024 // frames of a message, those between them included
)

// violation is why a connection must be closed: a code of RFC 6455, 7.4.
type violation struct {
	code   ws.StatusCode
	reason string
}

func (v *violation) Error() string { return v.reason }

// errOver: the other side has closed.
var errOver = errors.New("closed")

// read reads one message and has it handled. It is not on the stack then, so
// that a connection at rest needs a small one.
func (c *Conn) read() {
	buf := buffers.Get().(*[]byte)
	m, err := c.next((*buf)[:0])
	if err == nil {
		*buf = m
		go c.handle(buf)
		return
	}
	buffers.Put(buf)
	c.end(err)
}

var buffers = sync.Pool{New: func() any { return new([]byte) }}

func (c *Conn) handle(buf *[]byte) {
	c.mu.Lock()
	closing := c.closing
	c.mu.Unlock()
	if !closing {
		c.handler.Message(c, *buf)
	}
	buffers.Put(buf)
	go c.read()
}

// end closes as the rules of RFC 6455 say for what happened, and waits for the
// other side to hang up.
func (c *Conn) end(err error) {
	var v *violation
	switch {
	case errors.As(err, &v):
		c.Close(nil, int(v.code), v.reason)
	case errors.Is(err, errOver):
	default:
		c.conn.Close()
	}
	for err := error(nil); err == nil; { // until hangUp's time is over
		_, err = c.conn.Read(c.small[:])
	}
	c.mu.Lock()
	c.closing = true
	c.ease()
	c.mu.Unlock()
	c.conn.Close()
	c.handler.Closed(c)
}

// take reads over what was read ahead.
func (c *Conn) take(p []byte) (n int, err error) {
	switch {
	case len(c.ahead) > 0:
		n, c.ahead = copy(p, c.ahead), c.ahead[min(len(p), len(c.ahead)):]
		return n, nil
	case len(c.have) == 0 && len(p) >= smallBuffer:
		return c.conn.Read(p)
	case len(c.have) == 0:
		n, err := c.conn.Read(c.small[:])
		if c.have = c.small[:n]; n == 0 {
			return 0, err
		}
	}
	n = copy(p, c.have)
	c.have = c.have[n:]
	return n, nil
}

// next returns the next message, appended to b. Control frames on the way are
// answered.
func (c *Conn) next(b []byte) (m []byte, err error) {
	fragmented := false
	for range maxFragments {
		h, err := c.header(fragmented)
		if err != nil {
			return nil, err
		}
		if h.OpCode.IsControl() {
			if err := c.control(h); err != nil {
				return nil, err
			}
			continue
		}
		switch {
		case h.OpCode == ws.OpText:
			return nil, &violation{ws.StatusUnsupportedData, "messages are binary"}
		case h.Length > int64(c.cfg.MaxMessage-len(b)):
			return nil, &violation{ws.StatusMessageTooBig, "message is too long"}
		}
		if b, err = c.payload(b, h); err != nil {
			return nil, err
		}
		if h.Fin {
			return b, nil
		}
		fragmented = true
	}
	return nil, &violation{ws.StatusPolicyViolation, "too many fragments"}
}

// header reads a frame's header and checks it.
func (c *Conn) header(fragmented bool) (ws.Header, error) {
	state := ws.StateServerSide
	if fragmented {
		state = state.Set(ws.StateFragmented)
	}
	in := source{c: c}
	h, err := ws.ReadHeader(&in)
	switch {
	case errors.Is(err, ws.ErrHeaderLengthMSB):
		return h, &violation{ws.StatusProtocolError, err.Error()}
	case err != nil:
		return h, err
	case in.n != ws.HeaderSize(h):
		return h, &violation{ws.StatusProtocolError, "length is not in its shortest form"}
	}
	if err := ws.CheckHeader(h, state); err != nil {
		return h, &violation{ws.StatusProtocolError, err.Error()}
	}
	return h, nil
}

// source is what comes in, counted.
type source struct {
	c *Conn
	n int
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.c.take(p)
	s.n += n
	return n, err
}

// payload appends a frame's payload to b. It must come in good time: until then
// it keeps a borrowed buffer.
func (c *Conn) payload(b []byte, h ws.Header) ([]byte, error) {
	from, n := len(b), int(h.Length)
	b = append(b, make([]byte, n)...)
	if n > len(c.have)+len(c.ahead) {
		_ = c.conn.SetReadDeadline(time.Now().Add(c.cfg.WriteTimeout)) // a failure shows when reading
		defer c.inTime()
	}
	if _, err := io.ReadFull(&source{c: c}, b[from:]); err != nil {
		return nil, err
	}
	ws.Cipher(b[from:], h.Mask, 0)
	return b, nil
}

// inTime lets the next message take as long as it likes, unless hangUp has set
// an end.
func (c *Conn) inTime() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closing {
		_ = c.conn.SetReadDeadline(time.Time{}) // as above
	}
}

// control answers a control frame; errOver after a close.
func (c *Conn) control(h ws.Header) error {
	var small [ws.MaxControlFramePayloadSize]byte
	p, err := c.payload(small[:0], h)
	if err != nil {
		return err
	}
	switch h.OpCode {
	case ws.OpPing:
		c.write(message(ws.OpPong, p))
	case ws.OpClose:
		return c.closed(p)
	}
	return nil
}

// closed answers the other side's close.
func (c *Conn) closed(p []byte) error {
	code, reason := ws.ParseCloseFrameData(p)
	if len(p) == 0 {
		c.Close(nil, 0, "")
		return errOver
	}
	err := ws.CheckCloseFrameData(code, reason)
	switch {
	case errors.Is(err, ws.ErrProtocolInvalidUTF8):
		return &violation{ws.StatusInvalidFramePayloadData, err.Error()}
	case err != nil || len(p) == 1 || code > ws.StatusRangePrivate.Max:
		return &violation{ws.StatusProtocolError, "close with a code that may not be sent"}
	}
	c.Close(nil, int(code), "")
	return errOver
}
