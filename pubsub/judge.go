package pubsub

import (
	"context"
	"errors"
	"time"

	gossip "github.com/libp2p/go-libp2p-pubsub"
	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
)

// validate is the topic's validator. It runs in many goroutines.
func (t *Topic) validate(_ context.Context, from peer.ID, m *gossip.Message) gossip.ValidationResult {
	if from == t.router.host.ID() {
		return gossip.ValidationAccept // gossipsub fills it in: nobody else can claim to be us
	}
	c := t.router.tracer.counters
	if t.router.ctx.Err() != nil {
		c.ignored.add(IgnoreOther)
		return gossip.ValidationIgnore
	}
	if !t.router.member(from, t.name) {
		c.ignored.add(IgnoreMember)
		return gossip.ValidationIgnore
	}
	e, err := t.judge(m.GetData())
	result, reason := verdict(err)
	switch result {
	case gossip.ValidationAccept:
		m.ValidatorData = e
	case gossip.ValidationReject:
		c.rejected.add(reason)
		if t.cfg.Reject != nil {
			t.cfg.Reject(from)
		}
	case gossip.ValidationIgnore:
		if reason == DropRate {
			c.dropped.add(reason)
			t.router.tracer.floods.refused(time.Now(), from)
			return result // not reported: heartbeats will show the difference, when there may be room
		}
		c.ignored.add(reason)
		if reason == IgnoreNoGrant {
			t.wait(from, e)
		}
	}
	return result
}

// judge opens a message and judges what is in it.
func (t *Topic) judge(data []byte) (*crdt.Event, error) {
	if len(data) > crdt.MaxEvent+sealOverhead {
		return nil, crdt.ErrTooLarge
	}
	envelope, err := t.sealer.open(data)
	if err != nil {
		return nil, err
	}
	return t.cfg.Judge(envelope)
}

// verdict translates Judge's error. Reject is only for what an honest peer,
// who judges before it forwards, could not have forwarded.
func verdict(err error) (gossip.ValidationResult, string) {
	switch {
	case err == nil:
		return gossip.ValidationAccept, ""
	case errors.Is(err, crdt.ErrNoGrant):
		return gossip.ValidationIgnore, IgnoreNoGrant
	case errors.Is(err, crdt.ErrBusy):
		return gossip.ValidationIgnore, DropRate
	case errors.Is(err, crdt.ErrTooLarge):
		return gossip.ValidationReject, RejectTooLarge
	case errors.Is(err, crdt.ErrMalformed):
		return gossip.ValidationReject, RejectMalformed
	case errors.Is(err, crdt.ErrSignature):
		return gossip.ValidationReject, RejectSignature
	case errors.Is(err, crdt.ErrForbidden):
		return gossip.ValidationReject, RejectForbidden
	case errors.Is(err, crdt.ErrWrongLog):
		return gossip.ValidationReject, RejectWrongLog
	}
	return gossip.ValidationIgnore, IgnoreOther
}

// wait queues an event for Waiting. A validator must not block: when the queue
// is full, the event is dropped and reported like any other.
func (t *Topic) wait(from peer.ID, e *crdt.Event) {
	if t.cfg.Waiting == nil {
		return
	}
	select {
	case t.waiting <- received{from, e}:
	default:
		t.router.tracer.lost(t.name, DropWaiting)
	}
}
