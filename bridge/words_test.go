package bridge_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
)

// On every path in, free text is beside the log and not in it, what comes back has
// it, and the same event said with other words is the same event.
func TestWordsLieBesideTheLog(t *testing.T) {
	f := newFake(t)
	s := bridge.New(bridge.Config{Guests: bridge.GuestsRecord, Backend: f})
	match := f.log.ID().String()
	for name, body := range map[string]string{
		"REST":                 `{"id":"n","matchId":%q,"type":"card","teamId":"home","data":{"player":7,"card":"yellow","reason":"Mia W swore"}}`,
		"a page's fields":      `{"id":"f","matchId":%q,"kind":"note","created":1,"notes":"Mia W"}`,
		"a page's own data":    `{"id":"d","matchId":%q,"kind":"note","created":1,"data":{"text":"Mia W","player":7}}`,
		"data named as ours":   `{"id":"p","matchId":%q,"type":"note","data":{"page":{"#type":"\"type\""},"text":"Mia W"}}`,
		"a page, both of them": `{"id":"b","matchId":%q,"kind":"note","created":1,"data":{"text":"Mia W","page":1},"x":"Mia W"}`,
	} {
		f.drafted = nil
		w := do(s, "POST", "/v1/events", fmt.Sprintf(body, match))
		if w.Code != http.StatusCreated || !strings.Contains(w.Body.String(), "Mia W") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		divided(t, name, f.drafted)
	}
	w := do(s, "POST", "/v1/events", fmt.Sprintf(`{"id":"n","matchId":%q,"type":"card","teamId":"home","data":{"player":7,"card":"yellow","reason":"said otherwise"}}`, match))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Mia W swore") {
		t.Errorf("the same with other words: %d %s", w.Code, w.Body)
	}
	if w := do(s, "POST", "/v1/events", fmt.Sprintf(`{"id":"z","matchId":%q,"type":"note","data":{"text":%q}}`, match, strings.Repeat("x", 9000))); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too much text: %d %s", w.Code, w.Body)
	}

	addr, _ := servePages(t, f, bridge.GuestsRecord)
	p := browse(t, addr, "")
	f.drafted = nil
	p.send(&wire.Publish{ID: 1, Draft: fmt.Appendf(nil, `{"id":"w","matchId":%q,"type":"note","data":{"text":"Mia W"}}`, match)})
	ack := await[*wire.Ack](p)
	divided(t, "a draft of a page", f.drafted)

	for h := range f.fields {
		delete(f.fields, h) // erased
	}
	for _, path := range []string{"/events", "/state", "/timeline", "/why"} {
		if w := do(s, "GET", "/v1/matches/"+match+path, ""); w.Code != 200 || strings.Contains(w.Body.String(), "Mia") {
			t.Errorf("%s after it was erased: %d %s", path, w.Code, w.Body)
		}
	}
	if e, err := f.log.Event(ack.Hash); err != nil || strings.Contains(string(e.Envelope()), "Mia") {
		t.Errorf("the event: %v", err)
	}
}

func divided(t *testing.T, path string, d *bridge.Draft) {
	t.Helper()
	if d == nil {
		t.Fatalf("%s: nothing was recorded", path)
	}
	if plain, err := (&crdt.Content{ID: "i", Type: d.Content.Type, Data: d.Content.Data}).Encode(); err != nil || strings.Contains(string(plain), "Mia") || !strings.Contains(string(d.Fields), "Mia W") {
		t.Errorf("%s: in the log %s, beside it %s (%v)", path, d.Content.Data, d.Fields, err)
	}
}
