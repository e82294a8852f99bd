package socketio

import (
	"encoding/json"
)

// work handles what a client sent, one packet after another, until nothing is
// left. At most one runs for a session.
func (n *session) work() {
	for {
		n.mu.Lock()
		switch gone := n.leaving; {
		case gone != nil:
			n.leaving = nil
			n.mu.Unlock()
			n.server.cfg.Handler.Disconnected(gone)
			continue
		case len(n.inbox) == 0:
			n.working, n.inbox = false, nil
			n.mu.Unlock()
			return
		}
		p := n.inbox[0]
		n.inbox = n.inbox[1:]
		s := n.current
		n.changed.Broadcast()
		n.mu.Unlock()
		n.handle(s, &p)
	}
}

func (n *session) handle(s *Socket, p *packet) {
	switch {
	case p.kind == typeConnect && p.namespace != "/":
		n.refuse(p.namespace, "Invalid namespace")
	case p.kind == typeConnect && s == nil:
		n.connect(p.data)
	case p.namespace != "/" || s == nil: // it is not in there
		if p.kind != typeDisconnect {
			n.close(errPacket)
		}
	case p.kind == typeConnect:
		n.close(errPacket)
	case p.kind == typeDisconnect:
		n.disconnect(s)
	case p.kind == typeEvent || p.kind == typeBinaryEvent:
		name, args, err := p.event()
		if err != nil {
			n.close(err)
			return
		}
		n.server.cfg.Handler.Event(s, Incoming{Name: name, Args: args, Binary: p.binary, ack: p.ack})
	}
}

// connected is the answer to CONNECT.
type connected struct {
	ID      string `json:"sid"`
	Private string `json:"pid,omitempty"`
}

type refused struct {
	Message string `json:"message"`
}

func (n *session) connect(auth json.RawMessage) {
	s := &Socket{ID: newID(), Info: n.info, session: n}
	if err := n.server.cfg.Handler.Connect(s, auth); err != nil {
		n.refuse("/", err.Error())
		return
	}
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		n.server.cfg.Handler.Disconnected(s)
		return
	}
	n.lobby.Stop()
	n.current = s
	n.mu.Unlock()
	b, err := json.Marshal(connected{s.ID, s.Private})
	if err != nil {
		n.close(err)
		return
	}
	n.send(s, newMessage([]byte{engineMessage, typeConnect}, b))
	n.server.cfg.Handler.Connected(s)
}

func (n *session) refuse(namespace, why string) {
	b, err := json.Marshal(refused{why})
	if err != nil {
		n.close(err)
		return
	}
	head := []byte{engineMessage, typeConnectError}
	if namespace != "/" {
		head = append(append(head, namespace...), ',')
	}
	n.send(nil, newMessage(head, b))
}

// expel puts a socket out and tells its client; the session is left to it.
func (n *session) expel(s *Socket) {
	n.send(s, newMessage([]byte{engineMessage, typeDisconnect}))
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || n.current != s {
		return
	}
	n.leaving, n.current = s, nil
	n.lobby.Reset(n.server.cfg.ConnectTimeout)
	if !n.working {
		n.working = true
		go n.work()
	}
}

// disconnect ends the socket and leaves the session to the client, which closes
// it or connects again.
func (n *session) disconnect(s *Socket) {
	n.mu.Lock()
	if n.current != s {
		n.mu.Unlock()
		return
	}
	n.current = nil
	n.lobby.Reset(n.server.cfg.ConnectTimeout)
	n.mu.Unlock()
	n.server.cfg.Handler.Disconnected(s)
}
