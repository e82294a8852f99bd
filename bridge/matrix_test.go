package bridge_test

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// guardian is a device whose invite was given the key of a child's guardians; of
// none if child is empty.
func (f *fake) guardian(t *testing.T, team, child string) *access.Member {
	t.Helper()
	terms := access.Terms{Role: access.Guardian, Team: team, Audiences: access.AudienceMatch | access.AudienceGuardians, Uses: 1}
	invite, content := f.member.NewInvite(terms)
	grant := f.control1(t, content)
	if err := invite.Complete([]*crdt.Event{f.founder, grant}); err != nil {
		t.Fatal(err)
	}
	if child != "" {
		next, err := access.NewKeyring(f.member, f.control).Rotate(f.member.Guardians(team, child), grant.Hash)
		if err != nil {
			t.Fatal(err)
		}
		f.control1(t, next.Content)
	}
	m, control, err := invite.Join(f.clock)
	if err != nil {
		t.Fatal(err)
	}
	f.admit(t, control...)
	return m
}

// control1 signs and admits one control event of the founder's.
func (f *fake) control1(t *testing.T, content []byte) *crdt.Event {
	t.Helper()
	e, err := f.member.SignControl(f.clock, crdt.NewChain(), content)
	if err != nil {
		t.Fatal(err)
	}
	f.admit(t, e)
	return e
}

// session proves a device's right and returns its token.
func session(t *testing.T, s http.Handler, m *access.Member) string {
	t.Helper()
	var c bridge.Challenge
	if err := json.Unmarshal(do(s, "POST", "/v1/challenge", "").Body.Bytes(), &c); err != nil {
		t.Fatal(err)
	}
	raw, _ := base64.RawURLEncoding.DecodeString(c.Challenge)
	b, _ := json.Marshal(bridge.SessionRequest{
		Match: m.Log, Grant: m.Grant, Challenge: c.Challenge,
		Signature: ed25519.Sign(m.Key(), bridge.SessionMessage(m.Log, m.Grant, raw)),
	})
	w := do(s, "POST", "/v1/session", string(b))
	var out bridge.Session
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != 201 {
		t.Fatalf("session: %d %s", w.Code, w.Body)
	}
	return out.Token
}

