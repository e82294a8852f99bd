package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"
)

// A data channel goes to a port of the node's that the answer to its call names.
// The script of the page asks the path for one of its own instead, and what
// happens on the path happens to the packets, too.

// udp answers GET /udp?to=ADDRESS with a port that leads to that address.
func (p *badPath) udp(t *testing.T) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		to, err := net.ResolveUDPAddr("udp", r.URL.Query().Get("to"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		front, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(plainAddress())})
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		t.Cleanup(func() { front.Close() })
		go (&badPort{path: p, front: front, to: to, backs: map[string]*net.UDPConn{}}).run()
		fmt.Fprint(w, front.LocalAddr().(*net.UDPAddr).Port)
	}
}

// badPort leads packets to an address, and the answers back.
type badPort struct {
	path  *badPath
	front *net.UDPConn
	to    *net.UDPAddr
	backs map[string]*net.UDPConn // of run; by the address that it is for
	wg    sync.WaitGroup
}

func (p *badPort) run() {
	defer func() {
		for _, back := range p.backs {
			back.Close()
		}
		p.wg.Wait()
	}()
	for b := make([]byte, 64<<10); ; {
		n, from, err := p.front.ReadFromUDP(b)
		if err != nil {
			return
		}
		back := p.backs[from.String()]
		if back == nil {
			if back, err = net.DialUDP("udp", nil, p.to); err != nil {
				return
			}
			p.backs[from.String()] = back
			p.wg.Go(func() { p.answers(back, from) })
		}
		p.path.carry(b[:n], func(b []byte) { back.Write(b) })
	}
}

func (p *badPort) answers(back *net.UDPConn, to *net.UDPAddr) {
	for b := make([]byte, 64<<10); ; {
		n, err := back.Read(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // nobody is there now: each packet that came back says so once
		}
		p.path.carry(b[:n], func(b []byte) { p.front.WriteToUDP(b, to) })
	}
}

// carry passes a packet on, as the path is now. A slow path loses every fifth.
func (p *badPath) carry(b []byte, pass func([]byte)) {
	switch p.mode() {
	case "cut", "swallow":
		return
	case "delay":
		if rand.IntN(5) > 0 {
			late := append([]byte(nil), b...)
			time.AfterFunc(300*time.Millisecond, func() { pass(late) })
		}
		return
	}
	pass(b)
}
