package socketio

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// Types of Socket.IO packets (socket.io protocol 5).
const (
	typeConnect byte = '0' + iota
	typeDisconnect
	typeEvent
	typeAck
	typeConnectError
	typeBinaryEvent
	typeBinaryAck
)

// Limits of a packet.
const (
	maxAttachments = 16
	maxNamespace   = 128
	maxAckDigits   = 15
)

// errPacket: the client does not speak the protocol.
var errPacket = errors.New("malformed packet")

// packet is a Socket.IO packet as it comes, its payload unread.
type packet struct {
	kind        byte
	attachments int // of a binary one, that follow
	namespace   string
	ack         string // digits; empty: none is asked for
	data        []byte // JSON, or empty
	binary      [][]byte
}

// parsePacket reads the text of a packet:
// type [attachments "-"] [namespace ","] [ack] [JSON].
func parsePacket(b []byte) (p packet, err error) {
	if len(b) == 0 || b[0] < typeConnect || b[0] > typeBinaryAck {
		return p, fmt.Errorf("%w: type", errPacket)
	}
	p.kind, b = b[0], b[1:]
	if p.kind == typeBinaryEvent || p.kind == typeBinaryAck {
		digits := digitsOf(b, 3)
		n, err := strconv.Atoi(string(b[:digits]))
		if err != nil || digits == len(b) || b[digits] != '-' {
			return p, fmt.Errorf("%w: number of attachments", errPacket)
		}
		if n > maxAttachments {
			return p, fmt.Errorf("%w: more than %d attachments", errPacket, maxAttachments)
		}
		p.attachments, b = n, b[digits+1:]
	}
	p.namespace = "/"
	if len(b) > 0 && b[0] == '/' {
		name, rest, ok := bytes.Cut(b, []byte{','})
		if !ok {
			rest = nil
		}
		if len(name) > maxNamespace {
			return p, fmt.Errorf("%w: namespace", errPacket)
		}
		name, _, _ = bytes.Cut(name, []byte{'?'})
		p.namespace, b = string(name), rest
	}
	digits := digitsOf(b, maxAckDigits+1)
	if digits > maxAckDigits {
		return p, fmt.Errorf("%w: acknowledgement", errPacket)
	}
	p.ack, p.data = string(b[:digits]), b[digits:]
	if len(p.data) > 0 && !json.Valid(p.data) {
		return p, fmt.Errorf("%w: payload is not JSON", errPacket)
	}
	return p, p.check()
}

// digitsOf is how many decimal digits b begins with, at most most.
func digitsOf(b []byte, most int) (n int) {
	for n < len(b) && n < most && b[n] >= '0' && b[n] <= '9' {
		n++
	}
	return n
}

// check holds the payload to what the type demands.
func (p *packet) check() error {
	ok := false
	switch p.kind {
	case typeConnect:
		ok = len(p.data) == 0 || p.data[0] == '{'
	case typeDisconnect:
		ok = len(p.data) == 0
	case typeEvent, typeBinaryEvent:
		ok = len(p.data) > 0 && p.data[0] == '['
	case typeAck, typeBinaryAck:
		ok = len(p.data) > 0 && p.data[0] == '[' && p.ack != ""
	}
	if !ok {
		return fmt.Errorf("%w: payload of type %c", errPacket, p.kind)
	}
	return nil
}

// event reads name and arguments of an event.
func (p *packet) event() (name string, args []json.RawMessage, err error) {
	if err := json.Unmarshal(p.data, &args); err != nil || len(args) == 0 || len(args[0]) == 0 || args[0][0] != '"' {
		return "", nil, fmt.Errorf("%w: an event begins with its name", errPacket)
	}
	if err := json.Unmarshal(args[0], &name); err != nil {
		return "", nil, fmt.Errorf("%w: name of an event", errPacket)
	}
	return name, args[1:], nil
}
