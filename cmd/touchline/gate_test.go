package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// gate is an address in front of a node, whose connections can be cut or made a
// black hole.
type gate struct {
	t      *testing.T
	listen net.Listener

	mu     sync.Mutex
	target string              // guarded by mu; "" while it is cut
	hole   bool                // guarded by mu: what comes is swallowed
	open   map[net.Conn]func() // guarded by mu
}

func newGate(t *testing.T, target string) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{t: t, listen: l, target: strings.TrimPrefix(target, "http://"), open: map[net.Conn]func(){}}
	t.Cleanup(func() { l.Close(); g.cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go g.pass(c)
		}
	}()
	return g
}

func (g *gate) url() string { return "http://" + g.listen.Addr().String() }

func (g *gate) pass(c net.Conn) {
	defer c.Close()
	g.mu.Lock()
	target := g.target
	g.mu.Unlock()
	if target == "" {
		return
	}
	up, err := net.Dial("tcp", target)
	if err != nil {
		return
	}
	defer up.Close()
	g.mu.Lock()
	g.open[c] = func() { c.Close(); up.Close() }
	g.mu.Unlock()
	go func() {
		io.Copy(&swallower{g, c}, up)
		c.Close()
	}()
	io.Copy(&swallower{g, up}, c)
	g.mu.Lock()
	delete(g.open, c)
	g.mu.Unlock()
}

// swallower writes to a connection, unless the gate is a black hole.
type swallower struct {
	g  *gate
	to io.Writer
}

func (s *swallower) Write(b []byte) (int, error) {
	s.g.mu.Lock()
	hole := s.g.hole
	s.g.mu.Unlock()
	if hole {
		return len(b), nil
	}
	return s.to.Write(b)
}

// cut ends all connections and refuses new ones.
func (g *gate) cut() {
	g.mu.Lock()
	g.target = ""
	for _, end := range g.open {
		end()
	}
	g.mu.Unlock()
}

func (g *gate) heal(target string) {
	g.mu.Lock()
	g.target, g.hole = strings.TrimPrefix(target, "http://"), false
	g.mu.Unlock()
}

func (g *gate) swallow() {
	g.mu.Lock()
	g.hole = true
	g.mu.Unlock()
}
