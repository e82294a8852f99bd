package websocket

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
)

const maxTest = 1000

var handshake = "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
	"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: other, touchline.v1\r\n\r\n"

// echo answers each message with itself.
type echo struct{ closed chan struct{} }

func (e *echo) Opened(*Conn)              {}
func (e *echo) Message(c *Conn, b []byte) { c.Send(b) }
func (e *echo) Closed(*Conn)              { close(e.closed) }

// serve returns the address of a server, and where its connections end.
func serve(t *testing.T, h func(*Conn) Handler) (addr string, closed chan struct{}) {
	t.Helper()
	closed = make(chan struct{})
	cfg := &Config{Protocol: "touchline.v1", MaxMessage: maxTest, MaxQueue: 64 << 10, WriteTimeout: 10 * time.Second, Slow: []byte("slow"), SlowCode: 4408}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var bad *RequestError
		if err := cfg.Check(r); errors.As(err, &bad) {
			http.Error(w, bad.Reason, bad.Status)
			return
		}
		handler := Handler(&echo{closed})
		if h != nil {
			handler = h(nil)
		}
		if err := cfg.Upgrade(w, r, handler); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://"), closed
}

// client speaks raw frames.
type client struct {
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, addr, ahead string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprint(conn, handshake+ahead)
	c := &client{conn, bufio.NewReader(conn)}
	resp, err := http.ReadResponse(c.in, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols || resp.Header.Get("Sec-WebSocket-Protocol") != "touchline.v1" ||
		resp.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatalf("%v, %v", resp, err)
	}
	return c
}

// frame is a masked frame with its first byte given.
func frame(first byte, payload string) string { return framed(first, 0, payload) }

// framed writes the length in at least so many bytes.
func framed(first byte, width int, payload string) string {
	b := []byte{first}
	switch n := len(payload); {
	case width == 8:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	case width == 2 || n > 125:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = append(b, 0x80|byte(n))
	}
	mask := [4]byte{1, 2, 3, 4}
	b = append(b, mask[:]...)
	p := []byte(payload)
	ws.Cipher(p, mask, 0)
	return string(append(b, p...))
}

func closing(code int, reason string) string {
	return frame(0x88, string(binary.BigEndian.AppendUint16(nil, uint16(code)))+reason)
}

// next returns the next frame as opcode and payload.
func (c *client) next(t *testing.T) (byte, string) {
	t.Helper()
	h, err := ws.ReadHeader(c.in)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]byte, h.Length)
	if _, err := io.ReadFull(c.in, p); err != nil || h.Masked || !h.Fin {
		t.Fatalf("%+v, %v", h, err)
	}
	return byte(h.OpCode), string(p)
}

