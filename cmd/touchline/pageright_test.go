package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

// await returns the next frame of a kind.
func await[F wire.Frame](t *testing.T, p *rawPage) F {
	t.Helper()
	p.SetReadDeadline(time.Now().Add(20 * time.Second))
	for {
		f, err := p.next()
		if err != nil {
			t.Fatalf("waiting for %T: %v", *new(F), err)
		}
		if f, ok := f.(F); ok {
			return f
		}
	}
}

// hello greets a node and returns what a page proves rights over.
func (p *rawPage) hello(t *testing.T, token string) (nonces []byte) {
	t.Helper()
	h := &wire.Hello{Version: wire.Version, Token: token}
	rand.Read(h.Nonce[:])
	p.send(t, h)
	w := await[*wire.Welcome](t, p)
	return append(h.Nonce[:], w.Nonce[:]...)
}

// When a token is revoked, the right of a page's own key that came by it is revoked
// for all nodes; the page is let go, and its key opens no door.
func TestRevokedTokenTakesPagesWithIt(t *testing.T) {
	url, match, run := startHTTP(t)
	addr := strings.TrimPrefix(url, "http://")
	id, err := crdt.ParseLogID(match)
	if err != nil {
		t.Fatal(err)
	}
	token := run("token", "m", "--role", "record")
	p := dialPage(t, addr)
	p.hello(t, token)
	p.send(t, &wire.Follow{ID: 1, Match: id, Format: wire.Signed, FromNow: true})
	under := await[*wire.Following](t, p).Grant
	public, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f := &wire.Enrol{ID: 2, Match: id, Key: crdt.Key(public)}
	f.Proof = [64]byte(ed25519.Sign(key, append(append([]byte("touchline/1 client"), id[:]...), under[:]...)))
	p.send(t, f)
	grant := await[*wire.Enrolled](t, p).Grant

	var list bridge.TokenList
	if err := json.Unmarshal([]byte(run("token", "list", "--json")), &list); err != nil || len(list.Tokens) != 1 {
		t.Fatal(list, err)
	}
	var gone bridge.RevokedToken
	if err := json.Unmarshal([]byte(run("token", "revoke", list.Tokens[0].ID, "--json")), &gone); err != nil || gone.Pages != 1 || gone.Left != 0 {
		t.Errorf("%+v, %v", gone, err)
	}
	if bye := await[*wire.Bye](t, p); bye.Reason != "ended" {
		t.Errorf("%+v", bye)
	}
	again := dialPage(t, addr)
	nonces := again.hello(t, "")
	proof := &wire.Prove{ID: 1, Match: id, Grant: grant}
	proof.Signature = [64]byte(ed25519.Sign(key, bridge.SessionMessage(id, grant, nonces)))
	again.send(t, proof)
	if no := await[*wire.Problem](t, again); no.Name != "proof" {
		t.Errorf("%+v", no)
	}
	var rights bridge.RightList
	if err := json.Unmarshal([]byte(run("grants", "m", "--json")), &rights); err != nil {
		t.Fatal(err)
	}
	if r, err := rights.Find(grant.String()); err != nil || r.State != "ended" {
		t.Errorf("%+v, %v", r, err)
	}
}
