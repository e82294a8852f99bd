package bridge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"testing/iotest"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
)

// many follows many matches, some of one name.
type many struct {
	*fake
	matches []bridge.Match
}

func (m *many) Matches() []bridge.Match { return m.matches }

// Whatever the size of the pages, they make the list; nothing that comes or goes
// between two of them is a reason to miss or repeat another.
func TestListsHavePages(t *testing.T) {
	m := &many{fake: newFake(t)}
	all := bridge.NewCompetitions(m.store)
	var want [2][]string
	for i := range byte(12) {
		label := fmt.Sprintf("cup %c", 'a'+i/3)
		m.matches = append(m.matches, bridge.Match{ID: crdt.LogID{12 - i}, Label: label, Role: "record"})
		want[0] = append(want[0], label+crdt.LogID{12 - i}.String())
		want[1] = append(want[1], fmt.Sprintf("%c", 'z'-i))
		if _, err := all.New(context.Background(), bridge.NewCompetition{Name: want[1][i], Preset: "grassroots"}); err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(want[0])
	slices.Sort(want[1])
	s := documented(t, bridge.New(bridge.Config{Backend: m, Competitions: all, Guests: bridge.GuestsRecord}))
	for i, path := range []string{"/v1/matches", "/v1/competitions"} {
		for limit := 1; limit <= 13; limit++ {
			var got []string
			next, pages := "", 0
			for first := true; first || next != ""; first = false {
				var items []string
				if items, next = listPage(t, s, fmt.Sprintf("%s?limit=%d&after=%s", path, limit, url.QueryEscape(next))); len(items) > limit {
					t.Fatalf("%s: %d of at most %d", path, len(items), limit)
				}
				got, pages = append(got, items...), pages+1
			}
			if !slices.Equal(got, want[i]) || pages != (12+limit-1)/limit {
				t.Errorf("%s by %d: %d pages: %v", path, limit, pages, got)
			}
		}
		for _, query := range []string{"?limit=0", "?limit=10001", "?limit=x", "?after=%25"} {
			if w := do(s, "GET", path+query, ""); w.Code != http.StatusBadRequest {
				t.Errorf("%s%s: %d", path, query, w.Code)
			}
		}
	}
	_, next := listPage(t, s, "/v1/matches?limit=6")
	m.matches = slices.DeleteFunc(m.matches, func(one bridge.Match) bool { return one.Label == "cup b" })
	if rest, _ := listPage(t, s, "/v1/matches?after="+next); !slices.Equal(rest, want[0][6:]) {
		t.Errorf("after the place of the cursor had gone: %v", rest)
	}
}

// listPage is a page of either list, each item by what makes it different.
func listPage(t *testing.T, s http.Handler, path string) (items []string, next string) {
	t.Helper()
	var out struct {
		Matches      []struct{ Label, MatchID string }
		Competitions []struct{ Name string }
		Next         string
	}
	w := do(s, "GET", path, "")
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	for _, m := range out.Matches {
		items = append(items, m.Label+m.MatchID)
	}
	for _, c := range out.Competitions {
		items = append(items, c.Name)
	}
	return items, out.Next
}

// A stranger's batch is refused as a whole, and a body that ends early is the sender's
// mistake on every path.
func TestRequestsRefusedWhole(t *testing.T) {
	f := newFake(t)
	s := documented(t, bridge.New(bridge.Config{Backend: f, Tokens: newTokens(t, f.store)}))
	w := do(s, "POST", "/v1/events", `[{"matchId":"`+f.member.Log.String()+`","type":"goal"}]`)
	if w.Code != http.StatusUnauthorized || w.Header().Get("WWW-Authenticate") == "" {
		t.Errorf("a stranger's batch: %d", w.Code)
	}
	s = documented(t, bridge.New(bridge.Config{Backend: f, Tokens: newTokens(t, f.store), Guests: bridge.GuestsRecord}))
	for _, path := range []string{"/v1/events", "/v1/session"} {
		r := httptest.NewRequest("POST", path, iotest.ErrReader(errors.New("the client has gone")))
		r.Host = "localhost"
		w := httptest.NewRecorder()
		if s.ServeHTTP(w, r); w.Code != http.StatusBadRequest {
			t.Errorf("%s: a body that ends early: %d", path, w.Code)
		}
	}
}