// Every violation of RFC 6455 is answered by a close with the right code, and
// the end of the connection.
func TestViolations(t *testing.T) {
	const fin = 0x80
	type violating struct {
		name string
		sent string
		code int
	}
	var table []violating
	add := func(code int, name, sent string) { table = append(table, violating{name, sent, code}) }
	for _, op := range []byte{3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf} {
		add(1002, fmt.Sprintf("reserved opcode %x", op), frame(fin|op, ""))
	}
	for _, rsv := range []byte{0x40, 0x20, 0x10, 0x70} {
		add(1002, fmt.Sprintf("reserved bits %x in a message", rsv), frame(fin|rsv|2, "x"))
	}
	add(1002, "reserved bit in a ping", frame(fin|0x40|9, ""))
	add(1002, "reserved bit in a close", frame(fin|0x20|8, ""))
	add(1002, "reserved bit in a continuation", frame(2, "x")+frame(fin|0x10, "y"))
	for _, op := range []byte{2, 8, 9, 10} {
		add(1002, fmt.Sprintf("opcode %x without mask", op), string([]byte{fin | op, 0}))
	}
	for _, op := range []byte{8, 9, 10} {
		add(1002, fmt.Sprintf("control %x in fragments", op), frame(op, ""))
		add(1002, fmt.Sprintf("control %x of 126 bytes", op), frame(fin|op, strings.Repeat("x", 126)))
	}
	add(1002, "ping with a length of 8 bytes", framed(fin|9, 8, strings.Repeat("x", 200)))
	add(1002, "5 bytes with a length of 2 bytes", framed(fin|2, 2, "12345"))
	add(1002, "5 bytes with a length of 8 bytes", framed(fin|2, 8, "12345"))
	add(1002, "300 bytes with a length of 8 bytes", framed(fin|2, 8, strings.Repeat("x", 300)))
	add(1002, "a length with its highest bit", string([]byte{fin | 2, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4}))
	add(1002, "continuation of nothing", frame(fin|0, "x"))
	add(1002, "continuation of nothing that goes on", frame(0, "x"))
	add(1002, "continuation after the end", frame(2, "x")+frame(fin, "y")+frame(fin, "z"))
	add(1002, "a message in a message", frame(2, "x")+frame(fin|2, "y"))
	add(1002, "text in a message", frame(2, "x")+frame(fin|1, "y"))
	add(1003, "text", frame(fin|1, "x"))
	add(1003, "text in fragments", frame(1, "x")+frame(fin, "y"))
	add(1009, "a message too long", frame(fin|2, strings.Repeat("x", maxTest+1)))
	add(1009, "a message said to be endless", string([]byte{fin | 2, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4}))
	add(1009, "fragments too long", frame(2, strings.Repeat("x", maxTest))+frame(fin, "y"))
	add(1008, "fragments without end", frame(2, "")+strings.Repeat(frame(0, ""), maxFragments))
	for _, code := range []int{0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535} {
		add(1002, fmt.Sprintf("close with code %d", code), closing(code, ""))
	}
	add(1002, "close with half a code", frame(fin|8, "\x03"))
	add(1007, "close with a reason that is no UTF-8", closing(1000, "\xff\xfe"))
	if len(table) < 48 {
		t.Fatalf("only %d violations", len(table))
	}
	for _, v := range table {
		t.Run(v.name, func(t *testing.T) {
			addr, closed := serve(t, nil)
			c := dial(t, addr, "")
			if _, err := io.WriteString(c, v.sent); err != nil {
				t.Fatal(err)
			}
			op, p := c.next(t)
			for op == 2 { // a message before the violation
				op, p = c.next(t)
			}
			if op != 8 || len(p) < 2 || int(binary.BigEndian.Uint16([]byte(p))) != v.code {
				t.Fatalf("answered %x %q", op, p)
			}
			if _, err := c.in.ReadByte(); err != io.EOF {
				t.Errorf("after the close: %v", err)
			}
			c.Close()
			<-closed
		})
	}
}

// What is allowed is answered as it should be.
func TestAllowed(t *testing.T) {
	long := strings.Repeat("x", maxTest)
	for _, v := range []struct {
		name, sent string
		op         byte
		want       string
	}{
		{"a message", frame(0x82, "hello"), 2, "hello"},
		{"an empty message", frame(0x82, ""), 2, ""},
		{"the longest message", frame(0x82, long), 2, long},
		{"fragments", frame(2, "he") + frame(0, "l") + frame(0x80, "lo"), 2, "hello"},
		{"a ping", frame(0x89, "are you there"), 10, "are you there"},
		{"a ping between fragments", frame(2, "he") + frame(0x89, "?"), 10, "?"},
		{"a pong nobody asked for", frame(0x8a, "x") + frame(0x82, "y"), 2, "y"},
		{"a close", closing(1000, "done"), 8, "\x03\xe8"},
		{"a close without code", frame(0x88, ""), 8, ""},
		{"a close of an application", closing(4999, ""), 8, "\x13\x87"},
	} {
		t.Run(v.name, func(t *testing.T) {
			addr, closed := serve(t, nil)
			c := dial(t, addr, "")
			for i := range len(v.sent) { // byte by byte
				if _, err := io.WriteString(c, v.sent[i:i+1]); err != nil {
					t.Fatal(err)
				}
			}
			if op, p := c.next(t); op != v.op || p != v.want {
				t.Errorf("answered %x %q", op, p)
			}
			c.Close()
			<-closed
		})
	}
}

