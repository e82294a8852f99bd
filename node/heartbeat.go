package node

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"time"

	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"

	"touchline.dev/touchline/crdt/recon"
)

// beatProtocol is one long-lived stream in each direction. The opener writes
// 16 bytes every beatEvery: its own monotonic time in nanoseconds and a proof of
// what it holds. The reader begins with a nonce for these proofs, echoes each
// time that is not zero, and hangs up when no beat comes for beatTimeout. docs/PROTOCOL.md has
// the bytes.
const beatProtocol protocol.ID = "/touchline/beat/1"

const (
	beatSize = 8 + tagSize
)

var (
	errSilent = errors.New("no heartbeat")
	errDeaf   = errors.New("no gossip")
)

// sendBeats beats until the link ends or ctx is done. answers: we were dialled,
// and beat when the peer does.
func (w *network) sendBeats(ctx context.Context, id peer.ID, answers <-chan struct{}) {
	open, cancel := context.WithTimeout(ctx, beatOpening)
	s, err := w.host.NewStream(open, id, beatProtocol)
	cancel()
	if err != nil {
		w.hangUp(ctx, id, err)
		return
	}
	stop := context.AfterFunc(ctx, func() { s.Reset() })
	defer stop()
	defer s.Reset()
	var nonce recon.Nonce
	s.SetReadDeadline(time.Now().Add(beatOpening))
	if _, err := io.ReadFull(s, nonce[:]); err != nil {
		w.hangUp(ctx, id, err)
		return
	}
	s.SetReadDeadline(time.Time{})
	start := time.Now()
	w.spawn(func() { w.readEchoes(ctx, s, id, start) })

	pace := pacer{start: w.began, answers: answers}
	var buf [beatSize]byte
	for n := 0; ; n++ {
		clear(buf[:8])
		if n%echoEvery == 0 {
			binary.BigEndian.PutUint64(buf[:8], uint64(time.Since(start)))
		}
		tag := beatTag(nonce, w.host.ID(), w.sharedWith(id))
		copy(buf[8:], tag[:])
		s.SetWriteDeadline(time.Now().Add(beatTimeout))
		if _, err := s.Write(buf[:]); err != nil {
			w.hangUp(ctx, id, err)
			return
		}
		if !pace.wait(ctx) {
			return
		}
	}
}

// readEchoes measures round trips until the stream ends.
func (w *network) readEchoes(ctx context.Context, s libnet.Stream, id peer.ID, start time.Time) {
	var buf [8]byte
	for {
		if _, err := io.ReadFull(s, buf[:]); err != nil {
			return
		}
		if rtt := time.Since(start) - time.Duration(binary.BigEndian.Uint64(buf[:])); rtt > 0 {
			w.post(ctx, echoed{id, rtt})
		}
	}
}

// receiveBeats serves a peer's heartbeat stream. The peer is alive as long as
// beats come in; its word for anything else is not needed.
func (w *network) receiveBeats(ctx context.Context, s libnet.Stream) {
	defer s.Reset()
	id := s.Conn().RemotePeer()
	stop := context.AfterFunc(ctx, func() { s.Reset() })
	defer stop()
	var nonce recon.Nonce
	rand.Read(nonce[:])
	s.SetWriteDeadline(time.Now().Add(beatTimeout))
	if _, err := s.Write(nonce[:]); err != nil {
		w.hangUp(ctx, id, err)
		return
	}
	var buf [beatSize]byte
	for {
		if err := readBeat(s, buf[:]); err != nil {
			w.hangUp(ctx, id, errSilent)
			return
		}
		w.post(ctx, beaten{id, nonce, [tagSize]byte(buf[8:])})
		if [8]byte(buf[:8]) == [8]byte{} {
			continue // no echo wanted
		}
		s.SetWriteDeadline(time.Now().Add(beatTimeout))
		if _, err := s.Write(buf[:8]); err != nil {
			w.hangUp(ctx, id, err)
			return
		}
	}
}

// readBeat reads one beat. A timeout that is noticed late means that this device
// was too busy to look, not that the peer is silent: then it looks again.
func readBeat(s libnet.Stream, buf []byte) error {
	for n := 0; ; {
		deadline := time.Now().Add(beatTimeout)
		s.SetReadDeadline(deadline)
		m, err := io.ReadFull(s, buf[n:])
		n += m
		var timeout net.Error
		if err == nil || !errors.As(err, &timeout) || !timeout.Timeout() || time.Since(deadline) < beatLate {
			return err
		}
	}
}

// hangUp ends a link that no longer works, so that redialling can begin.
func (w *network) hangUp(ctx context.Context, id peer.ID, why error) {
	if ctx.Err() != nil {
		return
	}
	w.node.counters.linkLost.Add(1)
	w.log.Debug("link lost", "peer", id, "why", why)
	w.host.Network().ClosePeer(id)
}
