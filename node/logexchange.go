package node

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// maxBusy is how many events an exchange passes over, for the sake of others
// behind them, before it ends.
const maxBusy = 1_000

// busyPause is how long it leaves the peer alone then.
const busyPause = 5 * time.Second

// logExchange is the part of an exchange about one log whose sets differ.
type logExchange struct {
	x       *exchange
	index   uint64
	replica *replica
	session *recon.Session // nil until it begins
	report  logReport
	gones   int // items that the peer offered and could not send
	busy    int // events passed over because too many of their author came

	finSent, finGot     bool
	proofSent, proofGot bool
	claimed             recon.Digests // what our proof was made of
	claimedAt           crdt.Arrival
}

// begin starts the session; the initiator speaks first.
func (l *logExchange) begin() error {
	digests, snapshots, sync, err := l.replica.moment(l.x.peer, l.x.theirStore)
	if err != nil {
		return err
	}
	role, initiator, responder := recon.Responder, l.x.theirNonce, l.x.ourNonce
	if l.x.initiator {
		role, initiator, responder = recon.Initiator, l.x.ourNonce, l.x.theirNonce
	}
	level := recon.LevelAuto
	if l.replica.isSuspect(l.x.peer.String()) {
		level = recon.LevelFull
	}
	l.session = recon.New(recon.Config{
		Role:      role,
		Key:       recon.NewSessionKey(l.replica.secrets.topic, initiator, responder),
		Snapshots: snapshots,
		Digests:   digests,
		Level:     level,
		Sync:      sync,
		Elements: func(set crdt.Set, from crdt.Element, yield func(crdt.Element) bool) error {
			return l.x.w.node.store.Elements(l.replica.log.ID(), set, from, yield)
		},
	})
	out, err := l.session.Start()
	if err != nil {
		return err
	}
	return l.obey(out)
}

// recon steps the session, which the responder begins with the first message.
func (l *logExchange) recon(msg []byte) error {
	if l.session == nil {
		if err := l.begin(); err != nil {
			return err
		}
	}
	out, err := l.session.Step(msg)
	if err != nil {
		return err
	}
	return l.obey(out)
}

// obey carries out what the session asks for.
func (l *logExchange) obey(out recon.Output) error {
	index := binary.AppendUvarint(nil, l.index)
	for _, m := range out.Reply {
		l.x.out.send(frameRecon, index, m)
	}
	l.report.Sent += len(out.Send)
	l.noteGiven(out.Send)
	l.x.w.node.counters.syncEventsOut.Add(int64(len(out.Send)))
	l.x.out.sendBodies(l, out.Send)
	if out.Done && !l.finSent {
		l.finSent = true
		l.x.out.sendLast(frameFin, index)
		return l.proveWhenThrough()
	}
	return nil
}

// maxGiven bounds what is remembered of what was sent in one exchange.
const maxGiven = 1000

func (l *logExchange) noteGiven(items []recon.Item) {
	room := max(0, maxGiven-len(l.report.Gave))
	l.report.Gave = append(l.report.Gave, items[:min(room, len(items))]...)
}

// encode returns the frames for items: usually one event each. What is erased, or
// damaged here, is said to be gone; whoever else has it will send it. left are those
// that are too much for now.
func (l *logExchange) encode(items []body) (frames [][]byte, left []body) {
	names := make([]crdt.Name, len(items))
	for i := range items {
		it := &items[i].item
		names[i] = crdt.Name{Set: it.Set, Time: it.Name.Time, Prefix: it.Name.Prefix[:]}
	}
	found, err := l.x.w.node.store.Envelopes(l.replica.log.ID(), bytesAtOnce, names...)
	if err != nil {
		found = make([]crdt.Found, len(items)) // nothing of this log can be read
	}
	index := binary.AppendUvarint(nil, l.index)
	for i, f := range found {
		if f.Left {
			left = append(left, items[i])
			continue
		}
		for _, b := range f.Envelopes {
			frames = append(frames, appendFrame(nil, frameEvent, index, b))
		}
		if f.Err != nil || len(f.Envelopes) == 0 {
			it := &items[i].item
			at := binary.BigEndian.AppendUint64([]byte{byte(it.Set)}, uint64(it.Name.Time))
			frames = append(frames, appendFrame(nil, frameGone, index, at, it.Name.Prefix[:]))
		}
	}
	return frames, left
}

// gone notes that the peer cannot send an item: it counts as delivered (R12).
func (l *logExchange) gone(b []byte) error {
	if len(b) != 1+8+recon.PrefixSize || b[0] >= crdt.NumSets || l.session == nil {
		return fmt.Errorf("%w: gone", crdt.ErrMalformed)
	}
	l.gones++
	l.session.Got(recon.Item{Set: crdt.Set(b[0]), Name: recon.Name{
		Time: crdt.Time(binary.BigEndian.Uint64(b[1:])), Prefix: [recon.PrefixSize]byte(b[9:]),
	}})
	return nil
}

