package socketio_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"touchline.dev/touchline/bridge/socketio"
)

// echo answers "echo" with its arguments, and sends what it is told to.
type echo struct {
	mu      sync.Mutex
	in      map[*socketio.Socket]bool
	entered atomic.Int64
}

func (e *echo) Connect(s *socketio.Socket, auth json.RawMessage) error {
	if strings.Contains(string(auth), "stranger") {
		return errors.New("not you")
	}
	s.ID, s.Private = "public", "private"
	return nil
}

func (e *echo) Connected(s *socketio.Socket) {
	e.entered.Add(1)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.in == nil {
		e.in = map[*socketio.Socket]bool{}
	}
	e.in[s] = true
}

func (e *echo) Event(s *socketio.Socket, in socketio.Incoming) {
	if in.Name == "echo" {
		_ = s.Acknowledge(in, len(in.Binary), in.Args)
	}
}

func (e *echo) Disconnected(s *socketio.Socket) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.in, s)
}

func (e *echo) sockets() (n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.in)
}

func serve(t *testing.T, change func(*socketio.Config)) (*echo, *socketio.Server, string) {
	t.Helper()
	e := &echo{}
	cfg := socketio.Config{Handler: e}
	if change != nil {
		change(&cfg)
	}
	s := socketio.New(cfg)
	h := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); h.Close() })
	return e, s, h.URL
}

// call makes a request and returns status and body.
func call(t *testing.T, method, url, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

const polling = "/socket.io/?EIO=4&transport=polling"

// begin opens a session by polling and returns its URL.
func begin(t *testing.T, url string) string {
	t.Helper()
	status, body := call(t, "GET", url+polling, "")
	var hello struct{ SID string }
	if status != 200 || json.Unmarshal([]byte(strings.TrimPrefix(body, "0")), &hello) != nil || hello.SID == "" {
		t.Fatalf("handshake: %d %s", status, body)
	}
	return url + polling + "&sid=" + hello.SID
}

// dial opens a session on a WebSocket and reads its first packet.
func dial(t testing.TB, url, query string) (net.Conn, *bufio.Reader) {
	conn, r, _, err := ws.Dial(context.Background(), strings.Replace(url, "http", "ws", 1)+"/socket.io/?EIO=4&transport=websocket"+query)
	if err != nil {
		t.Fatal(err)
	}
	if r == nil {
		r = bufio.NewReader(conn)
	}
	return conn, r
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not reached: %s", what)
		}
	}
}

func TestHandshakesThatAreRefused(t *testing.T) {
	_, s, url := serve(t, nil)
	for _, tt := range []struct {
		method, query string
		status        int
		code          string
	}{
		{"GET", "EIO=3&transport=polling", 400, `"code":5`},
		{"GET", "transport=polling", 400, `"code":5`},
		{"GET", "EIO=4&transport=pigeon", 400, `"code":0`},
		{"GET", "EIO=4", 400, `"code":0`},
		{"GET", "EIO=4&transport=polling&sid=none", 400, `"code":1`},
		{"GET", "EIO=4&transport=websocket&sid=none", 400, `"code":3`}, // no upgrade
		{"POST", "EIO=4&transport=polling", 400, `"code":2`},
		{"PUT", "EIO=4&transport=polling", 400, `"code":2`},
		{"POST", "EIO=4&transport=websocket", 400, `"code":2`},
	} {
		if status, body := call(t, tt.method, url+"/socket.io/?"+tt.query, ""); status != tt.status || !strings.Contains(body, tt.code) {
			t.Errorf("%s %s: %d %s", tt.method, tt.query, status, body)
		}
	}
	if n := s.Sessions(); n != 0 {
		t.Errorf("%d sessions are left", n)
	}
}

