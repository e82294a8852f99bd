package bridge_test

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// device is one that came by an invite of the founder's.
func (f *fake) device(t *testing.T, role access.Role) *access.Member {
	t.Helper()
	invite, content := f.member.NewInvite(access.Terms{Role: role, Audiences: access.AudienceMatch, Uses: 1})
	if err := invite.Complete([]*crdt.Event{f.founder, f.control1(t, content)}); err != nil {
		t.Fatal(err)
	}
	m, control, err := invite.Join(f.clock)
	if err != nil {
		t.Fatal(err)
	}
	f.admit(t, control...)
	return m
}

// standingNode is a fake behind HTTP that looks at standing connections often.
type standingNode struct {
	*fake
	server *bridge.Server
	tokens *bridge.Tokens
	url    string
}

func serveStanding(t *testing.T) *standingNode {
	t.Helper()
	return serveAgain(t, &standingNode{fake: newFake(t)})
}

// serveAgain is the node after a restart.
func serveAgain(t *testing.T, was *standingNode) *standingNode {
	t.Helper()
	n := &standingNode{fake: was.fake}
	n.tokens = newTokens(t, n.store)
	n.server = bridge.New(bridge.Config{Backend: pageFake{n.fake}, Tokens: n.tokens, Recheck: 20 * time.Millisecond})
	h := httptest.NewServer(n.server)
	t.Cleanup(func() { n.server.Close(); h.Close() })
	n.url = h.URL
	return n
}

// recorded writes an event by the person at the node and returns its ID.
func (n *standingNode) recorded(t *testing.T, id string) string {
	t.Helper()
	ms := int64(60_000)
	c := crdt.Content{ID: id, Type: "goal", Team: "home", Period: 1, ClockMs: &ms, Data: []byte(`{"player":7}`)}
	if _, err := n.Record(t.Context(), n.log.ID(), bridge.Draft{Content: c}); err != nil {
		t.Fatal(err)
	}
	return id
}

// reader is a standing connection. Until returns all that came up to a text.
type reader struct {
	name  string
	until func(text string) string
	rest  func() string // what comes until it is closed
}

// A right that ends, ends at once every request, and soon every standing connection,
// each of which says why.
func TestEndedRightEndsEverything(t *testing.T) {
	for name, c := range map[string]struct {
		come func(*testing.T, *standingNode) (token string, end func())
		why  string
	}{
		"token revoked": {func(t *testing.T, n *standingNode) (string, func()) {
			text, info := n.mint(t, time.Hour)
			return text, func() {
				if _, err := n.tokens.Revoke(context.Background(), info.ID); err != nil {
					t.Fatal(err)
				}
			}
		}, "the token was revoked"},
		"token expired": {func(t *testing.T, n *standingNode) (string, func()) {
			text, info := n.mint(t, lifeFor(func() {
				trial := serveStanding(t)
				text, _ := trial.mint(t, time.Hour)
				trial.comeIn(t, text)
			}))
			return text, func() { <-time.After(time.Until(info.Expires)) } // its end is what is tested
		}, "the token has expired"},
		"device revoked": {func(t *testing.T, n *standingNode) (string, func()) {
			m := n.device(t, access.Scorer)
			return session(t, n.server, m), func() { n.revoke(t, m.Grant) }
		}, "right has ended: it was revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := serveStanding(t)
			token, end := c.come(t, n)
			readers := n.comeIn(t, token)
			end()
			n.requests(t, token, "after", 401, 401)
			for _, r := range readers {
				if got := r.rest(); !strings.Contains(got, c.why) {
					t.Errorf("%s ended with %s", r.name, got)
				}
			}
		})
	}
}

