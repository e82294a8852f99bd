package socketio

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"time"
)

// maxInbox bounds the packets of one client that wait to be handled; whoever
// brings the next waits.
const maxInbox = 64

var (
	errSlow      = errors.New("the client reads too slowly")
	errSilent    = errors.New("the client did not answer a ping")
	errHalfOpen  = errors.New("the client opened no socket in time")
	errLeft      = errors.New("the client left")
	errShutdown  = errors.New("the server is stopping")
	errCut       = errors.New("the server cut it")
	errTransport = errors.New("transport error")
)

// session is an Engine.IO session: one client on one transport at a time, and
// at most one socket in it.
type session struct {
	server *Server // immutable
	id     string  // immutable
	info   any     // immutable
	who    string  // immutable; for the limit of sessions

	mu      sync.Mutex
	changed sync.Cond   // on mu; queue, inbox or closed
	queue   []*Message  // guarded by mu; what the transport has not taken yet
	queued  int         // guarded by mu; its bytes
	pipe    *pipe       // guarded by mu; the WebSocket; nil: polling
	writing bool        // guarded by mu; a goroutine writes to pipe
	polled  bool        // guarded by mu; a GET waits
	wake    chan bool   // has room for one; tells a waiting GET that there is something
	probing *pipe       // guarded by mu; asked to take over
	closed  bool        // guarded by mu
	heart   *time.Timer // guarded by mu
	pinged  bool        // guarded by mu; heart waits for an answer
	lobby   *time.Timer // guarded by mu; closes a session without socket
	inbox   []packet    // guarded by mu
	working bool        // guarded by mu; a goroutine handles inbox
	partial *packet     // guarded by mu; waits for its attachments
	gotten  int         // guarded by mu; bytes of its attachments so far
	leaving *Socket     // guarded by mu; is to be told that it is gone
	current *Socket     // guarded by mu; in
}

func newSession(s *Server, id string, info any, who string) *session {
	n := &session{server: s, id: id, info: info, who: who, wake: make(chan bool, 1)}
	n.changed.L = &n.mu
	n.mu.Lock()
	defer n.mu.Unlock()
	n.lobby = time.AfterFunc(s.cfg.ConnectTimeout, func() { n.close(errHalfOpen) })
	n.heart = time.AfterFunc(s.cfg.PingInterval, n.beat)
	return n
}

// beat pings the client, or gives it up.
func (n *session) beat() {
	n.mu.Lock()
	if n.pinged {
		n.mu.Unlock()
		n.close(errSilent)
		return
	}
	n.pinged = true
	n.heart.Reset(n.server.cfg.PingTimeout)
	n.mu.Unlock()
	n.send(nil, pingMessage)
}

// pong notes that the client answered.
func (n *session) pong() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.pinged && !n.closed {
		n.pinged = false
		n.heart.Reset(n.server.cfg.PingInterval)
	}
}

// send queues a message and lets the transport have it. from is the socket that
// sends, which must still be in; nil is the session itself.
func (n *session) send(from *Socket, m *Message) bool {
	n.mu.Lock()
	if n.closed || from != nil && from != n.current {
		n.mu.Unlock()
		return false
	}
	if n.queued+len(m.frame) > n.server.cfg.MaxQueue {
		n.mu.Unlock()
		n.close(errSlow)
		return false
	}
	if n.pipe != nil && !n.writing && len(n.queue) == 0 {
		taken, err := n.pipe.tryWrite(m.frame)
		if err != nil {
			n.mu.Unlock()
			n.close(err)
			return false
		}
		if taken == len(m.frame) {
			n.mu.Unlock()
			return true
		}
		m = &Message{frame: m.frame[taken:]}
	}
	n.queue = append(n.queue, m)
	n.queued += len(m.frame)
	n.flushLocked()
	n.mu.Unlock()
	return true
}

// flushLocked sees to it that somebody takes the queue.
func (n *session) flushLocked() {
	switch {
	case len(n.queue) == 0:
	case n.pipe == nil:
		select {
		case n.wake <- true:
		default:
		}
	case !n.writing:
		n.writing = true
		go n.write(n.pipe)
	}
}

// write empties the queue into a WebSocket; what gathers meanwhile goes in one
// write.
func (n *session) write(p *pipe) {
	for {
		n.mu.Lock()
		batch := n.queue
		n.queue, n.queued = nil, 0
		if len(batch) == 0 || n.closed {
			n.writing = false
			n.mu.Unlock()
			return
		}
		n.changed.Broadcast()
		n.mu.Unlock()
		if err := p.write(batch); err != nil {
			n.close(err)
			return
		}
	}
}

// drained waits until the queue is less than half full.
func (n *session) drained() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for !n.closed && n.queued > n.server.cfg.MaxQueue/2 {
		n.changed.Wait()
	}
	return !n.closed
}

func (n *session) gone() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.closed
}

// take handles one Engine.IO packet of a client. It waits while the client's
// earlier packets are being handled and too many are there already. An error
// means that the session is to end.
func (n *session) take(b []byte) error {
	if len(b) == 0 {
		return fmt.Errorf("%w: empty", errPacket)
	}
	switch b[0] {
	case engineClose:
		return errLeft
	case enginePong:
		n.pong()
	case engineMessage:
		p, err := parsePacket(bytes.Clone(b[1:]))
		if err != nil {
			return err
		}
		return n.takePacket(p)
	case enginePing, engineUpgrade, engineNoop: // meant for another state of the transport
	default:
		return fmt.Errorf("%w: type", errPacket)
	}
	return nil
}

func (n *session) takePacket(p packet) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.partial != nil {
		return fmt.Errorf("%w: attachments are missing", errPacket)
	}
	if p.attachments > 0 {
		n.partial, n.gotten = &p, 0
		return nil
	}
	return n.queueLocked(p)
}

// takeBinary adds an attachment to the packet that waits for it.
func (n *session) takeBinary(b []byte) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.partial
	if p == nil {
		return fmt.Errorf("%w: no attachment is expected", errPacket)
	}
	if n.gotten += len(b); int64(n.gotten) > n.server.cfg.MaxPayload {
		return fmt.Errorf("%w: attachments of more than %d bytes", errPacket, n.server.cfg.MaxPayload)
	}
	if p.binary = append(p.binary, bytes.Clone(b)); len(p.binary) < p.attachments {
		return nil
	}
	n.partial = nil
	return n.queueLocked(*p)
}

func (n *session) queueLocked(p packet) error {
	for len(n.inbox) >= maxInbox && !n.closed {
		n.changed.Wait()
	}
	if n.closed {
		return errLeft
	}
	n.inbox = append(n.inbox, p)
	if !n.working {
		n.working = true
		go n.work()
	}
	return nil
}

// close ends the session once; the socket is told of it by the goroutine that
// tells it everything.
func (n *session) close(why error) {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return
	}
	n.closed = true
	n.heart.Stop()
	n.lobby.Stop()
	n.inbox, n.partial, n.queue, n.queued = nil, nil, nil, 0
	p, probing := n.pipe, n.probing
	n.leaving, n.current = n.current, nil
	if n.leaving != nil && !n.working {
		n.working = true
		go n.work()
	}
	n.changed.Broadcast()
	n.mu.Unlock()
	select {
	case n.wake <- true: // there is nothing for it, which tells that it is over
	default:
	}
	for _, p := range []*pipe{p, probing} {
		if p != nil {
			p.close(why)
		}
	}
	n.server.forget(n)
	n.server.cfg.Log.Debug("socket.io session ended", "why", why)
}
