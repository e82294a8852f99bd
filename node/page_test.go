package node_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// pageKey asks to be let in under a right.
func pageKey(t *testing.T, id crdt.LogID, under crdt.Hash, until int64) (ed25519.PrivateKey, access.PageKey) {
	t.Helper()
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	proof := ed25519.Sign(key, append(append([]byte("touchline/1 client"), id[:]...), under[:]...))
	return key, access.PageKey{Key: crdt.Key(public), Proof: [64]byte(proof), NotAfter: until}
}

func grantOf(t *testing.T, n *node.Node, id crdt.LogID) crdt.Hash {
	t.Helper()
	for _, m := range n.Members() {
		if m.Log == id {
			return m.Grant
		}
	}
	t.Fatal("not a member")
	return crdt.Hash{}
}

// A page's own key gets a scorer's right once, from whoever writes; what it signs
// is taken like anybody's, and nobody is let in without the key's own word.
func TestPagesAreLetIn(t *testing.T) {
	founder, scorer, watcher := newDevice(t, nil), newDevice(t, nil), newDevice(t, nil)
	id := founder.found()
	scorer.join(founder.invite(id, access.Scorer))
	watcher.join(founder.invite(id, access.Spectator))
	const until = 4_000_000_000_000
	for _, c := range []struct {
		by   *device
		kind access.Kind
		ends int64
	}{{founder, access.KindGrant, until}, {scorer, access.KindClient, until}} {
		key, ask := pageKey(t, id, grantOf(t, c.by.Node, id), until)
		right, err := c.by.LetIn(context.Background(), id, ask)
		if err != nil || right.Role != access.Scorer || right.Kind != c.kind || right.NotAfter != c.ends || len(right.Chain) < 2 {
			t.Fatalf("%+v, %v", right, err)
		}
		if again, err := c.by.LetIn(context.Background(), id, ask); err != nil || again.Hash != right.Hash {
			t.Errorf("asked twice, let in twice: %v", err)
		}
		payload, err := crdt.Pad([]byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		h := crdt.Header{Set: crdt.Events, Log: id, Grant: right.Hash}
		h.Time, h.OwnMs = crdt.NewClock(nil).Now()
		crdt.NewChain().Place(&h)
		e, err := crdt.Sign(key, h, payload)
		if err != nil {
			t.Fatal(err)
		}
		for _, isNew := range []bool{true, false} {
			out, err := c.by.Deliver(context.Background(), id, "page", false, e.Envelope())
			if err != nil || out[0].Err != nil || out[0].Added.New != isNew {
				t.Errorf("%+v, %v", out, err)
			}
		}
	}
	_, ask := pageKey(t, id, grantOf(t, founder.Node, id), 0)
	if _, err := founder.LetIn(context.Background(), id, ask); !errors.Is(err, crdt.ErrMalformed) {
		t.Errorf("a page is let in for ever: %v", err)
	}
	_, ask = pageKey(t, id, crdt.Hash{1}, until)
	if _, err := founder.LetIn(context.Background(), id, ask); !errors.Is(err, crdt.ErrSignature) {
		t.Errorf("a key let in by a proof for another right: %v", err)
	}
	_, ask = pageKey(t, id, grantOf(t, watcher.Node, id), until)
	if _, err := watcher.LetIn(context.Background(), id, ask); !errors.Is(err, crdt.ErrForbidden) {
		t.Errorf("a watcher lets in: %v", err)
	}
}
