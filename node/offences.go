package node

import (
	"errors"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
)

var errOffended = errors.New("sent what nobody may send")

// offend notes that a peer sent what an honest one cannot have sent. It is the
// device that counts, not its address or peer ID: past its budget the link ends,
// and its proofs are not taken for a while.
func (w *network) offend(id peer.ID, log crdt.LogID, cost float64) {
	now, who := time.Now(), w.deliverer(id, log)
	was := w.offences.left(now, who)
	w.offences.spend(now, who, cost)
	if !was || w.offences.left(now, who) {
		return
	}
	w.offences.spend(now, who, banned.Seconds()*offending.rate)
	w.log.Warn("peer sent away", "peer", id, "match", log.Short(), "why", errOffended)
	w.spawn(func() {
		w.post(w.ctx, offended{id, log})
		w.hangUp(w.ctx, id, errOffended)
	})
}

// offended leaves a peer alone that was sent away.
func (w *network) offended(now time.Time, in offended) {
	w.book.refused(in.id, "was sent away: it "+errOffended.Error())
	w.book.stranger(now, in.id, errOffended)
}

// isOffence reports whether an error is the fault of who delivered the event.
func isOffence(err error) bool {
	for _, fault := range []error{crdt.ErrMalformed, crdt.ErrTooLarge, crdt.ErrSignature, crdt.ErrForbidden, crdt.ErrWrongLog} {
		if errors.Is(err, fault) {
			return true
		}
	}
	return false
}