// state notes that the initiator is not on the topic of a log that we named,
// or has given it up.
func (l *logExchange) state(b []byte) error {
	if len(b) != 1 || l.x.initiator || b[0] != logResting && b[0] != logRetired {
		return fmt.Errorf("%w: state of a log", crdt.ErrMalformed)
	}
	l.report.Resting, l.report.Retired = b[0] == logResting, b[0] == logRetired
	if l.report.Retired {
		l.x.w.noteRetired(l.replica, l.x.peer)
	}
	return nil
}

// offer begins to judge events that the peer sent.
func (l *logExchange) offer(envelopes [][]byte) *crdt.Offer {
	gate, from := intake{l.replica, l.x.w.node.bulk}, l.x.w.deliverer(l.x.peer, l.replica.log.ID())
	return l.replica.log.Offer(gate, from, envelopes...)
}

// admit commits events that the peer sent. What waits for a grant is no
// failure, nor that too many do, and what is erased here counts as delivered (rule R12); a store that
// refuses writes ends the exchange, and so does a peer that sends what nobody
// may send.
func (l *logExchange) admit(ctx context.Context, events *crdt.Offer) error {
	before := l.report.Got
	defer func() {
		if l.report.Got > before {
			l.x.w.node.wake(ctx, l.replica)
		}
	}()
	for _, o := range events.Admit(ctx) {
		switch {
		case o.Err == nil, errors.Is(o.Err, crdt.ErrGone):
			if o.Added.New {
				l.report.Got++
				l.x.w.node.counters.syncEventsIn.Add(1)
			}
			if l.session != nil {
				l.session.Got(recon.Item{Set: o.Event.Set, Name: recon.NameOf(o.Event.Element())})
			}
		case errors.Is(o.Err, crdt.ErrCrowded):
			// Their grant may come behind them; the next exchange brings them again.
		case errors.Is(o.Err, crdt.ErrBusy):
			if l.busy++; l.busy > maxBusy {
				return busyError{busyPause}
			}
		case errors.Is(o.Err, crdt.ErrNoGrant):
		default:
			l.x.w.node.counters.refused.Add(1)
			if isOffence(o.Err) {
				l.x.w.offend(l.x.peer, l.replica.log.ID(), 5)
			}
			return fmt.Errorf("event from peer: %w", o.Err)
		}
	}
	return nil
}

// proveWhenThrough sends our proof once everything has gone both ways.
func (l *logExchange) proveWhenThrough() (err error) {
	if !l.finSent || !l.finGot || l.proofSent {
		return nil
	}
	if l.claimed, l.claimedAt, err = l.replica.sums(); err != nil {
		return err
	}
	l.proofSent = true
	tag := recon.NewTag(l.replica.secrets.tags, l.x.theirNonce, l.x.selfID(), l.claimed)
	at := binary.BigEndian.AppendUint64(nil, uint64(l.claimedAt))
	// Behind the bodies and our fin: it is about what the peer has by then.
	l.x.out.sendLast(frameProof, binary.AppendUvarint(nil, l.index), tag[:], at)
	return nil
}

// proof compares the peer's proof with what we held when we sent ours, which
// makes a sync point, and with what we hold now, since live events go on coming.
func (l *logExchange) proof(ctx context.Context, b []byte) error {
	if len(b) != tagSize+8 || !l.proofSent || l.proofGot {
		return fmt.Errorf("%w: proof", crdt.ErrMalformed)
	}
	l.proofGot = true
	now, _, err := l.replica.sums()
	if err != nil {
		return err
	}
	theirs, id := recon.Tag(b), []byte(l.x.peer)
	switch theirs {
	case recon.NewTag(l.replica.secrets.tags, l.x.ourNonce, id, l.claimed):
		l.equal(l.claimed)
		l.replica.keepSyncPoint(ctx, l.x.peer, l.x.theirStore, l.claimedAt, crdt.Arrival(binary.BigEndian.Uint64(b[tagSize:])))
	case recon.NewTag(l.replica.secrets.tags, l.x.ourNonce, id, now):
		l.equal(now)
	default:
		// Live events may be the reason; if nothing moved, something lied.
		l.replica.suspect(l.x.peer.String(), l.report.Sent+l.report.Got == 0)
	}
	return nil
}

// equal notes a proof that the peer holds what we hold.
func (l *logExchange) equal(d recon.Digests) {
	l.report.Equal = true
	l.x.w.proved(l.replica, l.x.peer, combined(d), time.Now())
}
