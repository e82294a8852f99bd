package main

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// badPath is a stable address before a node, and what can happen on the way
// there. It begins as a good path.
type badPath struct {
	url string
	net.Listener
	rough bool // packets are lost and late, not what connections carry

	mu     sync.Mutex
	how    string                // guarded by mu; see set
	target *url.URL              // guarded by mu
	open   map[*badConn]struct{} // guarded by mu
}

// newBadPath listens at an address of this machine that browsers do not trust
// like https, if it has one: behind a rough link if packets is set and the
// machine allows one.
func newBadPath(t *testing.T, to string, packets bool) *badPath {
	t.Helper()
	p := &badPath{open: map[*badConn]struct{}{}}
	address, seen := plainAddress(), net.Addr.String
	if packets {
		if link, err := newRoughLink(t, p.fate); err != nil {
			t.Log("no packet of a WebSocket is lost here, it is late only:", err)
		} else {
			p.rough, address, seen = true, link.near.String(), link.at
		}
	}
	l, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		t.Fatal(err)
	}
	p.Listener, p.url = l, "http://"+seen(l.Addr())
	p.lead(to)
	site := http.NewServeMux()
	site.Handle("/", p.handler())
	site.Handle("GET /udp", p.udp(t))
	server := &http.Server{Handler: site, ReadHeaderTimeout: time.Minute}
	go server.Serve(p)
	t.Cleanup(func() {
		p.set("pass")
		server.Close()
	})
	return p
}

// plainAddress is this machine's own IPv4 address, or loopback where it is alone.
func plainAddress() string {
	addrs, _ := net.InterfaceAddrs()
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && !n.IP.IsLoopback() {
			return n.IP.String()
		}
	}
	return "127.0.0.1"
}

// lead makes the path end at another node.
func (p *badPath) lead(to string) {
	u, err := url.Parse(to)
	if err != nil {
		panic(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.target = u
}

// set chooses what happens from now on: pass; delay (300 ms each way, and every
// fifth packet lost); cut (no connection, no packet); swallow (connections stay
// open and nothing comes through); mute
// (the page is served, the node's answers are not). Leaving one breaks the
// connections that it damaged.
func (p *badPath) set(how string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	broken := how == "cut" || how == "mute" || p.how == "swallow" && !p.rough
	p.how = how
	for c := range p.open {
		if broken {
			c.Conn.Close()
		}
	}
}

func (p *badPath) mode() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.how
}

// damages is mode for what connections carry; "" if it is done to packets.
func (p *badPath) damages() string {
	if how := p.mode(); !p.rough || how == "cut" || how == "mute" {
		return how
	}
	return ""
}

// fate does to the packets of a rough link what is not done to connections.
func (p *badPath) fate(packet []byte, pass func([]byte)) {
	if p.mode() == "cut" {
		pass(packet) // the connections end, and that is seen
		return
	}
	p.carry(packet, pass)
}

func (p *badPath) handler() http.Handler {
	proxy := &httputil.ReverseProxy{
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0), // faults are what it is for
		Rewrite: func(r *httputil.ProxyRequest) {
			p.mu.Lock()
			defer p.mu.Unlock()
			r.SetURL(p.target)
			r.Out.Host = r.In.Host
		},
		// A node that is gone is no answer at all.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.mode() == "mute" && (strings.HasPrefix(r.URL.Path, "/v1/") || r.URL.Path == "/ws") {
			panic(http.ErrAbortHandler)
		}
		proxy.ServeHTTP(w, r)
	})
}

// Accept implements [net.Listener].
func (p *badPath) Accept() (net.Conn, error) {
	for {
		c, err := p.Listener.Accept()
		if err != nil {
			return nil, err
		}
		p.mu.Lock()
		cut := p.how == "cut"
		bad := &badConn{Conn: c, path: p}
		if !cut {
			p.open[bad] = struct{}{}
		}
		p.mu.Unlock()
		if !cut {
			return bad, nil
		}
		c.Close()
	}
}

// badConn is a browser's connection on the path.
type badConn struct {
	net.Conn
	path *badPath
}

func (c *badConn) Read(b []byte) (int, error) {
	for {
		n, err := c.Conn.Read(b)
		switch how := c.path.damages(); {
		case err != nil:
			return n, err
		case how == "delay":
			time.Sleep(300 * time.Millisecond)
		case how == "swallow":
			continue
		}
		return n, nil
	}
}

func (c *badConn) Write(b []byte) (int, error) {
	switch c.path.damages() {
	case "delay":
		time.Sleep(300 * time.Millisecond)
	case "swallow":
		return len(b), nil
	}
	return c.Conn.Write(b)
}

func (c *badConn) Close() error {
	c.path.mu.Lock()
	delete(c.path.open, c)
	c.path.mu.Unlock()
	return c.Conn.Close()
}
