package bridge_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// The digest that REST serves is that of all that was folded, whoever asks and in
// whatever order it came; who does not see everything gets none to guess by.
func TestStateDigest(t *testing.T) {
	f := newFake(t)
	own := crdt.NewChain()
	add := func(c crdt.Content) { own.Advance(f.write(t, f.member.Key(), f.member.Grant, own, c)) }
	add(crdt.Content{ID: "s", Type: "match.setup", Data: []byte(`{"age_band":"U10"}`)})
	add(goalAt(3))
	tokens := newTokens(t, f.store)
	s := bridge.New(bridge.Config{Backend: f, Tokens: tokens, Guests: bridge.GuestsWatch})
	ask := func(role access.Role, team string) *crdt.Hash {
		t.Helper()
		var header []string
		if role != 0 {
			text, _, err := tokens.Mint(context.Background(), bridge.TokenTerms{Match: f.member.Log, Role: role, Team: team, Life: time.Hour}, time.Now())
			if err != nil {
				t.Fatal(err)
			}
			header = []string{"Authorization", "Bearer " + text}
		}
		var v bridge.StateView
		w := do(s, "GET", "/v1/matches/"+f.member.Log.String()+"/state", "", header...)
		if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return v.Digest
	}
	whole := func() crdt.Hash {
		t.Helper()
		folded, err := bridge.NewFolds(f).Of(f.log)
		if err != nil {
			t.Fatal(err)
		}
		return crdt.Hash(folded.State.Digest())
	}
	before := whole()
	for range 2 {
		for _, role := range []access.Role{access.Scorer, access.Coach} {
			if got := ask(role, ""); got == nil || *got != whole() {
				t.Errorf("%s: %v, want %s", role, got, whole())
			}
		}
		for _, role := range []access.Role{access.Scorer, access.Coach, access.Guardian, access.Family} {
			if got := ask(role, "home"); got != nil {
				t.Errorf("%s of one team: %s", role, got)
			}
		}
		for _, role := range []access.Role{0, access.Spectator, access.Family} {
			if got := ask(role, ""); got != nil {
				t.Errorf("%s: %s", role, got)
			}
		}
		add(goalAt(9)) // and once more with what came after somebody had asked
	}
	if before == whole() {
		t.Error("a goal leaves the digest as it was")
	}
}
