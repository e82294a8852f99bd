package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

// Connections that are begun and not gone on with, in three ways, and readers that
// never read: people who follow the match notice nothing, memory is bounded, and the
// node rids itself of what was only begun.
func TestHostilePages(t *testing.T) {
	const halfOpen, deaf, healthy, events = 340, 100, 8, 150
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	run := func(args ...string) string {
		out, err := exec.Command(bin, append([]string{"--data", data}, args...)...).Output()
		if err != nil {
			t.Fatalf("touchline %s: %v", strings.Join(args, " "), err)
		}
		return strings.TrimSpace(string(out))
	}
	var made struct{ MatchID string }
	if err := json.Unmarshal([]byte(run("match", "new", "--label", "m", "--json")), &made); err != nil {
		t.Fatal(err)
	}
	watch, record := run("token", "m"), run("token", "m", "--role", "record")
	first, node := serveProcess(t, bin, data)
	url, pid := first.HTTP, node.Process.Pid
	addr := strings.TrimPrefix(url, "http://")
	match, err := crdt.ParseLogID(made.MatchID)
	if err != nil {
		t.Fatal(err)
	}

	var begun []net.Conn
	for range halfOpen {
		begun = append(begun,
			dialRaw(t, addr, "GET /ws HTTP/1.1\r\nHost: "+addr+"\r\nUpgrade: webso"),
			dialRaw(t, addr, "POST /v1/events HTTP/1.1\r\nHost: "+addr+"\r\nAuthorization: Bearer "+record+"\r\nContent-Length: 1000\r\n\r\n[{"),
			dialPage(t, addr).Conn,
		)
	}
	for range deaf {
		dialPage(t, addr).follow(t, watch, match)
	}
	var readers []*rawPage
	for range healthy {
		p := dialPage(t, addr)
		p.follow(t, watch, match)
		readers = append(readers, p)
	}
	shown := deliver(t, url, record, made.MatchID, events, readers)
	largest := residentKB(pid) >> 10
	t.Logf("%d begun, %d that never read: p50 %v, p99 %v over %d deliveries; %d MB", len(begun), deaf, percentile(shown, 50), percentile(shown, 99), len(shown), largest)
	if p := percentile(shown, 99); soak && p > 200*time.Millisecond { // with the machine to itself
		t.Errorf("p99 is %v", p)
	}
	if largest > 200 {
		t.Errorf("the node takes %d MB", largest)
	}
	var g sync.WaitGroup
	for _, c := range begun {
		g.Go(func() {
			c.SetReadDeadline(time.Now().Add(time.Minute))
			if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Error("a connection that was only begun is still open")
			}
		})
	}
	g.Wait()
}

// deliver records events at an even rate and returns, sorted, how long each took from
// being sent until each reader had it. They are large, so that buffers are full soon.
func deliver(t *testing.T, url, token, match string, events int, readers []*rawPage) (all []time.Duration) {
	sent := make([]time.Time, events)
	var mu sync.Mutex
	var g sync.WaitGroup
	for _, r := range readers {
		g.Go(func() {
			for range events {
				n, err := r.event()
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				all = append(all, time.Since(sent[n]))
				mu.Unlock()
			}
		})
	}
	for n := range events {
		body := fmt.Sprintf(`{"id":"n-%d","matchId":%q,"type":"x-load","data":{"pad":%q}}`, n, match, strings.Repeat("x", 6000))
		mu.Lock()
		sent[n] = time.Now()
		mu.Unlock()
		if code, answer := request(t, "POST", url+"/v1/events", token, body); code != 201 {
			t.Fatalf("%d %s", code, answer)
		}
		time.Sleep(20 * time.Millisecond)
	}
	g.Wait()
	slices.Sort(all)
	return all
}

// rawPage is a WebSocket on which only what is asked for is read.
type rawPage struct {
	net.Conn
	in *bufio.Reader
}

func dialRaw(t *testing.T, addr, begin string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := io.WriteString(c, begin); err != nil {
		t.Fatal(err)
	}
	return c
}

func dialPage(t *testing.T, addr string) *rawPage {
	t.Helper()
	d := ws.Dialer{Protocols: []string{"touchline.v1"}, NetDial: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		if err == nil {
			err = c.(*net.TCPConn).SetReadBuffer(4096)
		}
		return c, err
	}}
	c, ahead, _, err := d.Dial(context.Background(), "ws://"+addr+"/ws")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if ahead == nil {
		ahead = bufio.NewReader(c)
	}
	return &rawPage{c, ahead}
}

func (p *rawPage) send(t *testing.T, f wire.Frame) {
	t.Helper()
	if err := ws.WriteFrame(p.Conn, ws.MaskFrameInPlace(ws.NewBinaryFrame(wire.Encode(f)))); err != nil {
		t.Fatal(err)
	}
}

func (p *rawPage) next() (wire.Frame, error) {
	f, err := ws.ReadFrame(p.in)
	if err != nil {
		return nil, err
	}
	if f.Header.OpCode != ws.OpBinary {
		return nil, fmt.Errorf("closed: %s", f.Payload)
	}
	return wire.Decode(f.Payload)
}

// follow asks for the match's new events and reads until they would come.
func (p *rawPage) follow(t *testing.T, token string, match crdt.LogID) {
	t.Helper()
	p.send(t, &wire.Hello{Version: wire.Version, Token: token})
	p.send(t, &wire.Follow{ID: 1, Match: match, Format: wire.Redacted, FromNow: true})
	for {
		f, err := p.next()
		if err != nil {
			t.Fatal(err)
		}
		if _, ok := f.(*wire.Caught); ok {
			return
		}
	}
}

// event is the number of the next event of the load.
func (p *rawPage) event() (n int, err error) {
	for {
		f, err := p.next()
		if err != nil {
			return 0, err
		}
		if v, ok := f.(*wire.View); ok {
			if at := bytes.Index(v.JSON, []byte(`"id":"n-`)); at >= 0 {
				_, err := fmt.Sscanf(string(v.JSON[at:]), `"id":"n-%d"`, &n)
				return n, err
			}
		}
	}
}
