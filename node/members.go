package node

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"time"

	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"golang.org/x/sync/errgroup"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/pubsub"
)

// memberProtocol is the first stream of every connection, opened by the side
// that dialled: both ends prove what they are members of.
const memberProtocol protocol.ID = "/touchline/member/1"

// proofTimeout bounds a meeting, and how long a connection may last without one.
const proofTimeout = 5 * time.Second

// greet begins a meeting on a link.
func (w *network) greet(ctx context.Context, id peer.ID) {
	w.spawn(func() {
		ctx, cancel := context.WithTimeout(ctx, proofTimeout)
		defer cancel()
		s, err := w.host.NewStream(libnet.WithNoDial(ctx, "a peer is connected"), id, memberProtocol)
		if err != nil {
			w.post(w.ctx, met{id: id, err: err})
			return
		}
		w.meet(ctx, s, true)
	})
}

// serveMeeting answers a meeting that a peer began.
func (w *network) serveMeeting(ctx context.Context, s libnet.Stream) {
	ctx, cancel := context.WithTimeout(ctx, proofTimeout)
	defer cancel()
	w.meet(ctx, s, false)
}

// meet carries a meeting to its end and opens the peer's door.
func (w *network) meet(ctx context.Context, s libnet.Stream, began bool) {
	id := s.Conn().RemotePeer()
	stop := context.AfterFunc(ctx, func() { s.Reset() })
	defer stop()
	m := newMeeting(string(w.host.ID()), string(id), w.node.meetingLogs())
	m.chain = w.node.chainEnvelopes
	m.judge = func(l *meetingLog, p *access.Proof, at *access.Meeting) memberVerdict {
		return w.node.judgeProof(ctx, id, l.member.Log, p, at)
	}
	if err := carry(s, m); err != nil {
		s.Reset()
		w.post(w.ctx, met{id: id, err: fmt.Errorf("membership proof: %w", err)})
		return
	}
	in := met{id: id, began: began, shared: m.shared()}
	in.refused = w.heedRefusals(ctx, m)
	in.fresh = w.doors.open(id, in.shared, topicsOf(m.logs, in.shared))
	for log := range in.shared { // a cut may have come meanwhile
		if r := w.node.replica(log); r != nil {
			w.recheck(r)
		}
	}
	s.Close() // not Reset: our last verdicts may be on their way
	w.post(w.ctx, in)
}

// carry moves frames between a stream and a meeting. It writes beside reading,
// so that two sides with much to say do not wait for each other.
func carry(s libnet.Stream, m *meeting) error {
	out := make(chan []byte, maxMeetingLogs+4) // more than a meeting ever has to say
	var g errgroup.Group
	g.Go(func() error {
		for b := range out {
			if _, err := s.Write(b); err != nil {
				s.Reset()
				return err
			}
		}
		return nil
	})
	out <- m.start()
	err := converse(bufio.NewReaderSize(s, 4<<10), m, out)
	close(out)
	return errors.Join(err, g.Wait())
}

func converse(r *bufio.Reader, m *meeting, out chan<- []byte) error {
	for !m.done() {
		f, _, err := readFrame(r)
		if err != nil {
			return err
		}
		b, err := m.step(f)
		if err != nil {
			return err
		}
		if len(b) > 0 {
			out <- b
		}
	}
	return nil
}

// judgeProof says whether a proof lets a peer into a log. Control events that
// come with it are offered to the log first: the peer may have enrolled where
// nobody saw it.
func (n *Node) judgeProof(ctx context.Context, id peer.ID, log crdt.LogID, p *access.Proof, at *access.Meeting) memberVerdict {
	r, err := n.mustReplica(log)
	if w := n.net.Load(); w != nil && !w.offences.left(time.Now(), p.Grant.String()) {
		return memberVerdict{ruling: rulingLater}
	}
	switch {
	case errors.Is(err, crdt.ErrGone): // we say that it is retired, and nothing more
		err = admitsAlone(log, p, at)
	case err == nil:
		err = r.admits(ctx, id, p, at)
	}
	var ended *access.EndedError
	switch {
	case err == nil:
		return memberVerdict{ruling: rulingIn}
	case errors.As(err, &ended):
		return memberVerdict{ruling: rulingEnded, control: n.envelopesOf(r.grantChain(ended.By))}
	case errors.Is(err, crdt.ErrReadOnly), errors.Is(err, crdt.ErrBusy), errors.Is(err, crdt.ErrNoGrant):
		return memberVerdict{ruling: rulingLater}
	}
	n.cfg.Log.Debug("membership proof refused", "peer", id, "match", log.Short(), "err", err)
	return memberVerdict{ruling: rulingNo}
}

