package node

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"golang.org/x/sync/errgroup"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// syncProtocol is one exchange: a stream on which two nodes make all the logs
// they share equal, both ways at once, and prove it.
const syncProtocol protocol.ID = "/touchline/sync/1"

// exchange is one side of a running exchange. The reader owns everything
// except the outbox, which has its own lock.
type exchange struct {
	w                    *network
	peer                 peer.ID
	initiator            bool
	ourNonce, theirNonce recon.Nonce
	theirStore           crdt.StoreID
	greeted              bool
	offered              []*replica // the initiator's logs in the order of its tags
	proofs               []recon.Proof
	digests              []recon.Digests
	agreed               bool       // tags and their answer have been exchanged
	named                bool       // names have been exchanged
	wanted               []*replica // the initiator's question about logs at rest, until it is answered
	names                int        // how many logs the responder named
	asked                bool       // the initiator has asked for logs at rest
	logs                 map[uint64]*logExchange
	in                   *receiver
	got                  []incoming // read, not yet judged
	judged               []judged   // being judged, not yet committed
	out                  *outbox
	report               exchangeReport
}

func newExchange(w *network, id peer.ID, initiator bool) *exchange {
	x := &exchange{w: w, peer: id, initiator: initiator, in: newReceiver(), out: newOutbox(), logs: map[uint64]*logExchange{}}
	rand.Read(x.ourNonce[:])
	return x
}

func (x *exchange) selfID() []byte { return []byte(x.w.host.ID()) }

// run carries an exchange to its end: a receiver that reads ahead, a reader that
// decides, and a writer.
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
		for _, l := range x.logs {
			x.w.node.letRest(l.replica)
		}
	}()
	defer context.AfterFunc(ctx, func() { s.Reset() })()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return resetIfFailed(s, x.write(ctx, s)) })
	// The initiator leaves when the responder has closed, which has read our last
	// proof then: a reset would overtake it.
	g.Go(func() error { x.in.run(ctx, s); return nil })
	g.Go(func() error { x.sayAlive(ctx); return nil })
	g.Go(func() error {
		defer close(x.in.over)
		defer x.in.waits() // for the end of the stream
		defer x.out.close()
		return resetIfFailed(s, x.read(ctx))
	})
	if err := g.Wait(); err != nil {
		return fmt.Errorf("reconcile with %s: %w", x.peer, err)
	}
	s.Close()
	for _, l := range x.logs {
		if l.session != nil || l.report.Retired {
			x.report.Logs = append(x.report.Logs, l.report)
		}
	}
	return nil
}

// resetIfFailed lets neither the peer nor the other half wait for a half that failed.
func resetIfFailed(s libnet.Stream, err error) error {
	if err != nil {
		s.Reset()
	}
	return err
}

