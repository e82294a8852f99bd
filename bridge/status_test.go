package bridge_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// damagedFake has a damage behind it.
type damagedFake struct{ pageFake }

func (f damagedFake) Status(id crdt.LogID) (bridge.Status, error) {
	st, err := f.pageFake.Status(id)
	st.Lost, st.Damages = 7, []bridge.Damage{{When: time.Now(), What: "a table is damaged", Moved: "/home/mia/store.bad-1"}}
	return st, err
}

// A status says what its caller may do, names devices of the network only to those
// who record, and folders of this device to nobody who is not at it.
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
		s := documented(t, bridge.New(bridge.Config{Backend: damagedFake{pageFake{f}}, Tokens: tokens, Guests: c.guests}))
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
			if st.Lost != 7 || strings.Contains(w.Body.String(), "mia") {
				t.Errorf("%s, guests %s: %s", c.role, c.guests, w.Body)
			}
		}
	}
}
