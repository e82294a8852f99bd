package node

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// A frame of the sync protocol is a length (uvarint of what follows), a type
// (one byte), and a body. docs/PROTOCOL.md section 5 has the bodies.
type frameType byte

const (
	frameGreeting  frameType = iota + 1 // recon.Greeting, store ID
	frameTags                           // recon.Tags: the initiator's logs
	frameTagsReply                      // recon.TagsReply: which of them are equal
	frameNames                          // names of the responder's other logs, 8 bytes each; a byte 1 if it has more at rest
	frameRecon                          // index into names, a frame of a recon.Session
	frameEvent                          // index, an envelope
	frameGone                           // index, set, time, prefix: erased or purged
	frameFin                            // index: all that was asked for has been sent
	frameProof                          // index, recon.Tag, arrival: what is held now
	frameWanted                         // names of the initiator's logs that are neither equal nor named
	frameAnswer                         // a byte for each: unknown, at rest, or retired
	frameState                          // index, a byte: a log that the responder named is at rest here, or retired
	frameBusy                           // milliseconds after which to try again; ends the exchange
	frameAlive                          // empty: what came is being made durable, and there is nothing else to say yet
)

// maxFrame bounds a frame's body in bytes: an event, or a recon message.
const maxFrame = 64 << 10

type frame struct {
	kind frameType
	body []byte
}

func readFrame(r *bufio.Reader) (frame, int, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return frame{}, 0, err
	}
	if n == 0 || n > maxFrame {
		return frame{}, 0, fmt.Errorf("%w: frame of %d bytes", crdt.ErrMalformed, n)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return frame{}, 0, err
	}
	return frame{frameType(b[0]), b[1:]}, int(n) + uvarintLen(n), nil
}

func appendFrame(b []byte, kind frameType, body ...[]byte) []byte {
	n := 1
	for _, p := range body {
		n += len(p)
	}
	b = binary.AppendUvarint(b, uint64(n))
	b = append(b, byte(kind))
	for _, p := range body {
		b = append(b, p...)
	}
	return b
}

func uvarintLen(n uint64) int { return len(binary.AppendUvarint(nil, n)) }

// outbox is what one side of an exchange still has to send. Small messages go
// before event bodies, and control events before others, also those that turned
// out later to be lacking: without its author's grant an event cannot be taken. Bodies are read from the store only when their turn
// comes, some at a time, so a long queue costs little memory and nobody waits on anybody.
type outbox struct {
	mu     sync.Mutex
	urgent [][]byte      // guarded by mu; encoded frames
	rights []body        // guarded by mu; control events
	read   [][]byte      // guarded by mu; encoded frames of bodies that were before those in bodies
	bodies []body        // guarded by mu; others
	last   [][]byte      // guarded by mu; frames to be sent when bodies are out
	closed bool          // guarded by mu
	wake   chan struct{} // capacity 1
}

const (
	// bodiesAtOnce is how many bodies are read at once: in a store they lie by their
	// hashes, and those of a long partition are found by passing few others.
	bodiesAtOnce = 4096
	// bytesAtOnce is about how many bytes of them are in memory.
	bytesAtOnce = 3 << 19
)

// body is an item to send, or a mark: now comes the next of last.
type body struct {
	log  *logExchange // nil for a mark
	item recon.Item
}

func newOutbox() *outbox { return &outbox{wake: make(chan struct{}, 1)} }

func (o *outbox) change(f func()) {
	o.mu.Lock()
	f()
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// send queues a message.
func (o *outbox) send(kind frameType, parts ...[]byte) {
	o.change(func() { o.urgent = append(o.urgent, appendFrame(nil, kind, parts...)) })
}

// sendBodies queues events.
func (o *outbox) sendBodies(l *logExchange, items []recon.Item) {
	o.change(func() {
		for _, it := range items {
			if b := (body{l, it}); it.Set == crdt.Control {
				o.rights = append(o.rights, b)
			} else {
				o.bodies = append(o.bodies, b)
			}
		}
	})
}

// sendLast queues a message behind all bodies queued so far.
func (o *outbox) sendLast(kind frameType, parts ...[]byte) {
	o.change(func() {
		o.bodies = append(o.bodies, body{})
		o.last = append(o.last, appendFrame(nil, kind, parts...))
	})
}

// close ends the writer once all is out.
func (o *outbox) close() { o.change(func() { o.closed = true }) }

// next returns an encoded frame, or bodies of one log to read; done when closed and empty.
func (o *outbox) next() (encoded []byte, bodies []body, done bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case len(o.urgent) > 0:
		encoded, o.urgent = o.urgent[0], o.urgent[1:]
	case len(o.rights) > 0:
		bodies, o.rights = o.rights[:1:1], o.rights[1:]
	case len(o.read) > 0:
		encoded, o.read = o.read[0], o.read[1:]
	case len(o.bodies) > 0 && o.bodies[0].log == nil:
		encoded, o.last, o.bodies = o.last[0], o.last[1:], o.bodies[1:]
	case len(o.bodies) > 0:
		n := 1
		for n < min(bodiesAtOnce, len(o.bodies)) && o.bodies[n].log == o.bodies[0].log {
			n++
		}
		bodies, o.bodies = o.bodies[:n:n], o.bodies[n:]
	default:
		done = o.closed
	}
	return encoded, bodies, done
}

// putRead takes the frames of bodies that next returned, and those of them that are
// still to be read.
func (o *outbox) putRead(bodies []body, frames [][]byte, left []body) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if bodies[0].item.Set == crdt.Control { // overtakes, and is one
		o.read = append(frames, o.read...)
		return
	}
	o.read = append(o.read, frames...)
	if len(left) > 0 {
		o.bodies = append(left, o.bodies...)
	}
}
