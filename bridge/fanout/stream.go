package fanout

import (
	"errors"
	"runtime"
	"sync"

	"touchline.dev/touchline/crdt"
)

const (
	readAtOnce = 256 // entries of a turn
	turnBytes  = 64 << 10
	maxBulk    = 4096 // entries of the bulk lane held back for live ones
	bulkAtOnce = 64
	breath     = 128 // deliveries after which others may run

	manyReaders = 2048 // are worth a goroutine
)

// errEnded: the stream ended between being found and being joined.
var errEnded = errors.New("stream has ended")

// stream is a log that somebody reads.
type stream struct {
	hub  *Hub          // immutable
	log  *crdt.Log     // immutable
	wake chan struct{} // capacity 1: somebody left

	mu     sync.Mutex
	bulk   []crdt.Entry   // guarded by mu; held back
	read   crdt.Arrival   // guarded by mu; what came up to here has been read
	groups map[any]*group // guarded by mu
	count  int            // guarded by mu; readers
	joined bool           // guarded by mu; somebody ever was a reader
	ended  bool           // guarded by mu
}

// group is the readers of one format.
type group struct {
	format Format
	subs   []*Subscription // guarded by stream.mu
}

func newStream(h *Hub, log *crdt.Log, last crdt.Arrival) *stream {
	return &stream{hub: h, log: log, read: last, wake: make(chan struct{}, 1), groups: map[any]*group{}}
}

// join enters a reader that has everything up to after.
func (s *stream) join(after crdt.Arrival, f Format, sink Sink) (*Subscription, crdt.Arrival, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, 0, errEnded
	}
	s.joined = true
	if after < s.read {
		gap, err := s.log.Since(after, maxGap)
		if err != nil || len(gap) == maxGap {
			s.leaveIfEmpty()
			return nil, s.read, err
		}
		for len(gap) > 0 && gap[len(gap)-1].Arrival > s.read {
			gap = gap[:len(gap)-1] // comes by itself
		}
		b, err := f.Encode(Turn{Entries: gap})
		if err != nil || len(b.Ends) > 0 && !sink.Deliver(&b) {
			s.leaveIfEmpty()
			return nil, s.read, err
		}
	}
	g := s.groups[f.Key]
	if g == nil {
		g = &group{format: f}
		s.groups[f.Key] = g
	}
	sub := &Subscription{stream: s, group: g, sink: sink, place: len(g.subs)}
	g.subs = append(g.subs, sub)
	s.count++
	return sub, max(after, s.read), nil
}

// remove takes a reader out. The caller holds mu.
func (s *stream) remove(sub *Subscription) {
	g := sub.group
	if sub.place < 0 {
		return
	}
	last := g.subs[len(g.subs)-1]
	g.subs[sub.place], last.place = last, sub.place
	g.subs[len(g.subs)-1] = nil
	g.subs = g.subs[:len(g.subs)-1]
	sub.place = -1
	s.count--
	if len(g.subs) == 0 {
		delete(s.groups, g.format.Key)
	}
	s.leaveIfEmpty()
}

// leaveIfEmpty lets run see that there may be nothing left to do.
func (s *stream) leaveIfEmpty() {
	if s.count == 0 {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// run delivers until nobody reads.
func (s *stream) run() {
	defer s.hub.forget(s)
	for !s.over() {
		changed := s.log.Changed()
		more, err := s.turn()
		if err != nil {
			s.hub.log.Warn("live events", "match", s.log.ID().Short(), "err", err)
			s.end()
			return
		}
		if more {
			continue
		}
		select {
		case <-changed:
		case <-s.wake:
		case <-s.hub.closing:
			s.end()
			return
		}
	}
}

// over reports whether everybody has left, and then ends the stream.
func (s *stream) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = s.ended || s.joined && s.count == 0
	return s.ended
}

func (s *stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
}

// turn delivers what has come, or a piece of what was held back, and reports
// whether there is more: then another turn with entries follows, and tells Caught.
func (s *stream) turn() (more bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var live []crdt.Entry
	if len(s.bulk) < maxBulk {
		entries, err := s.log.Since(s.read, readAtOnce+1)
		if err != nil {
			return false, err
		}
		if more = len(entries) > readAtOnce; more {
			entries = entries[:readAtOnce]
		}
		bytes := 0
		for i, en := range entries {
			if bytes += size(en); bytes > turnBytes && i > 0 {
				more = true
				break
			}
			s.read = en.Arrival
			if en.Event != nil && en.Event.Lane == crdt.Bulk {
				s.bulk = append(s.bulk, en)
			} else {
				live = append(live, en)
			}
		}
	}
	t := Turn{Entries: live}
	if len(live) == 0 {
		n := min(bulkAtOnce, len(s.bulk))
		t.Entries, s.bulk = s.bulk[:n], s.bulk[n:]
	}
	if len(s.bulk) == 0 {
		s.bulk = nil
	}
	more = more || len(s.bulk) > 0
	if !more {
		t.Caught = s.read
	}
	if len(t.Entries) > 0 {
		s.deliver(t)
	}
	return more, nil
}

func size(en crdt.Entry) int {
	if en.Event == nil {
		return 0
	}
	return len(en.Event.Envelope())
}

// deliver encodes a turn once for each format and hands it to all readers. The
// caller holds mu.
func (s *stream) deliver(t Turn) {
	for _, g := range s.groups {
		b, err := g.format.Encode(t)
		if err != nil {
			s.hub.log.Warn("encode live events", "match", s.log.ID().Short(), "err", err)
			for len(g.subs) > 0 {
				s.let(g.subs[0])
			}
			continue
		}
		if len(b.Ends) > 0 {
			s.hand(g, &b)
		}
	}
}

// hand gives a batch to the readers of a format, on all processors if they are
// many; those that take no more leave.
func (s *stream) hand(g *group, b *Batch) {
	workers := min(runtime.GOMAXPROCS(0), 1+len(g.subs)/manyReaders)
	if workers == 1 {
		s.removeAll(handSome(g.subs, b))
		return
	}
	full := make([][]*Subscription, workers)
	var wait sync.WaitGroup
	for w := range workers {
		from, to := w*len(g.subs)/workers, (w+1)*len(g.subs)/workers
		wait.Go(func() { full[w] = handSome(g.subs[from:to], b) })
	}
	wait.Wait()
	for _, list := range full {
		s.removeAll(list)
	}
}

// handSome returns those that take no more.
func handSome(subs []*Subscription, b *Batch) (full []*Subscription) {
	for i, sub := range subs {
		if !sub.sink.Deliver(b) {
			full = append(full, sub)
		}
		if i%breath == breath-1 {
			runtime.Gosched() // an acknowledgement goes before the rest
		}
	}
	return full
}

func (s *stream) removeAll(list []*Subscription) {
	for _, sub := range list {
		s.remove(sub)
	}
}

// let tells a reader that the hub cannot serve it, and takes it out.
func (s *stream) let(sub *Subscription) {
	if l, ok := sub.sink.(Leaver); ok {
		l.Left()
	}
	s.remove(sub)
}

// Leaver is a [Sink] that wants to know when the hub lets it go for reasons of
// its own. Left must not block.
type Leaver interface {
	Left()
}
