package fanout_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"touchline.dev/touchline/bridge/fanout"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// book is a log with one author.
type book struct {
	t      *testing.T
	log    *crdt.Log
	member *access.Member
	clock  *crdt.Clock
	chain  *crdt.Chain
}

func newBook(t *testing.T) *book {
	t.Helper()
	b := &book{t: t, clock: crdt.NewClock(nil), chain: crdt.NewChain()}
	m, founding, err := access.Found(b.clock, access.PurposeMatch)
	if err != nil {
		t.Fatal(err)
	}
	b.member = m
	if b.log, err = crdt.OpenLog(crdt.NewMemStore(), m.Log, access.NewControl(m.Log), nil, nil); err != nil {
		t.Fatal(err)
	}
	b.admit(founding)
	return b
}

func (b *book) admit(events ...*crdt.Event) {
	b.t.Helper()
	var envelopes [][]byte
	for _, e := range events {
		envelopes = append(envelopes, e.Envelope())
	}
	for _, o := range b.log.Admit(context.Background(), "", envelopes...) {
		if o.Err != nil {
			b.t.Fatal(o.Err)
		}
	}
}

// write adds n events at once.
func (b *book) write(lane crdt.Lane, n int) {
	b.t.Helper()
	var events []*crdt.Event
	for range n {
		payload, err := crdt.Pad([]byte("x"))
		if err != nil {
			b.t.Fatal(err)
		}
		h := crdt.Header{Set: crdt.Events, Log: b.log.ID(), Grant: b.member.Grant, Lane: lane}
		h.Time, h.OwnMs = b.clock.Now()
		b.chain.Place(&h)
		e, err := crdt.Sign(b.member.Key(), h, payload)
		if err != nil {
			b.t.Fatal(err)
		}
		b.chain.Advance(e)
		events = append(events, e)
	}
	b.admit(events...)
}

func (b *book) last() crdt.Arrival {
	b.t.Helper()
	_, last, err := b.log.Digest()
	if err != nil {
		b.t.Fatal(err)
	}
	return last
}

const isCaught = 255

// numbers is a format of 9 bytes a message: arrival and lane, or isCaught.
type numbers struct {
	mu      sync.Mutex
	encoded int // guarded by mu; entries
	fail    bool
}

func (n *numbers) format(key any) fanout.Format {
	return fanout.Format{Key: key, Encode: func(t fanout.Turn) (b fanout.Batch, err error) {
		n.mu.Lock()
		defer n.mu.Unlock()
		if n.fail {
			return b, errors.New("cannot")
		}
		n.encoded += len(t.Entries)
		for _, en := range t.Entries {
			b.Add(binary.BigEndian.AppendUint64(nil, uint64(en.Arrival)), []byte{byte(en.Event.Lane)})
		}
		if t.Caught > 0 {
			b.Add(binary.BigEndian.AppendUint64(nil, uint64(t.Caught)), []byte{isCaught})
		}
		return b, nil
	}}
}

// reader keeps what it was given.
type reader struct {
	mu     sync.Mutex
	got    []crdt.Arrival // guarded by mu; of entries
	caught crdt.Arrival   // guarded by mu
	early  int            // guarded by mu; entries before the first Caught
	turns  int            // guarded by mu
	full   bool
	left   bool
	more   chan struct{}
}

func newReader() *reader { return &reader{more: make(chan struct{}, 1)} }

func (r *reader) Deliver(b *fanout.Batch) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.full {
		return false
	}
	from := 0
	for _, end := range b.Ends {
		at := crdt.Arrival(binary.BigEndian.Uint64(b.Bytes[from:]))
		switch {
		case b.Bytes[end-1] != isCaught:
			r.got = append(r.got, at)
		case r.caught == 0:
			r.caught, r.early = at, len(r.got)
		default:
			r.caught = at
		}
		from = end
	}
	r.turns++
	r.wake()
	return true
}

func (r *reader) Left() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left = true
	r.wake()
}

func (r *reader) wake() {
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// await waits until ok says so.
func (r *reader) await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	late := time.After(time.Minute)
	for {
		r.mu.Lock()
		done := ok()
		r.mu.Unlock()
		if done {
			return
		}
		select {
		case <-r.more:
		case <-late:
			t.Fatalf("%s: has %v", what, r.got)
		}
	}
}

func newHub(t *testing.T) *fanout.Hub {
	h := fanout.NewHub(slog.New(slog.DiscardHandler))
	t.Cleanup(h.Close)
	return h
}

func join(t *testing.T, h *fanout.Hub, b *book, after crdt.Arrival, f fanout.Format, s fanout.Sink) *fanout.Subscription {
	t.Helper()
	sub, at, err := h.Join(b.log, after, f, s)
	if err != nil || sub == nil {
		t.Fatalf("join: %v, go on to %d", err, at)
	}
	return sub
}