// admits judges a proof by the control set, and by what its chain adds.
func (r *replica) admits(ctx context.Context, id peer.ID, p *access.Proof, at *access.Meeting) error {
	if err := r.control.Admits(p, at); !errors.Is(err, crdt.ErrNoGrant) {
		return err
	}
	return r.takeChain(ctx, id, p, at)
}

// takeChain admits the control events of a proof and judges it again.
func (r *replica) takeChain(ctx context.Context, id peer.ID, p *access.Proof, at *access.Meeting) error {
	events, err := p.Open(r.log.ID())
	if err != nil {
		return err
	}
	for _, o := range r.log.Admit(ctx, id.String(), p.Chain...) {
		if errors.Is(o.Err, crdt.ErrReadOnly) {
			return r.admitsUnkept(p, at, events)
		}
		if o.Err != nil {
			return o.Err
		}
	}
	return r.control.Admits(p, at)
}

// admitsUnkept judges a proof whose chain cannot be stored, on a full disk:
// its last event counts if we know that what it was signed under goes on.
func (r *replica) admitsUnkept(p *access.Proof, at *access.Meeting, events []*crdt.Event) error {
	under, ok := r.control.Right(events[len(events)-1].Grant)
	if !ok || !under.Open() {
		return crdt.ErrReadOnly
	}
	return admitsAlone(r.log.ID(), p, at)
}

// admitsAlone judges a proof by nothing but its own chain.
func admitsAlone(log crdt.LogID, p *access.Proof, at *access.Meeting) error {
	events, err := p.Open(log)
	if err != nil {
		return err
	}
	c := access.NewControl(log)
	for _, e := range events {
		c.Add(e)
	}
	return c.Admits(p, at)
}

// heedRefusals takes the control events that came with the peer's refusals,
// so that this device knows what ended its right, and says what they were.
func (w *network) heedRefusals(ctx context.Context, m *meeting) (refused []refusal) {
	for log, v := range m.verdicts {
		if v.ruling == rulingIn {
			continue
		}
		refused = append(refused, refusal{log, true, v.ruling})
		if r, err := w.node.mustReplica(log); err == nil && len(v.control) > 0 {
			r.log.Admit(ctx, peer.ID(m.peer).String(), v.control...)
		}
	}
	for log, r := range m.judged {
		if r != rulingIn {
			refused = append(refused, refusal{log, false, r})
		}
	}
	return refused
}

// meetingLogs are the logs that this device can prove to be a member of.
func (n *Node) meetingLogs() (out []meetingLog) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for id, m := range n.members {
		out = append(out, meetingLog{member: m, key: access.MeetingKey(m.TopicSecret), live: n.roster.has(id)})
	}
	return out
}

// topicsOf names the topics of shared logs.
func topicsOf(logs []meetingLog, shared map[crdt.LogID]crdt.Hash) map[string]crdt.LogID {
	out := map[string]crdt.LogID{}
	for _, l := range logs {
		if _, ok := shared[l.member.Log]; ok {
			out[pubsub.TopicName(l.member.TopicSecret)] = l.member.Log
		}
	}
	return out
}

// chainEnvelopes are the control events that lead to this device's right.
func (n *Node) chainEnvelopes(log crdt.LogID) [][]byte {
	r, err := n.mustReplica(log)
	if err != nil {
		return nil
	}
	return n.envelopesOf(r.grantChain(r.membership().Grant))
}

func (n *Node) envelopesOf(events []*crdt.Event, err error) (out [][]byte) {
	if err != nil {
		n.cfg.Log.Debug("no chain", "err", err)
	}
	for _, e := range events {
		out = append(out, e.Envelope())
	}
	return out
}

// refusal is a proof that was not taken, for people.
type refusal struct {
	log    crdt.LogID
	ours   bool // the peer refused us
	ruling ruling
}

// String is a sentence for people.
func (r refusal) String() string {
	why := map[ruling]string{rulingNo: "not a member", rulingEnded: "right ended", rulingLater: "cannot tell yet"}[r.ruling]
	if r.ours {
		return fmt.Sprintf("it refused this device for match %s: %s", r.log.Short(), why)
	}
	return fmt.Sprintf("was refused for match %s: %s", r.log.Short(), why)
}