// mint makes a token to record with.
func (n *standingNode) mint(t *testing.T, life time.Duration) (string, bridge.TokenInfo) {
	t.Helper()
	text, info, err := n.tokens.Mint(t.Context(), bridge.TokenTerms{Match: n.log.ID(), Role: access.Scorer, Life: life}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return text, info
}

// lifeFor is how long a token must live so that all that comes before its end fits in,
// on a machine that is as slow as this one has just been.
func lifeFor(before func()) time.Duration {
	began := time.Now()
	before()
	return time.Second + 5*time.Since(began)
}

// comeIn does with a token what it allows, and returns connections that stand.
func (n *standingNode) comeIn(t *testing.T, token string) []reader {
	t.Helper()
	n.requests(t, token, "before", 200, 201)
	readers := []reader{n.stream(t, token), n.socket(t, token), n.socketIO(t, token)}
	first := n.recorded(t, "first")
	for _, r := range readers {
		r.until(first)
	}
	return readers
}

// requests demands statuses of reading and of writing with a token.
func (n *standingNode) requests(t *testing.T, token, what string, read, write int) {
	t.Helper()
	auth := []string{"Authorization", "Bearer " + token}
	path := "/v1/matches/" + n.log.ID().String()
	for _, p := range []string{"/v1/matches", path + "/events", path + "/state", path + "/status"} {
		if w := do(n.server, "GET", p, "", auth...); w.Code != read {
			t.Errorf("%s: GET %s: %d %s", what, p, w.Code, w.Body)
		}
	}
	for i, body := range []string{string(draftOf(n.fake, "rest-"+what)), fmt.Sprintf(`{"id":"page-%s","matchId":%q,"kind":"goal"}`, what, n.log.ID())} {
		if w := do(n.server, "POST", "/v1/events", body, auth...); w.Code != write {
			t.Errorf("%s: POST %d: %d %s", what, i, w.Code, w.Body)
		}
	}
	if write == 201 {
		return
	}
	for id := range n.own {
		if strings.HasSuffix(id, what) {
			t.Errorf("%s was recorded", id)
		}
	}
}

// stream is server-sent events.
func (n *standingNode) stream(t *testing.T, token string) reader {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", n.url+"/v1/matches/"+n.log.ID().String()+"/live?after=now&access_token="+token, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(err, resp)
	}
	t.Cleanup(func() { resp.Body.Close() })
	in := bufio.NewReader(resp.Body)
	return reader{"a stream", func(text string) (got string) {
		for !strings.Contains(got, text) {
			line, err := in.ReadString('\n')
			if err != nil {
				t.Fatalf("stream: %v after %s", err, got)
			}
			got += line
		}
		return got
	}, func() string {
		b, err := io.ReadAll(in)
		if err != nil || !strings.Contains(string(b), "event: problem\n") {
			t.Errorf("stream: %v after %s", err, b)
		}
		return string(b)
	}}
}

// socket is a page that shows a token.
func (n *standingNode) socket(t *testing.T, token string) reader {
	t.Helper()
	b := browse(t, strings.TrimPrefix(n.url, "http://"), token)
	b.send(&wire.Follow{ID: 1, Match: n.log.ID(), Format: wire.Redacted, FromNow: true})
	await[*wire.Caught](b)
	return reader{"a page", func(text string) string {
		for {
			if v := await[*wire.View](b); strings.Contains(string(v.JSON), text) {
				return string(v.JSON)
			}
		}
	}, func() string { return b.ended() }}
}

// ended returns why the node ended the connection.
func (b *browser) ended() string {
	b.t.Helper()
	bye := await[*wire.Bye](b)
	if _, err := b.next(); bye.Reason != "ended" || err == nil || !strings.HasPrefix(err.Error(), "closed with 4403") {
		b.t.Errorf("bye %+v, then %v", bye, err)
	}
	return bye.Detail
}

// socketIO is a page of the first plan that polls.
func (n *standingNode) socketIO(t *testing.T, token string) reader {
	t.Helper()
	base := n.url + "/socket.io/?EIO=4&transport=polling"
	call := func(method, url, body string) string {
		r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%s: %d %s %v", method, resp.StatusCode, b, err)
		}
		return string(b)
	}
	sid := strings.Split(strings.SplitN(call("GET", base, ""), `"sid":"`, 2)[1], `"`)[0]
	url := base + "&sid=" + sid
	until := func(text string) (got string) {
		for !strings.Contains(got, text) {
			got += call("GET", url, "") + "\x1e"
		}
		return got
	}
	call("POST", url, `40{"token":"`+token+`"}`)
	until(`"pid"`)
	call("POST", url, `420["join_match","`+n.log.ID().String()+`"]`)
	until(`430[{"ok":true`)
	return reader{"a socket", until, func() string {
		got := until("\x1e41\x1e")
		if !strings.Contains(got, "event_error") {
			t.Errorf("socket: %s", got)
		}
		return got
	}}
}

// A page that proved a device's right is let go when that is revoked, and neither
// comes back by it nor by a session.
func TestRevokedDeviceOnStandingConnection(t *testing.T) {
	n := serveStanding(t)
	m := n.device(t, access.Scorer)
	key := &pageKey{key: ed25519.PrivateKey(m.Key()), grant: m.Grant}
	addr := strings.TrimPrefix(n.url, "http://")
	b := browse(t, addr, "")
	b.prove(n.log.ID(), key)
	b.send(&wire.Publish{ID: 1, Draft: draftOf(n.fake, "before")})
	await[*wire.Ack](b)
	n.revoke(t, m.Grant)
	if why := b.ended(); !strings.Contains(why, "it was revoked") {
		t.Error(why)
	}
	again := browse(t, addr, "")
	again.sendProof(n.log.ID(), key)
	if no := await[*wire.Problem](again); no.Name != "proof" {
		t.Errorf("%+v", no)
	}
}
