package socketio

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/gobwas/ws"
)

// pipe is the server's end of a WebSocket.
type pipe struct {
	conn    net.Conn
	raw     syscall.RawConn // nil: conn is no socket
	r       *bufio.Reader
	timeout time.Duration // for a write
	most    int64         // bytes of a message
	reply   func([]byte)  // writes a frame between others; nil while nobody else writes

	turn      sync.Mutex // held by a write that may wait, with which the kernel lets no other begin
	closeOnce sync.Once
}

// webSocket begins a session on a WebSocket, or takes an open one over.
func (s *Server) webSocket(w http.ResponseWriter, r *http.Request, id string) {
	if r.Method != http.MethodGet || !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") {
		badRequest.write(w)
		return
	}
	var n *session
	if id != "" {
		if n = s.session(id); n == nil {
			unknownSession.write(w)
			return
		}
	} else {
		var f refusal
		if n, f = s.open(r); n == nil {
			f.write(w)
			return
		}
	}
	conn, rw, _, err := ws.HTTPUpgrader{Timeout: s.cfg.WriteTimeout}.Upgrade(r, w)
	if err != nil {
		if conn != nil {
			conn.Close()
		}
		if id == "" {
			n.close(err)
		}
		return
	}
	p := &pipe{conn: conn, r: rw.Reader, timeout: s.cfg.WriteTimeout, most: s.cfg.MaxPayload}
	if c, ok := conn.(syscall.Conn); ok {
		p.raw, _ = c.SyscallConn()
	}
	if id == "" {
		n.begin(p)
	} else if err := n.upgrade(p); err != nil {
		p.close(err)
		return
	}
	n.close(n.read(p))
}

// begin makes a WebSocket the session's first transport.
func (n *session) begin(p *pipe) {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		p.close(errLeft)
		return
	}
	n.usePipeLocked(p)
	n.mu.Unlock()
	n.send(nil, newMessage(n.hello()))
}

// usePipeLocked makes a WebSocket the transport. From now on what is written to
// it goes through the queue: a frame may be half written.
func (n *session) usePipeLocked(p *pipe) {
	n.pipe = p
	p.reply = func(frame []byte) { n.send(nil, &Message{frame: frame}) }
}

// upgrade changes over from polling: the client says 2probe on the WebSocket,
// hears 3probe, ends its polling, and says 5.
func (n *session) upgrade(p *pipe) error {
	n.mu.Lock()
	if n.closed || n.pipe != nil || n.probing != nil {
		n.mu.Unlock()
		return errTransport
	}
	n.probing = p
	n.mu.Unlock()
	err := n.probe(p)
	n.mu.Lock()
	defer n.mu.Unlock()
	n.probing = nil
	if err != nil || n.closed {
		return errors.Join(err, errTransport)
	}
	n.usePipeLocked(p)
	n.flushLocked()
	select {
	case n.wake <- true: // a GET that came late
	default:
	}
	return nil
}

func (n *session) probe(p *pipe) error {
	_ = p.conn.SetReadDeadline(time.Now().Add(n.server.cfg.ConnectTimeout))
	if err := p.expect("2probe"); err != nil {
		return err
	}
	if err := p.write([]*Message{newMessage([]byte("3probe"))}); err != nil {
		return err
	}
	select {
	case n.wake <- true: // the GET that waits is to end soon
	default:
	}
	if err := p.expect("5"); err != nil {
		return err
	}
	return p.conn.SetReadDeadline(time.Time{})
}

func (p *pipe) expect(text string) error {
	_, b, err := p.next()
	if err == nil && string(b) != text {
		err = fmt.Errorf("%w: %s expected", errPacket, text)
	}
	return err
}

// read hands on what the client says until it stops.
func (n *session) read(p *pipe) error {
	for {
		op, b, err := p.next()
		if err != nil {
			return err
		}
		if op == ws.OpBinary {
			err = n.takeBinary(b)
		} else {
			err = n.take(b)
		}
		if err != nil {
			return err
		}
	}
}