// What came with the request is not lost.
func TestAheadOfTheAnswer(t *testing.T) {
	addr, _ := serve(t, nil)
	c := dial(t, addr, frame(0x82, "early")+frame(0x82, strings.Repeat("x", 600)))
	if op, p := c.next(t); op != 2 || p != "early" {
		t.Errorf("%x %q", op, p)
	}
	if op, p := c.next(t); op != 2 || len(p) != 600 {
		t.Errorf("%x %q", op, p)
	}
}

func TestNoHandshake(t *testing.T) {
	addr, _ := serve(t, nil)
	for what, v := range map[string]struct {
		old, new string
		status   int
	}{
		"no upgrade":        {"Upgrade: websocket\r\n", "", 426},
		"other upgrade":     {"Upgrade: websocket", "Upgrade: h2c", 426},
		"no connection":     {"Connection: keep-alive, Upgrade", "Connection: keep-alive", 426},
		"version 8":         {"Version: 13", "Version: 8", 426},
		"no version":        {"Sec-WebSocket-Version: 13\r\n", "", 426},
		"short key":         {"dGhlIHNhbXBsZSBub25jZQ==", "c2hvcnQ=", 400},
		"key not base64":    {"dGhlIHNhbXBsZSBub25jZQ==", "!!!!IHNhbXBsZSBub25jZQ==", 400},
		"no subprotocol":    {"Sec-WebSocket-Protocol: other, touchline.v1\r\n", "", 400},
		"other subprotocol": {"other, touchline.v1", "touchline.v2", 400},
		"POST":              {"GET /ws", "POST /ws", 405},
	} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, strings.Replace(handshake, v.old, v.new, 1))
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || resp.StatusCode != v.status {
			t.Errorf("%s: %v, %v", what, resp, err)
		}
		conn.Close()
	}
}

// flood writes to a reader that does not read, until it is cut.
type flood struct {
	cut    chan int // how much was taken
	closed chan struct{}
}

func (f *flood) Opened(*Conn) {}

func (f *flood) Message(c *Conn, b []byte) {
	n, p := 0, bytes.Repeat([]byte{7}, 1000)
	for c.Send(p) {
		n++
	}
	f.cut <- n
}

func (f *flood) Closed(*Conn) { close(f.closed) }

// A reader that does not read is cut when more waits than it may, is told why if
// it reads after all, and costs nothing any more.
func TestSlowReader(t *testing.T) {
	f := &flood{make(chan int, 1), make(chan struct{})}
	addr, _ := serve(t, func(*Conn) Handler { return f })
	c := dial(t, addr, "")
	io.WriteString(c, frame(0x82, "go"))
	n := <-f.cut
	got := 0
	for {
		op, p := c.next(t)
		if op == 2 && len(p) == 1000 {
			got++
			continue
		}
		if op != 2 || p != "slow" {
			t.Fatalf("%x %q", op, p)
		}
		break
	}
	if op, p := c.next(t); op != 8 || p != "\x11\x38slow" {
		t.Errorf("%x %q", op, p)
	}
	if got > n || got < n-70 {
		t.Errorf("%d of %d messages arrived", got, n)
	}
	c.Close()
	<-f.closed
}

// One that never reads again is hung up on.
func TestReaderThatNeverReads(t *testing.T) {
	f := &flood{make(chan int, 1), make(chan struct{})}
	addr, _ := serve(t, func(*Conn) Handler { return f })
	c := dial(t, addr, "")
	io.WriteString(c, frame(0x82, "go"))
	<-f.cut
	select {
	case <-f.closed:
	case <-time.After(time.Minute):
		t.Error("is still held")
	}
}
