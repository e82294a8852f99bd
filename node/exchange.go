package node

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"golang.org/x/sync/errgroup"

	"touchline.dev/touchline/crdt"
)

// syncProtocol is one exchange: a stream on which two nodes make all the logs
// they share equal, both ways at once, and prove it.
const syncProtocol protocol.ID = "/touchline/sync/1"

// exchangeReport says what an exchange did.
type exchangeReport struct {
	Logs              []logReport // of the logs that both follow
	BytesIn, BytesOut int
	Err               string
}

// logReport is the part about one log.
type logReport struct {
	Log       crdt.LogID
	Equal     bool
	Sent, Got int
}

func (e exchangeReport) moved() bool {
	for _, l := range e.Logs {
		if l.Sent+l.Got > 0 {
			return true
		}
	}
	return false
}

// Equal reports whether all common logs were proved equal.
func (e exchangeReport) Equal() bool {
	for _, l := range e.Logs {
		if !l.Equal {
			return false
		}
	}
	return true
}

// exchange is one side of a running exchange. The reader owns everything
// except the outbox, which has its own lock.
type exchange struct {
	w         *network
	peer      peer.ID
	initiator bool
	store     crdt.StoreID // the peer's
	tags      tagger
	out       *outbox
	report    exchangeReport
	logs      map[uint64]*logExchange // common logs by the initiator's index
	mine      []*replica              // what the initiator offered, by index
	got       []incoming              // read, not yet committed
	agreed    bool                    // the initiator has seen the reply
}

type incoming struct {
	log      *logExchange
	envelope []byte
}

// beginExchange runs an exchange that the plan asked for.
func (w *network) beginExchange(ctx context.Context, nx next) {
	w.spawn(func() {
		rep, err := w.exchange(ctx, nx.id, nx.why)
		w.post(w.ctx, synced{nx.id, rep, err})
	})
}

// exchange makes common logs equal with one peer and reports what it did.
func (w *network) exchange(ctx context.Context, id peer.ID, why reason) (exchangeReport, error) {
	ctx, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	s, err := w.host.NewStream(ctx, id, syncProtocol)
	if err != nil {
		w.node.counters.syncsFailed.Add(1)
		return exchangeReport{}, fmt.Errorf("reconcile with %s: %w", id, err)
	}
	x := &exchange{w: w, peer: id, initiator: true, out: newOutbox(), logs: map[uint64]*logExchange{}}
	err = x.run(ctx, s)
	w.log.Debug("reconciled", "peer", id, "why", why, "logs", len(x.report.Logs), "equal", x.report.Equal(),
		"in", x.report.BytesIn, "out", x.report.BytesOut, "err", err)
	return x.report, err
}

// serveExchange answers an exchange that a peer began.
func (w *network) serveExchange(ctx context.Context, s libnet.Stream) {
	ctx, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	x := &exchange{w: w, peer: s.Conn().RemotePeer(), out: newOutbox(), logs: map[uint64]*logExchange{}}
	if err := x.run(ctx, s); err == nil {
		w.post(w.ctx, servedSync{x.peer, x.report})
	}
}

// run carries an exchange to its end: a reader that decides, and a writer.
func (x *exchange) run(ctx context.Context, s libnet.Stream) (err error) {
	defer func() {
		c := &x.w.node.counters
		c.syncs.Add(1)
		c.syncBytesIn.Add(int64(x.report.BytesIn))
		c.syncBytesOut.Add(int64(x.report.BytesOut))
		if err != nil {
			c.syncsFailed.Add(1)
		}
		s.Reset()
	}()
	g, ctx := errgroup.WithContext(ctx)
	stop := context.AfterFunc(ctx, func() { s.Reset() })
	defer stop()
	g.Go(func() error { return x.write(ctx, s) })
	g.Go(func() error {
		defer x.out.close()
		return x.read(ctx, bufio.NewReaderSize(s, 32<<10))
	})
	if err := g.Wait(); err != nil {
		return fmt.Errorf("reconcile with %s: %w", x.peer, err)
	}
	for _, l := range x.logs {
		x.report.Logs = append(x.report.Logs, l.report)
	}
	return nil
}