// next reads a message, and answers control frames on the way (RFC 6455).
func (p *pipe) next() (op ws.OpCode, message []byte, err error) {
	state := ws.StateServerSide
	for {
		h, err := ws.ReadHeader(p.r)
		if err != nil {
			return 0, nil, err
		}
		if err := ws.CheckHeader(h, state); err != nil {
			p.closeWith(ws.StatusProtocolError)
			return 0, nil, err
		}
		if h.Length < 0 || int64(len(message))+h.Length > p.most {
			p.closeWith(ws.StatusMessageTooBig)
			return 0, nil, fmt.Errorf("%w: message of more than %d bytes", errPacket, p.most)
		}
		part, err := readPart(p.r, h.Length)
		if err != nil {
			return 0, nil, err
		}
		ws.Cipher(part, h.Mask, 0)
		if h.OpCode.IsControl() {
			if err := p.control(h.OpCode, part); err != nil {
				return 0, nil, err
			}
			continue
		}
		if h.OpCode != ws.OpContinuation {
			op = h.OpCode
		}
		if message == nil {
			message = part
		} else {
			message = append(message, part...)
		}
		if !h.Fin {
			state = state.Set(ws.StateFragmented)
			continue
		}
		if op == ws.OpText && !utf8.Valid(message) {
			p.closeWith(ws.StatusInvalidFramePayloadData)
			return 0, nil, fmt.Errorf("%w: not UTF-8", errPacket)
		}
		return op, message, nil
	}
}

// readPart reads a frame's payload. Memory grows with what has come, not with
// what was announced.
func readPart(r *bufio.Reader, length int64) ([]byte, error) {
	const sure = 16 << 10
	if length <= sure {
		b := make([]byte, length)
		_, err := io.ReadFull(r, b)
		return b, err
	}
	b, err := io.ReadAll(io.LimitReader(r, length))
	if err == nil && int64(len(b)) < length {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

func (p *pipe) control(op ws.OpCode, payload []byte) error {
	switch op {
	case ws.OpPing:
		pong := ws.MustCompileFrame(ws.NewPongFrame(payload))
		if p.reply == nil {
			return p.write([]*Message{{frame: pong}})
		}
		p.reply(pong)
	case ws.OpClose:
		code := ws.StatusNormalClosure
		if len(payload) > 0 {
			given, reason := ws.ParseCloseFrameData(payload)
			if err := ws.CheckCloseFrameData(given, reason); err != nil || len(payload) == 1 {
				p.closeWith(ws.StatusProtocolError)
				return errPacket
			}
			code = given
		}
		p.closeWith(code)
		return errLeft
	}
	return nil // a pong nobody waits for
}

// write sends messages in one go and waits until they are gone.
func (p *pipe) write(list []*Message) error {
	frames := make(net.Buffers, len(list))
	for i, m := range list {
		frames[i] = m.frame
	}
	p.turn.Lock()
	defer p.turn.Unlock()
	_ = p.conn.SetWriteDeadline(time.Now().Add(p.timeout))
	if _, err := frames.WriteTo(p.conn); err != nil {
		return err
	}
	return p.conn.SetWriteDeadline(time.Time{})
}

// tryWrite gives the kernel as much as it takes at once.
func (p *pipe) tryWrite(b []byte) (taken int, err error) {
	if p.raw == nil {
		return 0, nil
	}
	return writeNow(p.raw, b)
}

// close says good-bye if there is room for it, and hangs up.
func (p *pipe) close(why error) {
	code := ws.StatusNormalClosure
	switch {
	case errors.Is(why, errShutdown), errors.Is(why, errSlow):
		code = ws.StatusGoingAway
	case errors.Is(why, errPacket):
		code = ws.StatusPolicyViolation
	}
	p.closeWith(code)
	p.conn.Close()
}

// closeWith sends a close frame, once, unless the client is not reading: whoever cuts a
// slow one must not wait for it.
func (p *pipe) closeWith(code ws.StatusCode) {
	p.closeOnce.Do(func() {
		if !p.turn.TryLock() {
			return
		}
		defer p.turn.Unlock()
		_, _ = p.tryWrite(ws.MustCompileFrame(ws.NewCloseFrame(ws.NewCloseFrameBody(code, ""))))
	})
}
