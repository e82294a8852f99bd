package node

import (
	"bufio"
	"context"
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
	deliveries chan delivery // closed after the one with an error
	over       chan struct{} // closed when nothing more is wanted
}

func newReceiver() *receiver {
	return &receiver{deliveries: make(chan delivery, maxAhead), over: make(chan struct{})}
}

// run reads until the stream ends, or until a frame comes that nobody wants.
func (c *receiver) run(ctx context.Context, s libnet.Stream) {
	defer close(c.deliveries)
	r := bufio.NewReaderSize(idle{s}, readAhead)
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

// idle is a stream that ends when nothing comes for exchangeIdle: whatever an
// exchange waits for in vain, the next one begins anew.
type idle struct{ libnet.Stream }

func (i idle) Read(b []byte) (int, error) {
	i.SetReadDeadline(time.Now().Add(exchangeIdle))
	return i.Stream.Read(b)
}
