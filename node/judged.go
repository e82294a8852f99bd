package node

import (
	"context"

	"touchline.dev/touchline/crdt"
)

// maxBatch is how many events are committed together at most.
const maxBatch = 256

type incoming struct {
	log      *logExchange
	envelope []byte
}

// judged are events of one log that are judged while those before them are committed.
type judged struct {
	log   *logExchange
	offer *crdt.Offer
}

// take begins to judge events when there are many, and commits those judged before.
func (x *exchange) take(ctx context.Context, in incoming) error {
	if x.got = append(x.got, in); len(x.got) < maxBatch {
		return nil
	}
	x.judge()
	for len(x.judged) > 1 {
		if err := x.commitFirst(ctx); err != nil {
			return err
		}
	}
	return nil
}

// commit makes durable what has been read.
func (x *exchange) commit(ctx context.Context) error {
	x.judge()
	for len(x.judged) > 0 {
		if err := x.commitFirst(ctx); err != nil {
			return err
		}
	}
	return nil
}

// judge begins to judge what has been read.
func (x *exchange) judge() {
	byLog := map[*logExchange][][]byte{}
	for _, in := range x.got {
		byLog[in.log] = append(byLog[in.log], in.envelope)
	}
	x.got = nil
	for l, envelopes := range byLog {
		x.judged = append(x.judged, judged{l, l.offer(envelopes)})
	}
}

func (x *exchange) commitFirst(ctx context.Context) error {
	first := x.judged[0]
	x.judged = x.judged[1:]
	return first.log.admit(ctx, first.offer)
}

// abandon ends what is still being judged.
func (x *exchange) abandon() {
	for _, j := range x.judged {
		j.offer.Abandon()
	}
}