// Who sees the detail of whose injury, on every path by which a match is served: a
// team's staff of their own players', a guardian of the own child's, others none's.
// Two sides use the same numbers.
func TestWhoSeesWhoseInjury(t *testing.T) {
	f := newFake(t)
	own := crdt.NewChain()
	add := func(c crdt.Content) { own.Advance(f.write(t, f.member.Key(), f.member.Grant, own, c)) }
	add(crdt.Content{ID: "s", Type: "match.setup", Data: []byte(`{"teams":{"home":{"id":"badgers"},"away":{"id":"otters"}},"results":"public"}`)})
	details := []string{"home7", "home9", "away7"}
	for i, d := range details {
		ms := int64(i+1) * 60_000
		team, child := d[:4], d[4:]
		add(crdt.Content{ID: "i" + d, Type: "injury", Team: team, Period: 1, ClockMs: &ms, Data: fmt.Appendf(nil, `{"player":%q,"area":%q}`, child, "knee-"+d)})
	}
	tokens := newTokens(t, f.store)
	s := bridge.New(bridge.Config{Backend: f, Tokens: tokens, Guests: bridge.GuestsWatch})
	token := func(role access.Role, team, child string) string {
		text, _, err := tokens.Mint(context.Background(), bridge.TokenTerms{Match: f.member.Log, Role: role, Team: team, Child: child, Life: time.Hour}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	closed := f.guardian(t, "home", "7")
	closedToken := session(t, s, closed)
	for _, c := range []struct{ name, token, sees string }{
		{"guest", "", ""},
		{"watcher", token(access.Spectator, "", ""), ""},
		{"family of home", token(access.Family, "home", ""), ""},
		{"recorder of both", token(access.Scorer, "", ""), ""},
		{"recorder of home", token(access.Scorer, "home", ""), "home7 home9"},
		{"coach of the otters", token(access.Coach, "otters", ""), "away7"},
		{"guardian of nobody", token(access.Guardian, "home", ""), ""},
		{"guardian of home 7", token(access.Guardian, "home", "7"), "home7"},
		{"guardian of badgers 9", token(access.Guardian, "badgers", "9"), "home9"},
		{"guardian of away 7", token(access.Guardian, "away", "7"), "away7"},
		{"guardian of a child elsewhere", token(access.Guardian, "lions", "7"), ""},
		{"device of home 7's guardian", session(t, s, f.guardian(t, "home", "7")), "home7"},
		{"device of badgers 9's guardian", session(t, s, f.guardian(t, "badgers", "9")), "home9"},
		{"device of away 7's guardian", session(t, s, f.guardian(t, "away", "7")), "away7"},
		{"device of a guardian without a key", session(t, s, f.guardian(t, "home", "")), ""},
	} {
		seesOnly(t, s, f, c.name, c.token, details, c.sees)
	}
	seesOnly(t, s, f, "before it is revoked", closedToken, details, "home7")
	f.revoke(t, closed.Grant)
	for _, path := range detailed(f) {
		if w := do(s, "GET", path, "", "Authorization", "Bearer "+closedToken); w.Code != 401 || strings.Contains(w.Body.String(), "knee") {
			t.Errorf("a revoked guardian: %s: %d %s", path, w.Code, w.Body)
		}
	}
}

// revoke ends a right, by the founder; what was seen of it stands.
func (f *fake) revoke(t *testing.T, grant crdt.Hash) {
	t.Helper()
	content, refs, err := f.control.PlanRevocation(f.member.Grant, grant, f.chains, access.KeepSeen)
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.member.SignControl(f.clock, crdt.NewChain(), content, refs...)
	if err != nil {
		t.Fatal(err)
	}
	f.admit(t, e)
}

// detailed are the paths that show events.
func detailed(f *fake) []string {
	id := f.member.Log.String()
	return []string{"/v1/matches/" + id + "/state", "/v1/matches/" + id + "/timeline", "/v1/matches/" + id + "/events", "/v1/teams/badgers/events"}
}

// seesOnly demands that a token shows these of the details and no others.
func seesOnly(t *testing.T, s *bridge.Server, f *fake, name, token string, details []string, sees string) {
	t.Helper()
	var header []string
	if token != "" {
		header = []string{"Authorization", "Bearer " + token}
	}
	for _, path := range detailed(f) {
		w := do(s, "GET", path, "", header...)
		if w.Code != 200 {
			t.Errorf("%s: %s: %d %s", name, path, w.Code, w.Body)
		}
		for _, d := range details {
			if shown := strings.Contains(w.Body.String(), "knee-"+d); shown != strings.Contains(sees, d) {
				t.Errorf("%s: %s shows %s: %v", name, path, d, shown)
			}
		}
	}
}

// What a token may not say.
func TestTokenTerms(t *testing.T) {
	f := newFake(t)
	tokens := newTokens(t, f.store)
	for name, terms := range map[string]bridge.TokenTerms{
		"a family's child":           {Role: access.Family, Team: "home", Child: "7"},
		"a child of no team":         {Role: access.Guardian, Child: "7"},
		"a watcher of a team":        {Role: access.Spectator, Team: "home"},
		"a team with a long name":    {Role: access.Family, Team: strings.Repeat("x", 129)},
		"a child with a long number": {Role: access.Guardian, Team: "home", Child: strings.Repeat("7", 129)},
	} {
		terms.Match, terms.Life = f.member.Log, time.Hour
		if _, _, err := tokens.Mint(context.Background(), terms, time.Now()); err == nil {
			t.Errorf("a token for %s", name)
		}
	}
	text, info, err := tokens.Mint(context.Background(), bridge.TokenTerms{
		Match: f.member.Log, Role: access.Guardian, Team: strings.Repeat("t", 128), Child: strings.Repeat("c", 128), Life: time.Hour,
	}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if c, err := tokens.Check(text, time.Now()); err != nil || c.Team != info.Team || c.Child != info.Child || len(c.Child) != 128 {
		t.Errorf("%+v, %v", c, err)
	}
}

// A list of matches says which team the caller's right is bound to.
func TestMatchesSayWhoseTeam(t *testing.T) {
	f := newFake(t)
	tokens := newTokens(t, f.store)
	s := documented(t, bridge.New(bridge.Config{Backend: f, Tokens: tokens, Guests: bridge.GuestsWatch}))
	for _, team := range []string{"", "home"} {
		text, _, err := tokens.Mint(context.Background(), bridge.TokenTerms{Match: f.member.Log, Role: access.Coach, Team: team, Life: time.Hour}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		var list bridge.MatchList
		w := do(s, "GET", "/v1/matches", "", "Authorization", "Bearer "+text)
		if err := json.Unmarshal(w.Body.Bytes(), &list); err != nil || len(list.Matches) != 1 || list.Matches[0].Of != team || list.Matches[0].Role != "coach" {
			t.Errorf("%q: %s", team, w.Body)
		}
	}
}