// write empties the outbox until it is closed, reading bodies as they go out.
func (x *exchange) write(ctx context.Context, s libnet.Stream) error {
	w := bufio.NewWriterSize(s, 16<<10)
	for {
		b, item, ok, done := x.out.next()
		if !ok {
			if err := w.Flush(); err != nil {
				return err
			}
			if done {
				return s.CloseWrite()
			}
			select {
			case <-x.out.wake:
				continue
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		if b == nil {
			b = encodeBody(item)
		}
		n, err := w.Write(b)
		x.report.BytesOut += n
		if err != nil {
			return err
		}
	}
}

func encodeBody(b body) []byte {
	index := binary.AppendUvarint(nil, uint64(b.index))
	e, err := b.log.Event(b.hash)
	if err != nil { // erased, or damaged here: whoever else has it will send it
		return appendFrame(nil, frameGone, index, b.hash[:])
	}
	return appendFrame(nil, frameEvent, index, e.Envelope())
}

// read steps through the peer's frames until it has nothing more to say.
func (x *exchange) read(ctx context.Context, r *bufio.Reader) error {
	nonce := newNonce()
	if x.initiator {
		x.tags.initiator = nonce
	} else {
		x.tags.responder = nonce
	}
	id := x.w.node.store.ID()
	x.out.send(frameGreeting, nonce[:], id[:])
	for !x.complete() {
		f, n, err := readFrame(r)
		x.report.BytesIn += n
		if errors.Is(err, io.EOF) && !x.initiator {
			break // the initiator is through
		}
		if err != nil {
			return err
		}
		if err := x.step(ctx, f); err != nil {
			return err
		}
		if r.Buffered() == 0 || len(x.got) >= maxBatch {
			if err := x.commit(ctx); err != nil {
				return err
			}
		}
	}
	return x.commit(ctx)
}

// maxBatch is how many events are committed together at most.
const maxBatch = 256

// complete reports whether the initiator has all proofs.
func (x *exchange) complete() bool {
	if !x.initiator || !x.agreed {
		return false
	}
	for _, l := range x.logs {
		if l.session != nil && !(l.proofSent && l.proofGot) {
			return false
		}
	}
	return true
}

func (x *exchange) step(ctx context.Context, f frame) error {
	switch f.kind {
	case frameGreeting:
		return x.greeted(f.body)
	case frameTags:
		return x.answerTags(f.body)
	case frameTagsReply:
		return x.openLogs(f.body)
	}
	index, n := binary.Uvarint(f.body)
	if n <= 0 {
		return fmt.Errorf("%w: frame without a log", crdt.ErrMalformed)
	}
	l := x.logs[index]
	if l == nil {
		return fmt.Errorf("%w: frame for a log that is not shared", crdt.ErrMalformed)
	}
	rest := f.body[n:]
	switch f.kind {
	case frameRecon:
		return l.recon(rest)
	case frameEvent:
		x.got = append(x.got, incoming{l, rest})
		return nil
	case frameGone:
		return nil // counts as delivered (rule R12)
	case frameFin:
		if err := x.commit(ctx); err != nil {
			return err
		}
		l.finGot = true
		return l.proveWhenThrough()
	case frameProof:
		return l.proof(rest)
	}
	return fmt.Errorf("%w: frame of unknown type %d", crdt.ErrMalformed, f.kind)
}

// commit makes durable what has been read.
func (x *exchange) commit(ctx context.Context) error {
	byLog := map[*logExchange][][]byte{}
	for _, in := range x.got {
		byLog[in.log] = append(byLog[in.log], in.envelope)
	}
	x.got = nil
	for l, envelopes := range byLog {
		if err := l.admit(ctx, envelopes); err != nil {
			return err
		}
	}
	return nil
}

func (x *exchange) greeted(b []byte) error {
	if len(b) != nonceSize+len(x.store) || len(x.mine) > 0 || x.agreed {
		return fmt.Errorf("%w: greeting", crdt.ErrMalformed)
	}
	x.store = crdt.StoreID(b[nonceSize:])
	if !x.initiator {
		x.tags.initiator = [nonceSize]byte(b)
		return nil
	}
	x.tags.responder = [nonceSize]byte(b)
	x.mine = x.w.node.allReplicas()
	var tags []byte
	for _, r := range x.mine {
		sums, counts, _, err := r.sums()
		if err != nil {
			return err
		}
		name, state := x.tags.name(r), x.tags.state(r, true, sums, counts)
		tags = append(append(tags, name[:]...), state[:]...)
	}
	x.out.send(frameTags, tags)
	return nil
}

// answerTags tells the initiator which of its logs we share, and which differ.
func (x *exchange) answerTags(b []byte) error {
	if x.initiator || len(b)%(2*tagSize) != 0 || x.agreed {
		return fmt.Errorf("%w: tags", crdt.ErrMalformed)
	}
	x.agreed = true
	byName := map[[tagSize]byte]*replica{}
	for _, r := range x.w.node.allReplicas() {
		byName[x.tags.name(r)] = r
	}
	var reply []byte
	for i := 0; i < len(b); i += 2 * tagSize {
		r := byName[[tagSize]byte(b[i:])]
		if r == nil {
			continue
		}
		index := uint64(i / (2 * tagSize))
		sums, counts, _, err := r.sums()
		if err != nil {
			return err
		}
		l := &logExchange{x: x, index: index, replica: r, report: logReport{Log: r.log.ID()}}
		x.logs[index] = l
		flag := byte(0)
		if x.tags.state(r, true, sums, counts) == [tagSize]byte(b[i+tagSize:]) {
			flag = 1
			l.equal(combined(sums))
		}
		state := x.tags.state(r, false, sums, counts)
		reply = append(append(binary.AppendUvarint(reply, index), flag), state[:]...)
	}
	x.out.send(frameTagsReply, reply)
	return nil
}

// openLogs begins a session for each common log that is not proved equal.
func (x *exchange) openLogs(b []byte) error {
	if !x.initiator || x.agreed {
		return fmt.Errorf("%w: reply to tags", crdt.ErrMalformed)
	}
	x.agreed = true
	for len(b) > 0 {
		index, n := binary.Uvarint(b)
		if n <= 0 || index >= uint64(len(x.mine)) || len(b) < n+1+tagSize || x.logs[index] != nil {
			return fmt.Errorf("%w: reply to tags", crdt.ErrMalformed)
		}
		flag, state := b[n], [tagSize]byte(b[n+1:])
		b = b[n+1+tagSize:]
		r := x.mine[index]
		l := &logExchange{x: x, index: index, replica: r, report: logReport{Log: r.log.ID()}}
		x.logs[index] = l
		sums, counts, _, err := r.sums()
		if err != nil {
			return err
		}
		if flag == 1 && state == x.tags.state(r, false, sums, counts) {
			l.equal(combined(sums))
			continue
		}
		if err := l.begin(); err != nil {
			return err
		}
	}
	return nil
}
