package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

// protocol is how a server is spoken to.
type protocol interface {
	// watch makes a connection one that gets the match's events.
	watch(w io.Writer, r *bufio.Reader) error
	// enter makes a connection one that publishes; number tells publishers apart.
	enter(w io.Writer, r *bufio.Reader, number int) error
	// publish sends one event and waits until it is acknowledged.
	publish(w io.Writer, r *bufio.Reader, seq int) error
}

// upgrade makes a WebSocket of a connection.
func upgrade(w io.Writer, r *bufio.Reader, path, header string) error {
	fmt.Fprintf(w, "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n", path, header)
	resp, err := http.ReadResponse(r, nil)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return errors.New(resp.Status)
	}
	return nil
}

// write sends a masked message; the mask is zero, which masks nothing.
func write(w io.Writer, op byte, payload []byte) error {
	b := []byte{0x80 | op}
	if n := len(payload); n < 126 {
		b = append(b, 0x80|byte(n))
	} else {
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	}
	_, err := w.Write(append(append(b, 0, 0, 0, 0), payload...))
	return err
}

// read returns the next message.
func read(r *bufio.Reader) ([]byte, error) {
	var h [10]byte
	if _, err := io.ReadFull(r, h[:2]); err != nil {
		return nil, err
	}
	n := int(h[1] & 0x7f)
	switch n {
	case 126:
		if _, err := io.ReadFull(r, h[:2]); err != nil {
			return nil, err
		}
		n = int(binary.BigEndian.Uint16(h[:2]))
	case 127:
		if _, err := io.ReadFull(r, h[:8]); err != nil {
			return nil, err
		}
		n = int(binary.BigEndian.Uint64(h[:8]))
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}

// readUntil reads messages until one has this in it.
func readUntil(r *bufio.Reader, what string) error {
	for {
		b, err := read(r)
		if err != nil || bytes.Contains(b, []byte(what)) {
			return err
		}
	}
}

// native is touchline.v1.
type native struct {
	match  string
	tokens []string
}

func (p *native) hello(w io.Writer, r *bufio.Reader, token string) error {
	if err := upgrade(w, r, "/ws", "Sec-WebSocket-Protocol: touchline.v1\r\n"); err != nil {
		return err
	}
	if err := write(w, 2, wire.Encode(&wire.Hello{Version: 1, Token: token})); err != nil {
		return err
	}
	_, err := awaitFrame[*wire.Welcome](r)
	return err
}

func (p *native) watch(w io.Writer, r *bufio.Reader) error {
	if err := p.hello(w, r, ""); err != nil {
		return err
	}
	id, err := crdt.ParseLogID(p.match)
	if err == nil {
		err = write(w, 2, wire.Encode(&wire.Follow{ID: 1, Match: id, Format: wire.Redacted, FromNow: true}))
	}
	if err == nil {
		_, err = awaitFrame[*wire.Caught](r)
	}
	return err
}

func (p *native) enter(w io.Writer, r *bufio.Reader, number int) error {
	return p.hello(w, r, p.tokens[number])
}

func (p *native) publish(w io.Writer, r *bufio.Reader, seq int) error {
	if err := write(w, 2, wire.Encode(&wire.Publish{ID: uint32(seq + 1), Draft: []byte("{" + event(seq, p.match) + "}")})); err != nil {
		return err
	}
	_, err := awaitFrame[*wire.Ack](r)
	return err
}

func awaitFrame[F wire.Frame](r *bufio.Reader) (f F, err error) {
	for {
		b, err := read(r)
		if err != nil {
			return f, err
		}
		got, err := wire.Decode(b)
		if err != nil {
			return f, err
		}
		if f, ok := got.(F); ok {
			return f, nil
		}
		if p, ok := got.(*wire.Problem); ok {
			return f, errors.New(p.Detail)
		}
	}
}

// socketIO is Engine.IO 4 and Socket.IO 5 over WebSocket. tokens may be empty.
type socketIO struct {
	match  string
	tokens []string
}

func (p *socketIO) connect(w io.Writer, r *bufio.Reader, token string) error {
	if err := upgrade(w, r, "/socket.io/?EIO=4&transport=websocket", ""); err != nil {
		return err
	}
	hello := "40"
	if token != "" {
		hello = `40{"token":"` + token + `"}`
	}
	if err := write(w, 1, []byte(hello)); err != nil {
		return err
	}
	return readUntil(r, `40{"sid"`)
}

func (p *socketIO) watch(w io.Writer, r *bufio.Reader) error {
	if err := p.connect(w, r, ""); err != nil {
		return err
	}
	if err := write(w, 1, []byte(`421["join_match","`+p.match+`"]`)); err != nil {
		return err
	}
	return readUntil(r, "431[")
}

func (p *socketIO) enter(w io.Writer, r *bufio.Reader, number int) error {
	token := ""
	if len(p.tokens) > 0 {
		token = p.tokens[number]
	}
	return p.connect(w, r, token)
}

func (p *socketIO) publish(w io.Writer, r *bufio.Reader, seq int) error {
	if err := write(w, 1, []byte(fmt.Sprintf(`42%d["match_event",{%s}]`, seq+1, event(seq, p.match)))); err != nil {
		return err
	}
	return readUntil(r, fmt.Sprintf("43%d[", seq+1))
}

// centrifugeJSON is centrifuge's protocol in JSON.
type centrifugeJSON struct{}

func (centrifugeJSON) enter(w io.Writer, r *bufio.Reader, _ int) error {
	if err := upgrade(w, r, "/connection/websocket", ""); err != nil {
		return err
	}
	if err := write(w, 1, []byte(`{"id":1,"connect":{}}`)); err != nil {
		return err
	}
	return readUntil(r, `"id":1`)
}

func (p centrifugeJSON) watch(w io.Writer, r *bufio.Reader) error {
	if err := p.enter(w, r, 0); err != nil {
		return err
	}
	if err := write(w, 1, []byte(`{"id":2,"subscribe":{"channel":"m"}}`)); err != nil {
		return err
	}
	return readUntil(r, `"id":2`)
}

func (centrifugeJSON) publish(w io.Writer, r *bufio.Reader, seq int) error {
	if err := write(w, 1, []byte(fmt.Sprintf(`{"id":%d,"publish":{"channel":"m","data":{%s}}}`, seq+10, event(seq, strings.Repeat("m", 64))))); err != nil {
		return err
	}
	return readUntil(r, fmt.Sprintf(`{"id":%d,`, seq+10))
}

// bare is the gorilla hub's.
type bare struct{}

func (bare) watch(w io.Writer, r *bufio.Reader) error        { return upgrade(w, r, "/", "") }
func (bare) enter(w io.Writer, r *bufio.Reader, _ int) error { return upgrade(w, r, "/publish", "") }
func (bare) publish(w io.Writer, r *bufio.Reader, seq int) error {
	if err := write(w, 1, []byte("{"+event(seq, strings.Repeat("m", 64))+"}")); err != nil {
		return err
	}
	return readUntil(r, "ack")
}