// What breaks the protocol ends the session that did, at once.
func TestPollingViolations(t *testing.T) {
	e, s, url := serve(t, func(c *socketio.Config) { c.MaxPayload = 2000 })
	for name, body := range map[string]string{
		"no packet type": "9", "empty packet": "40\x1e\x1e40", "event before connect": `42["a"]`, "not JSON": `40{`, "unknown packet": "47",
		"too long": "4" + strings.Repeat("x", 2000), "attachment unasked": "bAAAA", "attachment missing": `451-["a"]` + "\x1e" + `42["b"]`,
		"attachment no base64": `451-["a"]` + "\x1eb!", "too many attachments": `4599-["a"]`, "connect twice": "40\x1e40",
		"event without name": "40\x1e42[7]", "attachments too long": `452-["a"]` + "\x1eb" + strings.Repeat("A", 1800) + "\x1eb" + strings.Repeat("A", 800),
	} {
		session := begin(t, url)
		call(t, "POST", session, body)
		eventually(t, name+": the session ends", func() bool { return s.Sessions() == 0 })
		if status, _ := call(t, "POST", session, "2"); status != 400 {
			t.Errorf("%s: the session goes on", name)
		}
	}
	eventually(t, "no socket is left", func() bool { return e.sockets() == 0 })
	// Two GETs at once are a client that has lost its way.
	session := begin(t, url)
	go http.Get(session)
	eventually(t, "the second GET ends it", func() bool {
		status, _ := call(t, "GET", session+"&t=2", "")
		return status == 400
	})
}

func TestWebSocketViolations(t *testing.T) {
	_, s, url := serve(t, func(c *socketio.Config) { c.MaxPayload = 1000 })
	frame := func(f ws.Frame) []byte { return ws.MustCompileFrame(ws.MaskFrame(f)) }
	for name, bytes := range map[string][]byte{
		"unmasked":              ws.MustCompileFrame(ws.NewTextFrame([]byte("40"))),
		"reserved bits":         {0xf1, 0x80, 0, 0, 0, 0},
		"reserved opcode":       {0x83, 0x80, 0, 0, 0, 0},
		"continuation of none":  frame(ws.NewFrame(ws.OpContinuation, true, []byte("40"))),
		"long control":          frame(ws.NewPingFrame(make([]byte, 126))),
		"control in parts":      frame(ws.NewFrame(ws.OpPing, false, nil)),
		"too long":              frame(ws.NewTextFrame(make([]byte, 1001))),
		"announced length":      {0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0},
		"not UTF-8":             frame(ws.NewTextFrame([]byte{'4', '2', 0xff})),
		"text within a message": append(frame(ws.NewFrame(ws.OpText, false, []byte("4"))), frame(ws.NewTextFrame([]byte("40")))...),
		"close code of none":    frame(ws.NewCloseFrame([]byte{3, 237})),
		"binary unasked":        frame(ws.NewBinaryFrame([]byte{1})),
		"long in parts":         append(frame(ws.NewFrame(ws.OpText, false, make([]byte, 900))), frame(ws.NewFrame(ws.OpContinuation, true, make([]byte, 900)))...),
	} {
		conn, r := dial(t, url, "")
		if _, err := conn.Write(bytes); err != nil {
			t.Fatal(err)
		}
		conn.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := io.Copy(io.Discard, r); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%s: %v", name, err)
		}
		conn.Close()
	}
	eventually(t, "no session is left", func() bool { return s.Sessions() == 0 })
}

