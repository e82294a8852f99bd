package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// marker is what every event has: its number, so that each delivery can be told
// and timed wherever it is in a message.
const (
	marker     = `"created":1`
	markDigits = 12
	maxEvents  = 200_000
)

// reader is one browser that watches.
type reader struct {
	fd    int
	carry []byte // the end of what was read, if a marker may go on
}

// crowd is all readers, served by one thread.
type crowd struct {
	epoll   int
	readers []*reader
	start   time.Time
	stopped atomic.Bool
	done    sync.WaitGroup

	sent  [maxEvents]atomic.Int64 // when, in ns after start
	count [maxEvents]atomic.Int32 // deliveries
	last  [maxEvents]int64        // of the last reader

	latencies []int32 // microseconds
	total     atomic.Int64
	reads     int64
	gone      atomic.Int64 // connections that the server ended
}

// newCrowd connects n readers, 16 at a time.
func newCrowd(p protocol, addr string, n int) (*crowd, error) {
	epoll, err := syscall.EpollCreate1(0)
	if err != nil {
		return nil, err
	}
	c := &crowd{epoll: epoll, readers: make([]*reader, n), start: time.Now(), latencies: make([]int32, 0, 1<<20)}
	var wait sync.WaitGroup
	var failed atomic.Pointer[error]
	next := atomic.Int64{}
	for range 16 {
		wait.Go(func() {
			for i := int(next.Add(1)) - 1; i < n && failed.Load() == nil; i = int(next.Add(1)) - 1 {
				fd, err := dialReader(p, addr)
				if err != nil {
					failed.Store(&err)
					return
				}
				c.readers[i] = &reader{fd: fd}
			}
		})
	}
	wait.Wait()
	if err := failed.Load(); err != nil {
		return nil, *err
	}
	for i, r := range c.readers {
		ev := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(i)}
		if err := errors.Join(syscall.SetNonblock(r.fd, true), syscall.EpollCtl(epoll, syscall.EPOLL_CTL_ADD, r.fd, &ev)); err != nil {
			return nil, err
		}
	}
	c.done.Go(c.run)
	return c, nil
}

// dialReader connects with a socket that the Go runtime does not poll.
func dialReader(p protocol, addr string) (int, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return 0, err
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return 0, err
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	to := &syscall.SockaddrInet4{Port: number, Addr: [4]byte(net.ParseIP(host).To4())}
	if err := syscall.Connect(fd, to); err != nil {
		return 0, err
	}
	s := bufio.NewReader(raw(fd))
	return fd, p.watch(raw(fd), s)
}

// raw reads and writes a blocking socket.
type raw int

func (r raw) Read(b []byte) (int, error) {
	n, err := syscall.Read(int(r), b)
	if n == 0 && err == nil {
		err = errors.New("the server hung up")
	}
	return max(n, 0), err
}

func (r raw) Write(b []byte) (int, error) { return syscall.Write(int(r), b) }

func (c *crowd) run() {
	events := make([]syscall.EpollEvent, 256)
	buf := make([]byte, 256<<10)
	for !c.stopped.Load() {
		n, err := syscall.EpollWait(c.epoll, events, 100)
		if err != nil && err != syscall.EINTR {
			panic(err)
		}
		for _, ev := range events[:max(n, 0)] {
			c.take(c.readers[ev.Fd], buf)
		}
	}
}

// take reads what is there and notes the events in it.
func (c *crowd) take(r *reader, buf []byte) {
	from := copy(buf, r.carry)
	n, err := syscall.Read(r.fd, buf[from:])
	if n <= 0 {
		if err != syscall.EAGAIN {
			c.gone.Add(1)
			_ = syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_DEL, r.fd, nil)
		}
		return
	}
	c.reads++
	now := int64(time.Since(c.start))
	b := buf[:from+n]
	for {
		i := bytes.Index(b, []byte(marker))
		if i < 0 || len(b) < i+len(marker)+markDigits {
			break
		}
		at := i + len(marker)
		seq, err := strconv.Atoi(string(b[at : at+markDigits]))
		if err == nil && seq < maxEvents {
			c.note(seq, now)
		}
		b = b[at+markDigits:]
	}
	if i := bytes.LastIndex(b, []byte(`"`)); i >= 0 && len(b)-i < len(marker)+markDigits {
		b = b[i:]
		// the marker's own second quote: begin before it
		if j := bytes.LastIndex(buf[:from+n-len(b)], []byte(`"`)); j >= 0 && from+n-j < len(marker)+markDigits {
			b = buf[j : from+n]
		}
	} else {
		b = nil
	}
	r.carry = append(r.carry[:0], b...)
}

func (c *crowd) note(seq int, now int64) {
	c.total.Add(1)
	c.latencies = append(c.latencies, int32((now-c.sent[seq].Load())/1000))
	c.last[seq] = now
	c.count[seq].Add(1)
}

// everywhere reports whether all readers have an event.
func (c *crowd) everywhere(seq int) bool { return int(c.count[seq].Load()) >= len(c.readers) }

func (c *crowd) stop() {
	c.stopped.Store(true)
	c.done.Wait()
	for _, r := range c.readers {
		syscall.Close(r.fd)
	}
	syscall.Close(c.epoll)
}

// event is the fields that every server is sent, about 350 bytes: what a recorder
// taps, no words, which have a way of their own and are no part of a goal.
func event(seq int, match string) string {
	return fmt.Sprintf(`"id":"0199f2aa-%012d","matchId":"%s","type":"goal","data":{%s%012d,"minute":37,"player":"home-7","assist":"home-9","how":"open_play","track":[%s]}`,
		seq, match, marker, seq, "16,31,18,33,21,35,24,38,27,40,31,42,35,44,39,45,43,46,48,47,53,47,58,46,63,45,68,43,73,41")
}
