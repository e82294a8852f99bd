package fanout

import (
	"errors"
	"log/slog"
	"sync"

	"touchline.dev/touchline/crdt"
)

// ErrClosed: the hub was closed.
var ErrClosed = errors.New("fan-out is closed")

// Turn is what a [Format] encodes: entries, live lane first, each lane in order
// of arrival. Caught, if it is not zero, says that nothing up to this arrival is
// left out then: it comes with entries, so that it costs no write of its own.
type Turn struct {
	Entries []crdt.Entry
	Caught  crdt.Arrival
}

// Batch is messages in one piece. It is shared by readers: nobody changes it.
type Batch struct {
	Bytes []byte
	Ends  []int // where each message ends in Bytes
}

// Add appends one message.
func (b *Batch) Add(parts ...[]byte) {
	for _, p := range parts {
		b.Bytes = append(b.Bytes, p...)
	}
	b.Ends = append(b.Ends, len(b.Bytes))
}

// Format is what readers with an equal Key get. Key must be comparable, and two
// formats with one key must encode alike: the hub keeps the first.
type Format struct {
	Key any
	// Encode makes the messages of a turn; none is right, too. It is called from
	// one goroutine at a time for each log. After an error the readers of this
	// format are let go.
	Encode func(Turn) (Batch, error)
}

// Sink is a reader. Deliver must not block; false ends the subscription.
type Sink interface {
	Deliver(*Batch) bool
}

// Hub has a stream for each log that somebody reads. It may be used from any
// goroutine.
type Hub struct {
	log     *slog.Logger // immutable
	closing chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	closed  bool                   // guarded by mu
	streams map[crdt.LogID]*stream // guarded by mu
}

// NewHub returns a hub without readers. log receives failures of ours.
func NewHub(log *slog.Logger) *Hub {
	return &Hub{log: log, closing: make(chan struct{}), streams: map[crdt.LogID]*stream{}}
}

// Close ends all subscriptions and waits for what is being delivered.
func (h *Hub) Close() {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		close(h.closing)
	}
	h.mu.Unlock()
	h.running.Wait()
}

// Subscription is a reader's place in a stream.
type Subscription struct {
	stream *stream
	group  *group
	sink   Sink
	place  int // in group.subs; guarded by stream.mu
}

// maxGap is how many entries [Hub.Join] delivers itself.
const maxGap = 256

// Join makes sink a reader of all that follows after. The caller has brought it
// everything up to there. When too much has come meanwhile, it returns nil and the
// arrival up to which the caller should go on before it tries again.
func (h *Hub) Join(log *crdt.Log, after crdt.Arrival, f Format, sink Sink) (*Subscription, crdt.Arrival, error) {
	for {
		s, err := h.stream(log)
		if err != nil {
			return nil, 0, err
		}
		sub, at, err := s.join(after, f, sink)
		if !errors.Is(err, errEnded) {
			return sub, at, err
		}
	}
}

// stream returns a log's stream, which runs from then on.
func (h *Hub) stream(log *crdt.Log) (*stream, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, ErrClosed
	}
	if s := h.streams[log.ID()]; s != nil {
		return s, nil
	}
	_, last, err := log.Digest()
	if err != nil {
		return nil, err
	}
	s := newStream(h, log, last)
	h.streams[log.ID()] = s
	h.running.Go(s.run)
	return s, nil
}

// forget takes out a stream that has no readers any more.
func (h *Hub) forget(s *stream) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.streams[s.log.ID()] == s {
		delete(h.streams, s.log.ID())
	}
}

// Leave ends a subscription. A batch may still be on its way to the sink.
func (s *Subscription) Leave() {
	s.stream.mu.Lock()
	defer s.stream.mu.Unlock()
	s.stream.remove(s)
}