// write empties the outbox until it is closed, reading bodies as they go out.
func (x *exchange) write(ctx context.Context, s libnet.Stream) error {
	w := bufio.NewWriterSize(s, 16<<10)
	for {
		b, bodies, done := x.out.next()
		switch {
		case len(bodies) > 0:
			frames, left := bodies[0].log.encode(bodies)
			x.out.putRead(bodies, frames, left)
			continue
		case b == nil:
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
		n, err := w.Write(b)
		x.report.BytesOut += n
		if err != nil {
			return err
		}
	}
}

// read steps through the peer's frames until it has nothing more to say.
func (x *exchange) read(ctx context.Context) error {
	defer x.abandon()
	id := x.w.node.storeName()
	greeting := recon.Greeting{Nonce: x.ourNonce}
	x.out.send(frameGreeting, greeting.Append(nil), id[:])
	for {
		d, err := x.next(ctx)
		if err != nil {
			return err
		}
		x.report.BytesIn += d.bytes
		for _, f := range d.frames {
			if err := x.step(ctx, f); err != nil {
				return err
			}
			if x.complete() {
				return x.commit(ctx)
			}
		}
		if errors.Is(d.err, io.EOF) && !x.initiator {
			return x.commit(ctx) // the initiator is through
		}
		if d.err != nil {
			return d.err
		}
	}
}

// next returns what the peer sent. Before it waits for that, it commits what came.
func (x *exchange) next(ctx context.Context) (d delivery, err error) {
	select {
	case d, ok := <-x.in.deliveries:
		if ok {
			return d, nil
		}
	default:
		if err := x.commit(ctx); err != nil {
			return d, err
		}
	}
	x.in.waits()
	defer x.in.works()
	select {
	case d, ok := <-x.in.deliveries:
		if ok {
			return d, nil
		}
	case <-ctx.Done():
	}
	return d, cmp.Or(context.Cause(ctx), io.ErrUnexpectedEOF)
}

// complete reports whether the initiator has all proofs.
func (x *exchange) complete() bool {
	if !x.initiator || !x.named || x.wanted != nil {
		return false
	}
	for _, l := range x.logs {
		if !l.proofGot && !l.report.Retired {
			return false
		}
	}
	return true
}

func (x *exchange) step(ctx context.Context, f frame) error {
	switch f.kind {
	case frameGreeting:
		return x.greet(f.body)
	case frameTags:
		return x.answerTags(f.body)
	case frameTagsReply:
		return x.takeReply(f.body)
	case frameNames:
		return x.openLogs(f.body)
	case frameWanted:
		return x.answerWanted(f.body)
	case frameAnswer:
		return x.takeAnswer(f.body)
	case frameBusy:
		return readBusy(f.body)
	case frameAlive:
		return nil
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
		return x.take(ctx, incoming{l, rest})
	case frameGone:
		return l.gone(rest)
	case frameState:
		return l.state(rest)
	case frameFin:
		if err := x.commit(ctx); err != nil {
			return err
		}
		l.finGot = true
		return l.proveWhenThrough()
	case frameProof:
		return l.proof(ctx, rest)
	}
	return fmt.Errorf("%w: frame of unknown type %d", crdt.ErrMalformed, f.kind)
}

// offer collects the logs that were proven on this link, with the proofs for
// both directions.
func (x *exchange) offer() error {
	x.offered = slices.DeleteFunc(x.w.node.liveReplicas(), func(r *replica) bool {
		return !x.w.doors.shares(x.peer, r.log.ID())
	})
	for _, r := range x.offered {
		d, _, err := r.sums()
		if err != nil {
			return err
		}
		x.digests = append(x.digests, d)
		x.proofs = append(x.proofs, recon.Proof{
			Mine:   recon.NewTag(r.secrets.tags, x.theirNonce, x.selfID(), d),
			Theirs: recon.NewTag(r.secrets.tags, x.ourNonce, []byte(x.peer), d),
		})
	}
	return nil
}

// greet takes the peer's nonce; the initiator answers with its tags.
func (x *exchange) greet(b []byte) error {
	if len(b) <= len(x.theirStore) || x.greeted {
		return fmt.Errorf("%w: greeting", crdt.ErrMalformed)
	}
	g, err := recon.ParseGreeting(b[:len(b)-len(x.theirStore)])
	if err != nil {
		return err
	}
	x.greeted, x.theirNonce, x.theirStore = true, g.Nonce, crdt.StoreID(b[len(b)-len(x.theirStore):])
	x.w.noteDurable(x.peer, x.theirStore)
	if err := x.offer(); err != nil || !x.initiator {
		return err
	}
	tags := make(recon.Tags, len(x.proofs))
	for i, p := range x.proofs {
		tags[i] = p.Mine
	}
	x.out.send(frameTags, tags.Append(nil))
	return nil
}

// answerTags tells the initiator which logs are equal, and names the others.
func (x *exchange) answerTags(b []byte) error {
	tags, err := recon.ParseTags(b)
	if err != nil || x.initiator || !x.greeted || x.agreed {
		return fmt.Errorf("%w: tags (%v)", crdt.ErrMalformed, err)
	}
	x.agreed, x.named = true, true
	reply, equal := recon.Answer(tags, x.proofs)
	x.out.send(frameTagsReply, reply.Append(nil))
	var names []byte
	others := x.allEqual(equal)
	x.names = len(others)
	for i, r := range others {
		name := r.secrets.logName(x.theirNonce, x.ourNonce)
		names = append(names, name[:]...)
		x.add(i, r)
	}
	if x.w.node.hasResting() {
		names = append(names, 1)
	}
	x.out.send(frameNames, names)
	return nil
}

// takeReply learns which of our tags the peer has proved equal.
func (x *exchange) takeReply(b []byte) error {
	reply, err := recon.ParseTagsReply(b)
	if err != nil || !x.initiator || !x.greeted || x.agreed {
		return fmt.Errorf("%w: reply to tags (%v)", crdt.ErrMalformed, err)
	}
	equal, err := reply.Check(x.proofs)
	if err != nil {
		return err
	}
	x.agreed, x.offered = true, x.allEqual(equal)
	return nil
}

// allEqual reports the offered logs with these indices equal and returns the
// others.
func (x *exchange) allEqual(equal []int) (others []*replica) {
	for i, r := range x.offered {
		if !slices.Contains(equal, i) {
			others = append(others, r)
			continue
		}
		x.w.proved(r, x.peer, combined(x.digests[i]), time.Now())
		x.report.Logs = append(x.report.Logs, logReport{Log: r.log.ID(), Equal: true})
	}
	return others
}

// add makes a place for the log with an index.
func (x *exchange) add(index int, r *replica) *logExchange {
	l := &logExchange{x: x, index: uint64(index), replica: r, report: logReport{Log: r.log.ID()}}
	x.logs[l.index] = l
	return l
}

// openLogs begins a session for each log that the peer named and we follow,
// then asks for those that it did not name, if it has some at rest.
func (x *exchange) openLogs(b []byte) error {
	more := len(b)%tagSize == 1 && b[len(b)-1] == 1
	if !x.initiator || !x.agreed || x.named || len(b)%tagSize != 0 && !more {
		return fmt.Errorf("%w: names", crdt.ErrMalformed)
	}
	x.named, x.names = true, len(b)/tagSize
	byName := map[logName]*replica{}
	for _, r := range x.offered {
		byName[r.secrets.logName(x.ourNonce, x.theirNonce)] = r
	}
	var rest *restingNames
	for i := range x.names {
		name := logName(b[i*tagSize:])
		if r := byName[name]; r != nil {
			delete(byName, name) // named twice, begun once
			if err := x.add(i, r).begin(); err != nil {
				return err
			}
			continue
		}
		if rest == nil {
			rest = x.restingNames()
		}
		if err := x.openResting(i, rest.take(name)); err != nil {
			return err
		}
	}
	if more && len(byName) > 0 {
		x.want(slices.Collect(maps.Values(byName)))
	}
	return nil
}
