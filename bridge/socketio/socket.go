package socketio

import (
	"encoding/json"
)

// Handler is told what clients do. Calls about one socket come one after
// another; calls about several at the same time.
type Handler interface {
	// Connect is asked to let a client in by what it sent as auth. A client that
	// was here before has put two strings in: pid, the Private of the socket it
	// had, and offset, the last argument of the last event that ended in a
	// string. Both are what it says, and prove nothing. Nil: it is in, and
	// Connected follows. An error's text is what the client is told.
	Connect(s *Socket, auth json.RawMessage) error
	// Connected comes after the client was told that it is in.
	Connected(s *Socket)
	// Event comes for each event of a client that is in.
	Event(s *Socket, e Incoming)
	// Disconnected is the last call about a socket. The client may be gone.
	Disconnected(s *Socket)
}

// Incoming is an event from a client.
type Incoming struct {
	Name   string
	Args   []json.RawMessage
	Binary [][]byte // attachments, to which placeholders in Args refer
	ack    string
}

// Socket is a client in the default namespace, from CONNECT until it goes.
type Socket struct {
	// ID is public and names the socket; Private names the session to who goes
	// on with it later. Set by Connect, then immutable.
	ID, Private string
	// Info is what Config.Identify made of the request that began the session.
	Info any
	// State is the handler's own.
	State any

	session *session
}

// Send hands a message to the client and reports whether it still is there. It
// does not wait: a client that has too much waiting for it is cut.
func (s *Socket) Send(m *Message) bool { return s.session.send(s, m) }

// Acknowledge answers an event whose sender asked for it; else it does nothing.
func (s *Socket) Acknowledge(e Incoming, args ...any) error {
	if e.ack == "" {
		return nil
	}
	list, err := encodeArray(args)
	if err != nil {
		return err
	}
	if args == nil {
		list = []byte("[]")
	}
	s.Send(newMessage([]byte{engineMessage, typeAck}, []byte(e.ack), list))
	return nil
}

// Drained waits until less than half a queue waits for the client. False: the
// client is gone.
func (s *Socket) Drained() bool { return s.session.drained() }

// Gone reports whether the client has left.
func (s *Socket) Gone() bool { return s.session.gone() }

// Disconnect tells the client that it is out, for good: the library does not come
// back by itself. Disconnected follows.
func (s *Socket) Disconnect() { s.session.expel(s) }

// Cut hangs up on the client, which comes back.
func (s *Socket) Cut() { s.session.close(errCut) }
