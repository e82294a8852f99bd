package bridge_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

func newTokens(t *testing.T, k bridge.Keeper) *bridge.Tokens {
	t.Helper()
	tokens, err := bridge.NewTokens([]byte(strings.Repeat("s", 32)), k)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

func mint(t *testing.T, tokens *bridge.Tokens, id crdt.LogID, role access.Role, now time.Time) (string, bridge.TokenInfo) {
	t.Helper()
	text, info, err := tokens.Mint(context.Background(), bridge.TokenTerms{Match: id, Role: role, Label: "aunt", Life: time.Hour}, now)
	if err != nil {
		t.Fatal(err)
	}
	return text, info
}

// What a request may do, by what it carries.
func TestWhoMayDoWhat(t *testing.T) {
	f := newFake(t)
	tokens := newTokens(t, f.store)
	id, now := f.member.Log, time.Now()
	record, _ := mint(t, tokens, id, access.Scorer, now)
	watch, _ := mint(t, tokens, id, access.Spectator, now)
	other, _ := mint(t, tokens, crdt.LogID{9}, access.Scorer, now)
	expired, _ := mint(t, tokens, id, access.Scorer, now.Add(-2*time.Hour))
	gone, info := mint(t, tokens, id, access.Scorer, now)
	if _, err := tokens.Revoke(context.Background(), info.ID[:8]); err != nil {
		t.Fatal(err)
	}
	foreign, err := bridge.NewTokens([]byte(strings.Repeat("x", 32)), f.store)
	if err != nil {
		t.Fatal(err)
	}
	forged, _ := mint(t, foreign, id, access.Scorer, now)
	body := func(n int) string { return fmt.Sprintf(`{"matchId":"%s","id":"t%d","type":"note"}`, id, n) }
	for i, tt := range []struct {
		name        string
		guests      bridge.Guests
		token       string
		read, write int
	}{
		{"nobody", "", "", 401, 401},
		{"nobody, none", bridge.GuestsNone, "", 401, 401},
		{"guest who may watch", bridge.GuestsWatch, "", 200, 403},
		{"guest who may record", bridge.GuestsRecord, "", 200, 201},
		{"recorder", "", record, 200, 201},
		{"watcher", "", watch, 200, 403},
		{"watcher where guests may record", bridge.GuestsRecord, watch, 200, 403},
		{"other match", "", other, 403, 403},
		{"expired", bridge.GuestsRecord, expired, 401, 401},
		{"revoked", "", gone, 401, 401},
		{"another node's", "", forged, 401, 401},
		{"changed", "", record[:len(record)-2] + "AA", 401, 401},
		{"nonsense", "", "tl1.zzz", 401, 401},
	} {
		s := documented(t, bridge.New(bridge.Config{Backend: f, Tokens: tokens, Guests: tt.guests}))
		var header []string
		if tt.token != "" {
			header = []string{"Authorization", "Bearer " + tt.token}
		}
		for path, want := range map[string]int{"/events": tt.read, "/status": tt.read, "": tt.read} {
			if w := do(s, "GET", "/v1/matches/"+id.String()+path, "", header...); w.Code != want {
				t.Errorf("%s: GET %s: %d, want %d: %s", tt.name, path, w.Code, want, w.Body)
			}
		}
		if w := do(s, "POST", "/v1/events", body(i), header...); w.Code != tt.write {
			t.Errorf("%s: POST: %d, want %d: %s", tt.name, w.Code, tt.write, w.Body)
		} else if w.Code == 401 && w.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: 401 without WWW-Authenticate", tt.name)
		}
		w := do(s, "GET", "/v1/matches", "", header...)
		if shows := strings.Contains(w.Body.String(), id.String()); shows != (tt.read == 200) {
			t.Errorf("%s: the list of matches: %d %s", tt.name, w.Code, w.Body)
		}
		if w := do(s, "GET", "/healthz", ""); w.Code != 200 {
			t.Errorf("health needs nothing: %d", w.Code)
		}
	}
}

