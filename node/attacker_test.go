package node_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p"
	gossip "github.com/libp2p/go-libp2p-pubsub"
	libnet "github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/core/protocol"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/pubsub"
)

// An attacker without an invite speaks every protocol, knows a topic's name and
// its peer's address, and obtains not one byte that says anything; what it sends
// is nowhere.
func TestAttackerWithoutInvite(t *testing.T) {
	a := newDevice(t, nil).run()
	m, err := a.Found(context.Background(), access.PurposeMatch, "Tigers against Lions")
	if err != nil {
		t.Fatal(err)
	}
	id := m.Log
	b := newDevice(t, peersOf(a))
	b.join(a.invite(id, access.Scorer))
	b.run()
	equal(t, id, a, b)

	h, err := libp2p.New(libp2p.NoListenAddrs, libp2p.NoTransports, libp2p.Transport(tcp.NewTCPTransport), libp2p.Security(noise.ID, noise.New))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ps, err := gossip.NewGossipSub(ctx, h, gossip.WithMessageSignaturePolicy(gossip.StrictNoSign), gossip.WithNoAuthor(), gossip.WithFloodPublish(true))
	if err != nil {
		t.Fatal(err)
	}
	topic, err := ps.Join(pubsub.TopicName(m.TopicSecret))
	if err != nil {
		t.Fatal(err)
	}
	sub, err := topic.Subscribe()
	if err != nil {
		t.Fatal(err)
	}
	addr, err := peer.AddrInfoFromString(a.Addrs()[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Connect(ctx, *addr); err != nil {
		t.Fatal(err)
	}
	var heard bytes.Buffer
	var mu sync.Mutex
	var g sync.WaitGroup
	noise32 := func(n int) []byte { b := make([]byte, n); rand.Read(b); return b }
	for id, says := range map[protocol.ID][]byte{
		"/touchline/member/1": append(append([]byte{33, 1}, noise32(32)...), append([]byte{65, 2}, noise32(64)...)...),
		"/touchline/sync/1":   append([]byte{35, 1}, noise32(34)...),
		"/touchline/beat/1":   noise32(16),
		"/meshsub/1.1.0":      noise32(10),
	} {
		g.Go(func() {
			s, err := h.NewStream(libnet.WithNoDial(ctx, "test"), addr.ID, id)
			if err != nil {
				return
			}
			defer s.Reset()
			s.Write(says)
			b, _ := io.ReadAll(s) // until we are sent away
			mu.Lock()
			heard.Write(b)
			mu.Unlock()
		})
	}
	goal := a.record(id, "goal-by-number-nine")
	forged := signed(t, b.member(id), 1, "never")
	topic.Publish(ctx, forged.Envelope())
	g.Wait()
	eventually(t, "the attacker is sent away", func() bool { return h.Network().Connectedness(addr.ID) != libnet.Connected })
	secrets := map[string][]byte{
		"label": []byte("Tigers"), "type": []byte("goal-by"), "match": id[:], "match in hex": []byte(id.String()),
		"event": goal.Hash[:], "envelope": goal.Envelope()[40:72], "topic name": []byte(topic.String()), "device": goal.Author[:],
	}
	for what, b := range secrets {
		if bytes.Contains(heard.Bytes(), b) {
			t.Errorf("the attacker was told: %s", what)
		}
	}
	if peers := topic.ListPeers(); len(peers) > 0 {
		t.Errorf("the attacker learnt who is on the topic: %v", peers)
	}
	next, stop := context.WithTimeout(ctx, 10*time.Millisecond)
	defer stop()
	for {
		m, err := sub.Next(next)
		if err != nil {
			break
		}
		if m.ReceivedFrom != h.ID() {
			t.Error("the attacker got a live message")
		}
	}
	for _, d := range []*device{a, b} {
		if _, err := d.store.Event(id, forged.Hash); err == nil {
			t.Error("the attacker's event was taken")
		}
	}
}

// forgeries are the ways in which somebody may try to write what they may not.
func forgeries(t *testing.T, victim, attacker *access.Member, other *access.Member) map[string]struct {
	envelope []byte
	want     error
} {
	t.Helper()
	honest := signed(t, victim, 1, "honest").Envelope()
	change := func(f func(b []byte) []byte) []byte { return f(bytes.Clone(honest)) }
	stolen := *attacker
	stolen.Grant = victim.Grant
	author := victim.Device()
	mine := attacker.Device()
	return map[string]struct {
		envelope []byte
		want     error
	}{
		"unsigned":             {change(func(b []byte) []byte { clear(b[len(b)-64:]); return b }), crdt.ErrSignature},
		"wrong key":            {bytes.Replace(signed(t, &stolen, 2, "wrong key").Envelope(), mine[:], author[:], 1), crdt.ErrSignature},
		"another's grant":      {signed(t, &stolen, 3, "another's grant").Envelope(), crdt.ErrForbidden},
		"other match":          {signed(t, other, 4, "other match").Envelope(), crdt.ErrWrongLog},
		"body changed":         {change(func(b []byte) []byte { b[len(b)-67] ^= 1; return b }), crdt.ErrSignature},
		"scalar plus order":    {change(addOrder), crdt.ErrSignature},
		"longer length prefix": {change(func(b []byte) []byte { return append(append(b[:len(b)-66:len(b)-66], 0x59, 0, 64), b[len(b)-64:]...) }), crdt.ErrMalformed},
		"trailing byte":        {change(func(b []byte) []byte { return append(b, 0) }), crdt.ErrMalformed},
	}
}

// addOrder adds the order of Ed25519's group to the signature's scalar.
func addOrder(b []byte) []byte {
	order := []byte{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 31: 0x10}
	carry := 0
	for i, s := 0, b[len(b)-32:]; i < len(s); i++ {
		carry += int(s[i]) + int(order[i])
		s[i] = byte(carry)
		carry >>= 8
	}
	return b
}

// Forged in every way and sent on every path, nothing is taken, the reason is
// the same, and who sends it is sent away.
func TestForgeries(t *testing.T) {
	a := newDevice(t, nil).run()
	id := a.found()
	otherID := a.found()
	b := newDevice(t, peersOf(a))
	b.join(a.invite(id, access.Scorer))
	b.run()
	equal(t, id, a, b)
	all := forgeries(t, a.member(id), b.member(id), a.member(otherID))
	for name, f := range all {
		out, err := a.Admit(context.Background(), id, "file", f.envelope)
		if err != nil || !errors.Is(out[0].Err, f.want) {
			t.Errorf("%s from a file: %v, not %v", name, out[0].Err, f.want)
		}
	}
	// By reconciliation: the forger's store holds it.
	for name, f := range all {
		e, err := crdt.Decode(f.envelope)
		if err != nil || e.Log != id {
			continue
		}
		byReconciliation(t, a, a.invite(id, access.Scorer), name, e, f.want)
	}
	// Live, each form with its reason.
	eventually(t, "a hears b", func() bool { return b.TopicPeers(id) == 1 })
	reasons := map[error]string{
		crdt.ErrSignature: pubsub.RejectSignature, crdt.ErrForbidden: pubsub.RejectForbidden,
		crdt.ErrWrongLog: pubsub.RejectWrongLog, crdt.ErrMalformed: pubsub.RejectMalformed,
	}
	want := map[string]uint64{}
	for _, f := range all {
		want[reasons[f.want]]++
		b.SendRaw(id, f.envelope)
	}
	eventually(t, "each live forgery is rejected", func() bool { return maps.Equal(a.Rejected(), want) })
	// And on, until a has had enough.
	for i := range 100 {
		e := signed(t, b.member(id), i, "live forgery")
		envelope := bytes.Clone(e.Envelope())
		envelope[len(envelope)-1] ^= 1
		forged, err := crdt.Decode(envelope)
		if err != nil {
			t.Fatal(err)
		}
		b.PublishRaw(id, forged)
	}
	eventually(t, "the forger is sent away", func() bool {
		for _, p := range a.Peers() {
			if p.ID == b.PeerID() && strings.Contains(p.Refused, "sent away") {
				return true
			}
		}
		return false
	})
	if got := a.status(id).Counts[crdt.Events]; got != 0 {
		t.Errorf("%d forged events were taken", got)
	}
}

// A member who floods is taken at a bounded pace, and nobody else waits for it.
func TestFloodIsBounded(t *testing.T) {
	const flood, burst, perSecond = 16_000, 1_250, 40 // live and by reconciliation, each
	a := newDevice(t, nil)
	a.Take(burst, perSecond)
	a.run()
	id := a.found()
	b, c := newDevice(t, peersOf(a)), newDevice(t, peersOf(a))
	b.join(a.invite(id, access.Scorer))
	c.join(a.invite(id, access.Scorer))
	b.run()
	c.run()
	equal(t, id, a, b, c)
	m := c.member(id)
	chain, key := crdt.NewChain(), m.Key()
	start := time.Now()
	over := make(chan struct{})
	go func() {
		defer close(over)
		for i := range flood / 16 {
			var batch [][]byte
			for k := range 16 {
				batch = append(batch, inChain(chain, key, m, 16*i+k).Envelope())
			}
			c.Admit(context.Background(), id, "", batch...)
		}
	}()
	honest := uint64(0)
	for flooding := true; flooding; honest++ {
		e := b.record(id, "goal")
		eventually(t, "an honest event amid the flood", func() bool { _, err := a.store.Event(id, e.Hash); return err == nil })
		select {
		case <-over:
			flooding = false
		case <-time.After(50 * time.Millisecond):
		}
	}
	took := a.status(id).Counts[crdt.Events] - honest
	most := uint64(2 * (burst + perSecond*(time.Since(start).Seconds()+1)))
	if most >= flood {
		t.Fatalf("the flood took so long that %d of %d may be taken", most, flood)
	}
	if took > most {
		t.Errorf("%d events taken of a flood; at most %d should be", took, most)
	}
}

// What one device sends at once by gossip is taken up to a tenth of a second's flood,
// for others' events wait behind it; a client may bring a whole match all the same.
func TestGossipTakesLessAtOnce(t *testing.T) {
	a := newDevice(t, nil)
	id := a.found()
	b := newDevice(t, nil)
	b.join(a.invite(id, access.Scorer))
	m := b.member(id)
	b.tell(a, id)
	chain, key := crdt.NewChain(), m.Key()
	var match [][]byte
	for i := range 2_000 {
		match = append(match, inChain(chain, key, m, i).Envelope())
	}
	start, judged := time.Now(), 0
	for _, b := range match {
		switch err := a.JudgeLive(id, b); {
		case err == nil:
			judged++
		case !errors.Is(err, crdt.ErrBusy):
			t.Fatal(err)
		}
	}
	if most := 500 + int(100*time.Since(start).Seconds()) + 1; judged < 500 || judged > most {
		t.Errorf("of %d events at once %d were taken by gossip; of 500 to %d", len(match), judged, most)
	}
	out, err := a.Deliver(t.Context(), id, "page", false, match...)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range out {
		if o.Err != nil {
			t.Fatalf("event %d of a client: %v", i, o.Err)
		}
	}
}

func inChain(chain *crdt.Chain, key ed25519.PrivateKey, m *access.Member, i int) *crdt.Event {
	payload, _ := crdt.Pad([]byte{byte(i), byte(i >> 8), byte(i >> 16)})
	h := crdt.Header{Set: crdt.Events, Log: m.Log, Grant: m.Grant, Time: crdt.MakeTime(uint64(time.Now().UnixMilli()), 0)}
	chain.Place(&h)
	e, err := crdt.Sign(key, h, payload)
	if err != nil {
		panic(err)
	}
	chain.Advance(e)
	return e
}
