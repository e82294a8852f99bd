//go:build unix

package websocket

import (
	"errors"
	"sync"
	"syscall"
)

// attempt is one write that does not wait.
type attempt struct {
	p   []byte
	n   int
	err error
	do  func(fd uintptr) bool
}

var attempts = sync.Pool{New: func() any {
	a := new(attempt)
	a.do = a.write
	return a
}}

func (a *attempt) write(fd uintptr) bool {
	a.n, a.err = syscall.Write(int(fd), a.p)
	return true
}

// try writes what the socket takes without waiting. The caller holds mu.
func (c *Conn) try(p []byte) (int, error) {
	if c.raw == nil {
		return 0, nil
	}
	a := attempts.Get().(*attempt)
	a.p = p
	err := c.raw.Write(a.do)
	n := max(0, a.n)
	if err == nil && !errors.Is(a.err, syscall.EAGAIN) && !errors.Is(a.err, syscall.EINTR) {
		err = a.err
	}
	a.p, a.n, a.err = nil, 0, nil
	attempts.Put(a)
	return n, err
}