func TestSilentAndHalfOpenClientsEnd(t *testing.T) {
	e, s, url := serve(t, func(c *socketio.Config) { c.ConnectTimeout = 30 * time.Millisecond })
	begin(t, url)
	conn, _ := dial(t, url, "") // says nothing
	defer conn.Close()
	eventually(t, "who does not come in has ended", func() bool { return s.Sessions() == 0 })
	if n := e.entered.Load(); n != 0 {
		t.Errorf("%d came in", n)
	}
	// Who comes in has the time that a slow machine takes for it.
	e, s, url = serve(t, func(c *socketio.Config) { c.PingInterval, c.PingTimeout = 500*time.Millisecond, time.Second })
	silent, _ := dial(t, url, "") // comes in, and then answers no ping
	defer silent.Close()
	if err := wsutil.WriteClientText(silent, []byte("40")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it came in, and has ended", func() bool { return e.entered.Load() == 1 && s.Sessions() == 0 && e.sockets() == 0 })
}

// Who reads nothing is cut when a queue is full; who sends to it never waits.
func TestSlowReaderIsCut(t *testing.T) {
	const never = time.Hour // a full queue ends them, and nothing else does
	e, s, url := serve(t, func(c *socketio.Config) {
		c.MaxQueue, c.WriteTimeout, c.PingInterval, c.ConnectTimeout = 64<<10, never, never, never
	})
	conn, _ := dial(t, url, "")
	defer conn.Close()
	if err := wsutil.WriteClientText(conn, []byte("40")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is in", func() bool { return e.sockets() == 1 })
	session := begin(t, url) // and one that does not poll
	call(t, "POST", session, "40")
	eventually(t, "both are in", func() bool { return e.sockets() == 2 })
	body, err := socketio.NewBody("live_event", strings.Repeat("x", 1000))
	if err != nil {
		t.Fatal(err)
	}
	m := socketio.Event(body, "offset")
	waits := time.AfterFunc(time.Minute, func() { panic("who sends waits for who reads nothing") })
	defer waits.Stop()
	for sent := 0; e.sockets() > 0; sent++ {
		if sent > 1e5 {
			t.Fatal("a hundred thousand messages wait")
		}
		e.mu.Lock()
		for socket := range e.in {
			socket.Send(m)
		}
		e.mu.Unlock()
		if sent%16 == 0 {
			time.Sleep(time.Millisecond) // a pace at which a write is under way, and waits, when the queue is full
		}
	}
	eventually(t, "no session is left", func() bool { return s.Sessions() == 0 })
}

func TestTooManySessions(t *testing.T) {
	_, s, url := serve(t, func(c *socketio.Config) {
		c.MaxSessions = 5
		c.Identify = func(r *http.Request) (any, string, int) { return nil, r.URL.Query().Get("who"), 2 }
	})
	for i, tt := range []struct {
		who    string
		status int
	}{{"a", 200}, {"a", 200}, {"a", 429}, {"b", 200}, {"b", 200}, {"c", 200}, {"d", 429}} {
		if status, body := call(t, "GET", url+polling+"&who="+tt.who, ""); status != tt.status {
			t.Errorf("%d: %s got %d %s", i, tt.who, status, body)
		}
	}
	s.Close()
	if status, _ := call(t, "GET", url+polling, ""); status != 429 || s.Sessions() != 0 {
		t.Errorf("after closing: %d, %d sessions", status, s.Sessions())
	}
}

func TestBinaryArguments(t *testing.T) {
	_, _, url := serve(t, nil)
	session := begin(t, url)
	call(t, "POST", session, "40\x1e"+`452-9["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`+"\x1ebAQI=\x1ebAw==")
	all := ""
	eventually(t, "it is acknowledged", func() bool {
		_, body := call(t, "GET", session, "")
		all += body
		return strings.Contains(all, "439[2,")
	})
}

// Of 20,000 clients that connect, hundreds at a time, all are let in.
func TestManyConnects(t *testing.T) {
	e, s, url := serve(t, nil)
	const clients, atOnce = 20_000, 400
	var wg sync.WaitGroup
	var lost atomic.Int64
	next := make(chan int)
	for range atOnce {
		wg.Go(func() {
			for range next {
				if err := connectOnce(url); err != nil {
					lost.Add(1)
					t.Log(err)
				}
			}
		})
	}
	for i := range clients {
		next <- i
	}
	close(next)
	wg.Wait()
	if lost.Load() != 0 {
		t.Errorf("%d of %d lost", lost.Load(), clients)
	}
	// A client hears that it is in a moment before the handler does.
	eventually(t, "all were let in", func() bool { return e.entered.Load() == clients })
	eventually(t, "all have left", func() bool { return s.Sessions() == 0 && e.sockets() == 0 })
}

func connectOnce(url string) error {
	conn, r, _, err := ws.Dial(context.Background(), strings.Replace(url, "http", "ws", 1)+"/socket.io/?EIO=4&transport=websocket")
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	if err := wsutil.WriteClientText(conn, []byte("40")); err != nil {
		return err
	}
	var in io.ReadWriter = conn
	if r != nil {
		in = struct {
			io.Reader
			io.Writer
		}{r, conn}
	}
	for _, want := range []string{`0{"sid"`, `40{"sid"`} {
		b, err := wsutil.ReadServerText(in)
		if err != nil || !strings.HasPrefix(string(b), want) {
			return fmt.Errorf("%s instead of %s: %w", b, want, err)
		}
	}
	return nil
}
