package node

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"touchline.dev/touchline/crdt"
)

// logExchange is the part of an exchange about one log.
type logExchange struct {
	x       *exchange
	index   uint64
	replica *replica
	session *session // nil while the log needs none
	report  logReport

	finSent, finGot     bool
	proofSent, proofGot bool
	claimed             [crdt.NumSets]crdt.Hash // sums when our proof was sent
	claimedCounts       [crdt.NumSets]uint64
}

// begin starts the session; the initiator speaks first.
func (l *logExchange) begin() error {
	l.session = newSession(l)
	return l.obey(l.session.start())
}

// recon steps the session, which the responder begins with the first message.
func (l *logExchange) recon(msg []byte) error {
	if l.session == nil {
		if l.x.initiator {
			return fmt.Errorf("%w: reconciliation of a log that is equal", crdt.ErrMalformed)
		}
		l.session = newSession(l)
	}
	out, err := l.session.step(msg)
	if err != nil {
		return err
	}
	return l.obey(out)
}

// obey carries out what the session asks for.
func (l *logExchange) obey(out output) error {
	index := binary.AppendUvarint(nil, l.index)
	for _, m := range out.replies {
		l.x.out.send(frameRecon, index, m)
	}
	bodies := make([]body, len(out.send))
	for i, h := range out.send {
		bodies[i] = body{int(l.index), l.replica.log, h}
	}
	l.report.Sent += len(bodies)
	l.x.w.node.counters.syncEventsOut.Add(int64(len(bodies)))
	l.x.out.sendBodies(bodies)
	if out.done && !l.finSent {
		l.finSent = true
		l.x.out.sendLast(frameFin, index)
		return l.proveWhenThrough()
	}
	return nil
}

// admit commits events that the peer sent. What waits for a grant is no
// failure; a store that refuses writes ends the exchange, and so does a peer
// that sends what nobody may send.
func (l *logExchange) admit(ctx context.Context, envelopes [][]byte) error {
	for _, o := range l.replica.log.Admit(ctx, l.x.peer.String(), envelopes...) {
		switch {
		case o.Err == nil:
			if o.Added.New {
				l.report.Got++
				l.x.w.node.counters.syncEventsIn.Add(1)
			}
		case errors.Is(o.Err, crdt.ErrNoGrant), errors.Is(o.Err, crdt.ErrBusy), errors.Is(o.Err, crdt.ErrGone):
		default:
			l.x.w.node.counters.refused.Add(1)
			return fmt.Errorf("event from peer: %w", o.Err)
		}
	}
	return nil
}

// proveWhenThrough sends our proof once everything has gone both ways.
func (l *logExchange) proveWhenThrough() error {
	if !l.finSent || !l.finGot || l.proofSent {
		return nil
	}
	sums, counts, _, err := l.replica.sums()
	if err != nil {
		return err
	}
	l.proofSent, l.claimed, l.claimedCounts = true, sums, counts
	tag := l.x.tags.state(l.replica, l.x.initiator, sums, counts)
	l.x.out.send(frameProof, binary.AppendUvarint(nil, l.index), tag[:])
	return nil
}

// proof compares the peer's proof with what we hold now, and with what we held
// when we sent ours, since live events go on coming.
func (l *logExchange) proof(tag []byte) error {
	if len(tag) != tagSize || !l.proofSent {
		return fmt.Errorf("%w: proof", crdt.ErrMalformed)
	}
	l.proofGot = true
	sums, counts, _, err := l.replica.sums()
	if err != nil {
		return err
	}
	theirs := [tagSize]byte(tag)
	byInitiator := !l.x.initiator
	switch theirs {
	case l.x.tags.state(l.replica, byInitiator, sums, counts):
		l.equal(combined(sums))
	case l.x.tags.state(l.replica, byInitiator, l.claimed, l.claimedCounts):
		l.equal(combined(l.claimed))
	}
	return nil
}

// equal notes a proof that the peer holds what we hold.
func (l *logExchange) equal(digest crdt.Hash) {
	l.report.Equal = true
	l.replica.proved(l.x.peer.String(), digest, time.Now())
}
