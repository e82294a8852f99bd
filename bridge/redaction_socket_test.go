package bridge_test

import (
	"encoding/hex"
	"net/http/httptest"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

// The same over a page's connection: what it is sent of a match, whole frames and all,
// has no word that is not for it.
func TestRedactionOnSockets(t *testing.T) {
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
			body := followed(t, strings.TrimPrefix(h.URL, "http://"), w.token, r.member.Log)
			r.tells(t, w, "/ws", body)
			for _, c := range r.canaries { // frames have hashes as bytes
				if raw, err := hex.DecodeString(c.word); err == nil && len(raw) == len(crdt.Hash{}) && strings.Contains(body, string(raw)) && !c.told(w, of) {
					t.Errorf("%s, %s: /ws tells the hash %s", of, w.name, c.word)
				}
			}
			if w.refused != (body == "") {
				t.Errorf("%s, %s: refused: %v, and got %d bytes", of, w.name, w.refused, len(body))
			}
			if !w.refused {
				r.shows(t, w, "/ws", body, viewsOfMatch["/v1/matches/{id}/live"]...)
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

// followed is what a page is sent until it has all that there is; nothing when it
// is sent away.
func followed(t *testing.T, addr, token string, match crdt.LogID) (sent string) {
	t.Helper()
	b := connect(t, addr)
	defer b.conn.Close()
	b.send(&wire.Hello{Version: 1, Store: b.store, Token: token})
	if f, err := b.next(); err != nil {
		return ""
	} else if _, welcome := f.(*wire.Welcome); !welcome {
		return ""
	}
	b.send(&wire.Follow{ID: 1, Match: match, Format: wire.Redacted})
	for {
		f, err := b.next()
		if err != nil {
			t.Fatal(err)
		}
		sent += string(wire.Encode(f))
		switch f.(type) {
		case *wire.Caught, *wire.Problem:
			return sent
		}
	}
}
