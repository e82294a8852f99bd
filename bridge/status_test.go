package bridge_test

import (
	"encoding/json"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/access"
)

// A status says what its caller may do, and names devices of the network only to those
// who record.
func TestStatusIsForItsCaller(t *testing.T) {
	f := newFake(t)
	tokens := newTokens(t, f.store)
	record, _ := mint(t, tokens, f.member.Log, access.Scorer, time.Now())
	watch, _ := mint(t, tokens, f.member.Log, access.Spectator, time.Now())
	for _, c := range []struct {
		guests            bridge.Guests
		token, role, peer string
	}{
		{bridge.GuestsNone, record, "record", "relay"},
		{bridge.GuestsNone, watch, "watch", ""},
		{bridge.GuestsWatch, "", "watch", ""},
		{bridge.GuestsRecord, "", "record", "relay"},
	} {
		s := documented(t, bridge.New(bridge.Config{Backend: pageFake{f}, Tokens: tokens, Guests: c.guests}))
		var header []string
		if c.token != "" {
			header = []string{"Authorization", "Bearer " + c.token}
		}
		for _, path := range []string{"", "/status"} {
			var st bridge.Status
			w := do(s, "GET", "/v1/matches/"+f.member.Log.String()+path, "", header...)
			if err := json.Unmarshal(w.Body.Bytes(), &st); err != nil || st.Role != c.role || len(st.Peers) != 1 || st.Peers[0].ID != c.peer || !st.Peers[0].Relay {
				t.Errorf("%s, guests %s: %v %s", c.role, c.guests, err, w.Body)
			}
		}
	}
}