// Who may not record is told what would let it, by what it came: a guest has no token
// to look at, and a device no use for one.
func TestWhatWouldLetItRecord(t *testing.T) {
	n := serveStanding(t)
	watch, _ := mint(t, n.tokens, n.log.ID(), access.Spectator, time.Now())
	server := bridge.New(bridge.Config{Backend: n.fake, Tokens: n.tokens, Guests: bridge.GuestsWatch})
	for who, c := range map[string]struct{ token, says, never string }{
		"guest":  {"", "guests may only watch here; to record, open a link from touchline token MATCH --role record --link", "this token"},
		"token":  {watch, "this token lets its holder watch, not record", "guest"},
		"device": {session(t, n.server, n.device(t, access.Family)), "this device joined as family, and does not record; ask for an invite", "this token"},
	} {
		var header []string
		if c.token != "" {
			header = []string{"Authorization", "Bearer " + c.token}
		}
		w := do(server, "POST", "/v1/events", string(draftOf(n.fake, "x-"+who)), header...)
		if says := w.Body.String(); w.Code != 403 || !strings.Contains(says, c.says) || strings.Contains(says, c.never) {
			t.Errorf("%s: %d %s", who, w.Code, says)
		}
	}
}

// A live stream of a browser has its token in the query; nothing else does.
func TestTokenInQuery(t *testing.T) {
	f := newFake(t)
	tokens := newTokens(t, f.store)
	text, _ := mint(t, tokens, f.member.Log, access.Spectator, time.Now())
	s := bridge.New(bridge.Config{Backend: f, Tokens: tokens})
	if w := do(s, "GET", "/v1/matches?access_token="+text, ""); w.Code != 401 {
		t.Errorf("a list with a token in its query: %d", w.Code)
	}
	s.Close() // ends the stream at once
	if w := do(s, "GET", "/v1/matches/"+f.member.Log.String()+"/live?access_token="+text, ""); w.Code != 200 {
		t.Errorf("a live stream with a token in its query: %d %s", w.Code, w.Body)
	}
}

