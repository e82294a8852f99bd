package node

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	libnet "github.com/libp2p/go-libp2p/core/network"
)

const (
	// readAhead is how many bytes of a stream are read at a time, and so about how
	// many events are committed together at least, when the peer has many to send.
	readAhead = 64 << 10
	// maxAhead is how many deliveries wait at most: what is read while events are
	// judged and committed. Beyond, the peer waits.
	maxAhead = 3
)

// delivery is what came at once: frames, and then perhaps why there will be no more.
type delivery struct {
	frames []frame
	bytes  int
	err    error
}

// receiver reads frames ahead of who decides about them, so that a peer goes on
// sending while what it sent is committed, and what came meanwhile is committed
// together.
type receiver struct {
	deliveries chan delivery             // closed after the one with an error
	over       chan struct{}             // closed when nothing more is wanted
	since      atomic.Pointer[time.Time] // when who decides began to wait for the peer; nil while it is at work
}

func newReceiver() *receiver {
	return &receiver{deliveries: make(chan delivery, maxAhead), over: make(chan struct{})}
}

// run reads until the stream ends, or until a frame comes that nobody wants.
func (c *receiver) run(ctx context.Context, s libnet.Stream) {
	defer close(c.deliveries)
	r := bufio.NewReaderSize(idle{s, c}, readAhead)
	for {
		d := nextDelivery(r)
		select {
		case c.deliveries <- d:
		case <-c.over:
			return
		case <-ctx.Done():
			return
		}
		if d.err != nil {
			return
		}
	}
}

// nextDelivery waits for a frame and takes those that came with it.
func nextDelivery(r *bufio.Reader) (d delivery) {
	for {
		f, n, err := readFrame(r)
		d.bytes += n
		if d.err = err; err != nil {
			return d
		}
		d.frames = append(d.frames, f)
		if r.Buffered() == 0 {
			return d
		}
	}
}

// waits notes that nothing is left to do until the peer says more, works that there is.
func (c *receiver) waits() {
	now := time.Now()
	c.since.Store(&now)
}

func (c *receiver) works() { c.since.Store(nil) }

func (c *receiver) atWork() bool { return c.since.Load() == nil }

// waitsSince is when the peer was waited for last: now, while we are at work.
func (c *receiver) waitsSince() time.Time {
	if since := c.since.Load(); since != nil {
		return *since
	}
	return time.Now()
}

// idle is a stream that ends when it is waited for and nothing comes for exchangeIdle:
// whatever an exchange waits for in vain, the next one begins anew. While we are at work
// the peer may have nothing to say, as it waits for us.
type idle struct {
	libnet.Stream
	c *receiver
}

func (i idle) Read(b []byte) (int, error) {
	for from := time.Now(); ; {
		i.SetReadDeadline(from.Add(exchangeIdle))
		n, err := i.Stream.Read(b)
		var late net.Error
		if n > 0 || !errors.As(err, &late) || !late.Timeout() {
			return n, err
		}
		since := i.c.waitsSince()
		if !since.After(from) {
			return n, err
		}
		from = since
	}
}