// Many readers of one format cost one encoding, and each gets everything once.
func TestEncodedOnce(t *testing.T) {
	h, b, n := newHub(t), newBook(t), &numbers{}
	b.write(crdt.Live, 3)
	from := b.last()
	var readers []*reader
	full := newReader()
	full.full = true
	join(t, h, b, from, n.format("a"), full)
	for range 2400 { // enough for several goroutines
		r := newReader()
		readers = append(readers, r)
		join(t, h, b, from, n.format("a"), r)
	}
	b.write(crdt.Live, 1)
	b.write(crdt.Live, 4)
	var want []crdt.Arrival
	for i := range 5 {
		want = append(want, from+1+crdt.Arrival(i))
	}
	for _, r := range readers {
		r.await(t, "five events", func() bool { return slices.Equal(r.got, want) && r.caught == want[4] })
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.encoded != 5 {
		t.Errorf("%d entries were encoded for 5", n.encoded)
	}
}

// Whoever comes in between gets what it lacks, without a gap and without repeats.
func TestJoinWithoutGap(t *testing.T) {
	h, b, n := newHub(t), newBook(t), &numbers{}
	first := newReader()
	join(t, h, b, b.last(), n.format("a"), first)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 40 {
			b.write(crdt.Live, 2)
		}
	}()
	var late []*reader
	for range 20 {
		r := newReader()
		late = append(late, r)
		join(t, h, b, 1, n.format("a"), r) // 1 is the founding record
	}
	<-done
	for _, r := range late {
		r.await(t, "everything from the beginning", func() bool {
			for i, a := range r.got {
				if a != crdt.Arrival(i+2) {
					t.Fatalf("place %d has arrival %d", i, a)
				}
			}
			return len(r.got) >= 80
		})
	}
}

// Who lacks too much is told to read it first.
func TestJoinTooFarBehind(t *testing.T) {
	h, b, n := newHub(t), newBook(t), &numbers{}
	b.write(crdt.Live, 600)
	sub, at, err := h.Join(b.log, 1, n.format("a"), newReader())
	if err != nil || sub != nil || at != b.last() {
		t.Fatalf("%v, %d, %v", sub, at, err)
	}
	join(t, h, b, at, n.format("a"), newReader())
}

// A reader that takes no more is let go; the others do not notice.
func TestSlowReaderIsLetGo(t *testing.T) {
	h, b, n := newHub(t), newBook(t), &numbers{}
	slow, quick := newReader(), newReader()
	slow.full = true
	from := b.last()
	join(t, h, b, from, n.format("a"), slow)
	join(t, h, b, from, n.format("a"), quick)
	b.write(crdt.Live, 1)
	quick.await(t, "the event", func() bool { return len(quick.got) == 1 })
	slow.mu.Lock()
	slow.full = false
	slow.mu.Unlock()
	b.write(crdt.Live, 1)
	quick.await(t, "the second event", func() bool { return len(quick.got) >= 2 })
	if len(slow.got) > 0 {
		t.Error("was served after it had left")
	}
}

// A live event overtakes bulk ones that came before it; Caught comes when
// nothing is held back.
func TestLiveFirst(t *testing.T) {
	h, b, n := newHub(t), newBook(t), &numbers{}
	r := newReader()
	begun, gate := make(chan struct{}, 1000), make(chan struct{})
	join(t, h, b, b.last(), fanout.Format{Key: "gate", Encode: func(fanout.Turn) (b fanout.Batch, err error) {
		begun <- struct{}{}
		<-gate
		return b, nil
	}}, newReader())
	join(t, h, b, b.last(), n.format("a"), r)
	b.write(crdt.Bulk, 200)
	<-begun // the first of them are being delivered
	mark := b.last()
	b.write(crdt.Live, 1)
	close(gate)
	r.await(t, "201 events and caught", func() bool { return len(r.got) == 201 && r.caught > 0 })
	if at := slices.Index(r.got, mark+1); at < 0 || at > 64 {
		t.Errorf("the live event came as number %d", at)
	}
	if r.caught != b.last() || r.early != 201 {
		t.Errorf("caught %d after %d events", r.caught, r.early)
	}
}

// That nothing is left out is told in the batch of the last that came: a write
// for each reader is what a delivery costs.
func TestCaughtNeedsNoWrite(t *testing.T) {
	h, b, n := newHub(t), newBook(t), &numbers{}
	r := newReader()
	join(t, h, b, b.last(), n.format("a"), r)
	for i := range 3 {
		b.write(crdt.Live, 1)
		r.await(t, "caught", func() bool { return r.caught == b.last() })
		if r.turns != i+1 {
			t.Errorf("%d batches for %d events", r.turns, i+1)
		}
	}
}

// What is too much for one turn is told to be complete after the last.
func TestCaughtAfterSeveralTurns(t *testing.T) {
	h, b, n := newHub(t), newBook(t), &numbers{}
	r := newReader()
	join(t, h, b, b.last(), n.format("a"), r)
	b.write(crdt.Live, 600)
	r.await(t, "caught", func() bool { return r.caught > 0 })
	if len(r.got) != 600 || r.early != 600 || r.caught != b.last() {
		t.Errorf("caught %d after %d of %d events", r.caught, r.early, len(r.got))
	}
}

// A format that cannot be encoded loses its readers, who are told; others go on.
func TestFormatFails(t *testing.T) {
	h, b, good, bad := newHub(t), newBook(t), &numbers{}, &numbers{fail: true}
	a, c := newReader(), newReader()
	from := b.last()
	join(t, h, b, from, good.format("good"), a)
	join(t, h, b, from, bad.format("bad"), c)
	b.write(crdt.Live, 1)
	a.await(t, "the event", func() bool { return len(a.got) == 1 })
	c.await(t, "to be let go", func() bool { return c.left })
}

// Streams end with their last reader, and a closed hub takes none.
func TestEnds(t *testing.T) {
	h, b, n := newHub(t), newBook(t), &numbers{}
	for i := range 20 {
		r := newReader()
		sub := join(t, h, b, b.last(), n.format(fmt.Sprint(i%2)), r)
		b.write(crdt.Live, 1)
		r.await(t, "the event", func() bool { return len(r.got) == 1 })
		sub.Leave()
		sub.Leave()
	}
	h.Close()
	if _, _, err := h.Join(b.log, b.last(), n.format("a"), newReader()); !errors.Is(err, fanout.ErrClosed) {
		t.Error(err)
	}
}