// Revocation survives a restart, and the list shows it.
func TestTokensAreRemembered(t *testing.T) {
	f := newFake(t)
	tokens := newTokens(t, f.store)
	text, info := mint(t, tokens, f.member.Log, access.Coach, time.Now())
	if _, err := tokens.Check(text, time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Revoke(context.Background(), info.ID); err != nil {
		t.Fatal(err)
	}
	again := newTokens(t, f.store)
	if _, err := again.Check(text, time.Now()); err == nil {
		t.Error("a revoked token is good after a restart")
	}
	list, err := again.List()
	if err != nil || len(list) != 1 || !list[0].Revoked || list[0].Label != "aunt" {
		t.Errorf("list %+v, %v", list, err)
	}
	if _, err := again.Revoke(context.Background(), ""); err == nil {
		t.Error("no ID names a token")
	}
	for _, role := range []access.Role{access.Organiser, access.Referee, access.Relay} {
		if _, _, err := tokens.Mint(context.Background(), bridge.TokenTerms{Match: f.member.Log, Role: role, Life: time.Hour}, time.Now()); err == nil {
			t.Errorf("a token for %v", role)
		}
	}
	for _, life := range []time.Duration{0, -time.Hour, bridge.MaxTokenLife + 1} {
		if _, _, err := tokens.Mint(context.Background(), bridge.TokenTerms{Match: f.member.Log, Role: access.Scorer, Life: life}, time.Now()); err == nil {
			t.Errorf("a token for %v", life)
		}
	}
}

// A device proves its right by a signature, once for each challenge.
func TestDeviceSession(t *testing.T) {
	f := newFake(t)
	s := documented(t, bridge.New(bridge.Config{Backend: f, Tokens: newTokens(t, f.store)}))
	ask := func() (c bridge.Challenge) {
		w := do(s, "POST", "/v1/challenge", "")
		if err := json.Unmarshal(w.Body.Bytes(), &c); err != nil || w.Code != 200 {
			t.Fatal(w.Code, w.Body)
		}
		return c
	}
	prove := func(key ed25519.PrivateKey, grant crdt.Hash, challenge string) (int, bridge.Session) {
		raw, _ := base64.RawURLEncoding.DecodeString(challenge)
		b, _ := json.Marshal(bridge.SessionRequest{
			Match: f.member.Log, Grant: grant, Challenge: challenge,
			Signature: ed25519.Sign(key, bridge.SessionMessage(f.member.Log, grant, raw)),
		})
		w := do(s, "POST", "/v1/session", string(b))
		var out bridge.Session
		json.Unmarshal(w.Body.Bytes(), &out)
		return w.Code, out
	}
	c := ask()
	code, session := prove(f.member.Key(), f.member.Grant, c.Challenge)
	if code != 201 || session.Role != "admin" {
		t.Fatalf("proof refused: %d %+v", code, session)
	}
	if w := do(s, "GET", "/v1/matches/"+f.member.Log.String()+"/events", "", "Authorization", "Bearer "+session.Token); w.Code != 200 {
		t.Errorf("session token: %d", w.Code)
	}
	if code, _ := prove(f.member.Key(), f.member.Grant, c.Challenge); code != 401 {
		t.Errorf("the same challenge twice: %d", code)
	}
	stranger := ed25519.NewKeyFromSeed(make([]byte, 32))
	if code, _ := prove(stranger, f.member.Grant, ask().Challenge); code != 401 {
		t.Errorf("another key: %d", code)
	}
	if code, _ := prove(f.member.Key(), crdt.Hash{1}, ask().Challenge); code != 401 {
		t.Errorf("no right: %d", code)
	}
	if code, _ := prove(f.member.Key(), f.member.Grant, "AAAA"); code != 401 {
		t.Errorf("invented challenge: %d", code)
	}
}

// Which names and which pages are served.
func TestHostsAndOrigins(t *testing.T) {
	f := newFake(t)
	s := documented(t, bridge.New(bridge.Config{Backend: f, Guests: bridge.GuestsRecord, Names: []string{"pitch.example"}, Origins: []string{"http://localhost:5173"}}))
	event := `{"matchId":"` + f.member.Log.String() + `","id":"o","type":"note"}`
	for _, tt := range []struct {
		name, method string
		header       []string
		want         int
	}{
		{"address of the LAN", "GET", []string{"Host", "192.168.1.7:3001"}, 200},
		{"IPv6 address", "GET", []string{"Host", "[fd00::7]:3001"}, 200},
		{"given name", "GET", []string{"Host", "Pitch.example"}, 200},
		{"rebound name", "GET", []string{"Host", "evil.example:3001"}, 403},
		{"own page", "POST", []string{"Host", "192.168.1.7:3001", "Origin", "http://192.168.1.7:3001"}, 201},
		{"configured page", "POST", []string{"Origin", "http://localhost:5173"}, 200},
		{"foreign page writes", "POST", []string{"Origin", "http://evil.example"}, 403},
		{"foreign page reads", "GET", []string{"Origin", "http://evil.example"}, 403},
		{"opaque page", "POST", []string{"Origin", "null"}, 403},
		{"form of a foreign page", "POST", []string{"Sec-Fetch-Site", "cross-site"}, 403},
	} {
		path := "/v1/matches"
		if tt.method == "POST" {
			path = "/v1/events"
		}
		if w := do(s, tt.method, path, event, tt.header...); w.Code != tt.want {
			t.Errorf("%s: %d, want %d: %s", tt.name, w.Code, tt.want, w.Body)
		}
	}
	w := do(s, "OPTIONS", "/v1/events", "", "Origin", "http://localhost:5173", "Access-Control-Request-Method", "POST")
	if w.Code != 204 || w.Header().Get("Access-Control-Allow-Origin") != "http://localhost:5173" {
		t.Errorf("preflight: %d %v", w.Code, w.Header())
	}
}

func FuzzToken(f *testing.F) {
	store := crdt.NewMemStore()
	tokens, _ := bridge.NewTokens([]byte(strings.Repeat("s", 32)), store)
	text, _, _ := tokens.Mint(context.Background(), bridge.TokenTerms{Match: crdt.LogID{1}, Role: access.Scorer, Life: time.Hour}, time.Now())
	f.Add(text)
	f.Add("tl1.")
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := tokens.Check(s, time.Now()); err == nil && s != text && strings.TrimSpace(s) != text {
			t.Errorf("%q lets %+v in", s, c)
		}
	})
}
