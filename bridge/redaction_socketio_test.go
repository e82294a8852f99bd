package bridge_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
)

// The same over Socket.IO: what a page of the first plan is sent that comes back to a
// match's room and missed all of it.
func TestRedactionOverSocketIO(t *testing.T) {
	all := settings()
	if testing.Short() {
		all = []setting{all[0], all[9], all[len(all)-1]}
	}
	for _, of := range all {
		r := newRedacted(t, of)
		s, tokens := r.served(t)
		watchers := r.watchers(t, s, tokens)
		h := httptest.NewServer(s)
		for _, w := range watchers {
			body, in := roomOf(t, h.URL, w.token, r.member.Log)
			r.tells(t, w, "Socket.IO", body)
			if w.refused == in {
				t.Errorf("%s, %s: refused: %v, and got %s", of, w.name, w.refused, body)
			}
			if in {
				r.shows(t, w, "Socket.IO", body, "canaryelbow", "canarytooth", "234567", "345678", `"goal"`)
			}
			if t.Failed() {
				break // the first says enough
			}
		}
		s.Close()
		h.Close()
		if t.Failed() {
			return
		}
	}
}

// roomOf is all that a page is sent of a match, offsets too, until it is told that it is
// in the room; in is false when it is sent away.
func roomOf(t *testing.T, node, token string, match crdt.LogID) (sent string, in bool) {
	t.Helper()
	client := http.Client{Timeout: 30 * time.Second}
	call := func(method, url, body string) string {
		r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s %v", method, resp.StatusCode, b, err)
		}
		return string(b)
	}
	base := node + "/socket.io/?EIO=4&transport=polling"
	_, sid, _ := strings.Cut(call(http.MethodGet, base, ""), `"sid":"`)
	sid, _, _ = strings.Cut(sid, `"`)
	url := base + "&sid=" + sid
	auth := `"pid":"aaaaaaaaaaaaaaaaaaaa","offset":"2/m` + match.String() + `/"`
	if token != "" {
		auth += `,"token":"` + token + `"`
	}
	call(http.MethodPost, url, "40{"+auth+"}")
	for {
		for _, packet := range strings.Split(call(http.MethodGet, url, ""), "\x1e") {
			switch {
			case strings.HasPrefix(packet, "44"):
				return sent + packet, false
			case strings.HasPrefix(packet, "40"):
				call(http.MethodPost, url, `420["join_match","`+match.String()+`"]`)
			case strings.HasPrefix(packet, "430"):
				return sent, true
			case strings.HasPrefix(packet, "42"):
				sent += packet + "\n"
			}
		}
	}
}
