package bridge_test

import (
	"compress/gzip"
	"io"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/access"
)

// Whoever can unpack is told the same state, in a fraction of the bytes: by every role,
// after each event, and however often it was asked for before.
func TestStateZipped(t *testing.T) {
	f := newFake(t)
	tokens := newTokens(t, f.store)
	s := bridge.New(bridge.Config{Backend: f, Tokens: tokens})
	path := "/v1/matches/" + f.member.Log.String() + "/state"
	headers := map[access.Role][]string{}
	for _, role := range []access.Role{access.Coach, access.Scorer, access.Spectator} {
		token, _ := mint(t, tokens, f.member.Log, role, time.Now())
		headers[role] = []string{"Authorization", "Bearer " + token}
	}
	record := func(body string) {
		t.Helper()
		if w := do(s, "POST", "/v1/events", body, headers[access.Scorer]...); w.Code != 201 {
			t.Fatal(w.Code, w.Body)
		}
	}
	record(`{"matchId":"` + f.member.Log.String() + `","type":"match.setup","data":{"ageBand":"U9"}}`) // its results are not for everyone
	for range 40 {
		record(`{"matchId":"` + f.member.Log.String() + `","type":"shot","teamId":"home","data":{"outcome":"saved"}}`)
		for role, header := range headers {
			for range 2 {
				plain := do(s, "GET", path, "", header...)
				w := do(s, "GET", path, "", append([]string{"Accept-Encoding", "br, gzip"}, header...)...)
				if plain.Code != 200 || w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || plain.Header().Get("Content-Encoding") != "" || w.Header().Get("Vary") != "Accept-Encoding" {
					t.Fatal(plain.Code, w.Code, w.Header())
				}
				zipped := w.Body.Len()
				z, err := gzip.NewReader(w.Body)
				if err != nil {
					t.Fatal(err)
				}
				got, err := io.ReadAll(z)
				if err != nil || string(got) != plain.Body.String() {
					t.Fatalf("%v: %v\n%s\n%s", role, err, got, plain.Body)
				}
				if zipped > len(got)/2 {
					t.Errorf("%d bytes of %d", zipped, len(got))
				}
			}
		}
	}
}
