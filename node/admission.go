package node

import (
	"context"
	"errors"
	"strings"
	"time"

	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

var (
	errReannounce = errors.New("a new match is shared: topics are announced once a connection")
	errEnded      = errors.New("right ended")
)

// followPause lets several logs that are joined in a row make one round of meetings.
const followPause = 200 * time.Millisecond

// met takes note of what a meeting proved. Without a shared log the link ends
// and the peer is left alone for a while.
func (w *network) met(ctx context.Context, now time.Time, in met) {
	switch link := w.links[in.id]; {
	case in.err != nil:
		w.log.Debug("no membership proof", "peer", in.id, "err", in.err)
		if !w.doors.proven(in.id) && w.connected(in.id) {
			w.book.failedToProve(now, in.id, in.err)
			w.spawn(func() { w.hangUp(ctx, in.id, in.err) })
		}
	case len(in.shared) == 0 && w.connected(in.id):
		w.book.stranger(now, in.id, errStranger)
		w.spawn(func() { w.hangUp(ctx, in.id, errStranger) })
	case len(in.shared) == 0:
	case link == nil: // its link is up in a moment, or gone already
	case !link.proven:
		w.enter(ctx, now, in.id, link)
	case in.began && len(in.fresh) > 0:
		w.book.again(now, in.id)
		w.spawn(func() { w.hangUp(w.ctx, in.id, errReannounce) })
	}
	if why := refusals(in.refused); why != "" {
		w.book.refused(in.id, why)
		w.log.Info("membership refused", "peer", in.id, "why", why)
	}
}

func (w *network) connected(id peer.ID) bool {
	return w.host.Network().Connectedness(id) == libnet.Connected
}

// enter begins what members do on a link.
func (w *network) enter(ctx context.Context, now time.Time, id peer.ID, link *linkState) {
	link.proven = true
	if link.inbound {
		w.gate.members.Add(1)
	}
	w.book.member(id)
	w.plan.connected(now, id, w.host.ID() > id)
	w.spawn(func() { w.sendBeats(link.ctx, id, link.answers) })
	w.spawn(func() { w.keepContact(link.ctx, id) })
}

// expectProof ends a link on which nothing is proven in time.
func (w *network) expectProof(ctx context.Context, id peer.ID) {
	wait, cancel := context.WithTimeout(ctx, proofTimeout)
	defer cancel()
	if w.doors.await(wait, id) != nil && ctx.Err() == nil {
		w.post(ctx, met{id: id, err: errStranger})
	}
}

// announceMembership tells the network that something new is followed here.
func (w *network) announceMembership(m *access.Member) {
	w.spawn(func() { w.post(w.ctx, followed{invited(m)}) })
}

// followed makes new friends of old strangers: every link meets again, and
// whoever is known is dialled again.
func (w *network) followed(ctx context.Context, now time.Time, in followed) {
	for _, info := range in.addrs {
		w.book.found(now, info, fromInvite)
	}
	w.book.joined(now)
	if w.meetAgain {
		return
	}
	w.meetAgain = true
	w.spawn(func() {
		select {
		case <-time.After(followPause):
			w.post(ctx, regather{})
		case <-ctx.Done():
		}
	})
}

// regather meets every connected peer again.
func (w *network) regather(ctx context.Context) {
	w.meetAgain = false
	for id, link := range w.links {
		if link.proven {
			w.greet(ctx, id)
		}
	}
}

// recheck looks, after a change of a log's control set, at the rights that
// connected peers proved for it, and hangs up on those whose right has ended:
// gossip takes back a topic from nobody, and the next connection begins with a
// meeting.
func (w *network) recheck(r *replica) {
	log := r.membership().Log
	for id, grant := range w.doors.members(log) {
		right, ok := r.control.Right(grant)
		if !ok {
			continue // kept on a full disk: known from its proof only
		}
		if err := right.Err(); err != nil {
			w.doors.drop(id, log)
			w.hangUp(w.ctx, id, err) // before anything else is published
			w.spawn(func() { w.post(w.ctx, cut{id, log, err}) })
		}
	}
}

// endRight decides when to dial a peer again whose right has ended.
func (w *network) endRight(now time.Time, in cut) {
	w.log.Info("right ended", "peer", in.id, "match", in.log.Short(), "why", in.why)
	w.book.refused(in.id, refusal{log: in.log, ruling: rulingEnded}.String())
	if w.doors.proven(in.id) {
		w.book.again(now, in.id)
	} else {
		w.book.stranger(now, in.id, errEnded)
	}
}

func refusals(list []refusal) string {
	var parts []string
	for _, r := range list {
		parts = append(parts, r.String())
	}
	return strings.Join(parts, "; ")
}

// onTopic reports whether a peer has proved to be a member of a topic's log.
func (w *network) onTopic(id peer.ID, topic string) bool {
	return w.doors.onTopic(id, topic)
}

// deliverer names who brought events of a log: the device that proved to be a
// member, whatever its address.
func (w *network) deliverer(id peer.ID, log crdt.LogID) string {
	return w.doors.grant(id, log).String()
}
