package bridge_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/pion/webrtc/v4"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// pageFake is a fake whose status is what a node would say.
type pageFake struct{ *fake }

func (f pageFake) Status(id crdt.LogID) (bridge.Status, error) {
	d, _, err := f.log.Digest()
	var sums [crdt.NumSets]crdt.Hash
	for i := range d {
		sums[i] = d[i].Sum()
	}
	return bridge.Status{
		Match: f.Matches()[0], Count: d[crdt.Events].Count(), Digest: crdt.CombineSums(sums), Holders: 3,
		Peers: []bridge.PeerStatus{{ID: "relay", Equal: true, Relay: true}},
	}, err
}

// servePages serves a fake node and returns its address.
func servePages(t *testing.T, f *fake, guests bridge.Guests) (addr string, tokens *bridge.Tokens) {
	t.Helper()
	tokens, err := bridge.NewTokens(make([]byte, 32), f.store)
	if err != nil {
		t.Fatal(err)
	}
	s := bridge.New(bridge.Config{Backend: pageFake{f}, Tokens: tokens, Guests: guests})
	h := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); h.Close() })
	return strings.TrimPrefix(h.URL, "http://"), tokens
}

// browser is a page's end of a connection.
type browser struct {
	t     *testing.T
	conn  net.Conn
	in    io.Reader
	store crdt.StoreID // the page's
	node  crdt.StoreID
	nonce [32]byte // of hello and welcome
	kept  []wire.Frame

	channel *webrtc.DataChannel // instead of conn
	got     chan []byte         // what came over it
}

// browse connects and says hello.
func browse(t *testing.T, addr, token string) *browser {
	t.Helper()
	b := connect(t, addr)
	h := &wire.Hello{Version: 1, Store: b.store, Token: token}
	rand.Read(h.Nonce[:])
	b.send(h)
	w := await[*wire.Welcome](b)
	copy(b.nonce[:], h.Nonce[:])
	copy(b.nonce[16:], w.Nonce[:])
	b.node = w.Store
	return b
}

func connect(t *testing.T, addr string) *browser {
	t.Helper()
	d := ws.Dialer{Protocols: []string{"touchline.v1"}}
	conn, ahead, _, err := d.Dial(context.Background(), "ws://"+addr+"/ws")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(2 * time.Minute)) // no wait is timed: what takes longer does not come
	b := &browser{t: t, conn: conn, in: bufio.NewReader(conn)}
	if ahead != nil {
		b.in = ahead
	}
	rand.Read(b.store[:])
	return b
}

func (b *browser) send(frames ...wire.Frame) {
	b.t.Helper()
	for _, f := range frames {
		if b.channel != nil {
			if err := b.channel.Send(wire.Encode(f)); err != nil {
				b.t.Fatal(err)
			}
			continue
		}
		if err := ws.WriteFrame(b.conn, ws.MaskFrameInPlace(ws.NewBinaryFrame(wire.Encode(f)))); err != nil {
			b.t.Fatal(err)
		}
	}
}

// next returns the next frame; a close is an error.
func (b *browser) next() (wire.Frame, error) {
	if b.channel != nil {
		select {
		case m, open := <-b.got:
			if !open {
				return nil, errors.New("the channel is closed")
			}
			return wire.Decode(m)
		case <-time.After(time.Minute):
			return nil, errors.New("nothing comes")
		}
	}
	f, err := ws.ReadFrame(b.in)
	if err != nil {
		return nil, err
	}
	if f.Header.OpCode == ws.OpClose {
		code, reason := ws.ParseCloseFrameData(f.Payload)
		return nil, fmt.Errorf("closed with %d %s", code, reason)
	}
	return wire.Decode(f.Payload)
}

// await returns the next frame of a kind; others are kept for later.
func await[F wire.Frame](b *browser) F {
	b.t.Helper()
	for i, f := range b.kept {
		if f, ok := f.(F); ok {
			b.kept = append(b.kept[:i:i], b.kept[i+1:]...)
			return f
		}
	}
	for {
		f, err := b.next()
		if err != nil {
			b.t.Fatalf("waiting for %T: %v; before it came %v", *new(F), err, names(b.kept))
		}
		if f, ok := f.(F); ok {
			return f
		}
		b.kept = append(b.kept, f)
	}
}

func names(frames []wire.Frame) (list []string) {
	for _, f := range frames {
		name := wire.KindOf(f).String()
		if p, ok := f.(*wire.Problem); ok {
			name += " " + p.Name + ": " + p.Detail
		}
		list = append(list, name)
	}
	return list
}

// pageKey is a page's own key with its place in its chain.
type pageKey struct {
	key   ed25519.PrivateKey
	grant crdt.Hash
	chain *crdt.Chain
	clock *crdt.Clock
}

// enrolled has a fresh key let in.
func enrolled(b *browser, id crdt.LogID, nodeGrant crdt.Hash) *pageKey {
	b.t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		b.t.Fatal(err)
	}
	f := &wire.Enrol{ID: 900, Match: id, Key: crdt.Key(key.Public().(ed25519.PublicKey))}
	f.Proof = [64]byte(ed25519.Sign(key, append(append([]byte("touchline/1 client"), id[:]...), nodeGrant[:]...)))
	b.send(f)
	e := await[*wire.Enrolled](b)
	return &pageKey{key: key, grant: e.Grant, chain: crdt.NewChain(), clock: crdt.NewClock(nil)}
}

func (k *pageKey) sign(t *testing.T, id crdt.LogID, said string) *crdt.Event {
	t.Helper()
	c := crdt.Content{ID: said, Type: "goal", Data: []byte(`{"said":"` + said + `"}`)}
	plain, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	payload, err := crdt.Pad(plain)
	if err != nil {
		t.Fatal(err)
	}
	h := crdt.Header{Set: crdt.Events, Log: id, Grant: k.grant}
	h.Time, h.OwnMs = k.clock.Now()
	k.chain.Place(&h)
	e, err := crdt.Sign(k.key, h, payload)
	if err != nil {
		t.Fatal(err)
	}
	k.chain.Advance(e)
	return e
}

func (b *browser) prove(id crdt.LogID, k *pageKey) *wire.Proved {
	b.t.Helper()
	b.sendProof(id, k)
	return await[*wire.Proved](b)
}

func (b *browser) sendProof(id crdt.LogID, k *pageKey) {
	b.t.Helper()
	f := &wire.Prove{ID: 901, Match: id, Grant: k.grant}
	f.Signature = [64]byte(ed25519.Sign(k.key, bridge.SessionMessage(id, k.grant, b.nonce[:])))
	b.send(f)
}

// token mints one for a role in the fake's match.
func token(t *testing.T, tokens *bridge.Tokens, f *fake, role access.Role) string {
	t.Helper()
	text, _, err := tokens.Mint(context.Background(), bridge.TokenTerms{Match: f.log.ID(), Role: role, Life: time.Hour}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return text
}
