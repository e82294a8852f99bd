package bridge_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// The right of a page's own key ends with what the page came by: on the connection that
// has it, at the door, for a session, and for a key that was let in by it; also after a
// restart, and although nobody revoked it.
func TestPagesRightEndsWithWhatItCameBy(t *testing.T) {
	revokeToken := func(t *testing.T, n *standingNode) func() {
		return func() {
			list, err := n.tokens.List()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := n.tokens.Revoke(context.Background(), list[0].ID); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		token func(*testing.T, *standingNode) (text string, end func())
		why   string
	}{
		"token revoked": {func(t *testing.T, n *standingNode) (string, func()) {
			return token(t, n.tokens, n.fake, access.Scorer), revokeToken(t, n)
		}, "the token was revoked"},
		"token expired": {func(t *testing.T, n *standingNode) (string, func()) {
			text, info := n.mint(t, lifeFor(func() {
				trial := serveStanding(t)
				text, _ := trial.mint(t, time.Hour)
				trial.letIn(t, text)
			}))
			return text, func() { <-time.After(time.Until(info.Expires)) } // its end is what is tested
		}, "which is over"},
		"device revoked": {func(t *testing.T, n *standingNode) (string, func()) {
			m := n.device(t, access.Scorer)
			return session(t, n.server, m), func() { n.revoke(t, m.Grant) }
		}, "it was revoked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := serveStanding(t)
			addr := strings.TrimPrefix(n.url, "http://")
			text, end := c.token(t, n)
			alone, session, key, second := n.letIn(t, text)
			end()
			n.requests(t, session, "after", 401, 401)
			if why := alone.ended(); !strings.Contains(why, c.why) {
				t.Error(why)
			}
			n.refuses(t, addr, key, c.why)
			n.refuses(t, addr, second, c.why)
			again := serveAgain(t, n)
			again.refuses(t, strings.TrimPrefix(again.url, "http://"), key, c.why)
		})
	}
}

// letIn is two keys of pages that came by a token, the second through the first; alone is
// the connection that has nothing but the first, and session one of REST by it.
func (n *standingNode) letIn(t *testing.T, token string) (alone *browser, session string, key, second *pageKey) {
	t.Helper()
	addr, id := strings.TrimPrefix(n.url, "http://"), n.log.ID()
	key = enrolled(browse(t, addr, token), id, n.member.Grant)
	alone = browse(t, addr, "")
	alone.prove(id, key)
	second = enrolled(alone, id, n.member.Grant)
	for _, g := range []crdt.Hash{key.grant, second.grant} {
		if right, ok := n.control.Right(g); !ok || right.NotAfter == 0 || right.NotAfter > time.Now().Add(bridge.MaxTokenLife).UnixMilli() {
			t.Fatalf("%+v", right)
		}
	}
	session = n.pageSession(t, key)
	n.requests(t, session, "before", 200, 201)
	return alone, session, key, second
}

// refuses demands that a page's own key opens no door, by a connection or for a session.
func (n *standingNode) refuses(t *testing.T, addr string, key *pageKey, why string) {
	t.Helper()
	b := browse(t, addr, "")
	b.sendProof(n.log.ID(), key)
	if no := await[*wire.Problem](b); no.Name != "proof" || !strings.Contains(no.Detail, why) {
		t.Errorf("%+v", no)
	}
	if code, body := n.askSession(t, key); code != 401 {
		t.Errorf("session: %d %s", code, body)
	}
}

func (n *standingNode) askSession(t *testing.T, key *pageKey) (int, string) {
	t.Helper()
	var c bridge.Challenge
	if err := json.Unmarshal(do(n.server, "POST", "/v1/challenge", "").Body.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(c.Challenge)
	body, _ := json.Marshal(bridge.SessionRequest{
		Match: n.log.ID(), Grant: key.grant, Challenge: c.Challenge, Signature: ed25519.Sign(key.key, bridge.SessionMessage(n.log.ID(), key.grant, raw)),
	})
	w := do(n.server, "POST", "/v1/session", string(body))
	return w.Code, w.Body.String()
}

func (n *standingNode) pageSession(t *testing.T, key *pageKey) string {
	t.Helper()
	code, body := n.askSession(t, key)
	var out bridge.Session
	if err := json.Unmarshal([]byte(body), &out); err != nil || code != 201 {
		t.Fatal(code, body)
	}
	return out.Token
}

// A page that came by nothing with an end is let in for some hours.
func TestGuestsPageIsLetInForATime(t *testing.T) {
	f := newFake(t)
	addr, _ := servePages(t, f, bridge.GuestsRecord)
	key := enrolled(browse(t, addr, ""), f.log.ID(), f.member.Grant)
	if right, _ := f.control.Right(key.grant); right.NotAfter == 0 || right.NotAfter > time.Now().Add(13*time.Hour).UnixMilli() {
		t.Errorf("%+v", right)
	}
}
