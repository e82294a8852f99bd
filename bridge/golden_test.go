package bridge_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

var rewrite = flag.Bool("rewrite", false, "write docs/vectors/rest.json anew")

const restFile = "../docs/vectors/rest.json"

// golden is one request and its whole answer.
type golden struct {
	Name        string          `json:"name"`
	Guests      bridge.Guests   `json:"guests"` // what the node lets clients without a token do
	Method      string          `json:"method"`
	Path        string          `json:"path"`
	LastEventID string          `json:"lastEventId,omitempty"`
	Body        json.RawMessage `json:"body,omitempty"`
	Status      int             `json:"status"`
	ContentType string          `json:"contentType"`
	JSON        json.RawMessage `json:"json,omitempty"`
	Text        string          `json:"text,omitempty"` // of a stream
}

// fixed is a Backend whose keys, clock and store are always the same.
type fixed struct {
	*fake
	log *crdt.Log
	own map[string]*crdt.Event
}

var fixedLog = crdt.LogID(bytes.Repeat([]byte{0x11}, 32))

// anyone lets everybody write: rights are not what these vectors are about.
type anyone struct{}

func (anyone) Check(*crdt.Event) error { return nil }
func (anyone) Add(*crdt.Event)         {}
func (anyone) Bars(*crdt.Event) bool   { return false }

func newFixed(t *testing.T) *fixed {
	t.Helper()
	f := &fixed{fake: newFake(t), own: map[string]*crdt.Event{}}
	var err error
	if f.log, err = crdt.OpenLog(crdt.NewMemStore(), fixedLog, anyone{}, nil, nil); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fixed) StoreID() crdt.StoreID { return crdt.StoreID(bytes.Repeat([]byte{0x22}, 16)) }
func (f *fixed) Matches() []bridge.Match {
	return []bridge.Match{{ID: fixedLog, Label: "U10 final", Role: "record"}}
}
func (f *fixed) Role(crdt.LogID, crdt.Hash) access.Role { return access.Scorer }

func (f *fixed) Right(crdt.LogID, crdt.Hash) (access.Right, bool) {
	return access.Right{Role: access.Scorer, Verdict: access.Verdict{State: access.Stands}}, true
}

func (f *fixed) Log(id crdt.LogID) (*crdt.Log, error) {
	if id != fixedLog {
		return nil, crdt.ErrNotFound
	}
	return f.log, nil
}

func (f *fixed) Entries(_ crdt.LogID, after crdt.Arrival, limit int) ([]crdt.Entry, error) {
	return f.log.Since(after, limit)
}

func (f *fixed) Status(crdt.LogID) (bridge.Status, error) {
	d, _, err := f.log.Digest()
	heard := time.UnixMilli(1_700_000_060_000).UTC()
	return bridge.Status{
		Match: f.Matches()[0], Digest: d[crdt.Events].Sum(), Count: d[crdt.Events].Count(), Control: 3, LastHeard: &heard, Holders: 2,
		Peers: []bridge.PeerStatus{
			{ID: "12D3KooWHolder", Connected: true, Equal: true, LastEqual: &heard},
			{ID: "12D3KooWAway"},
		},
	}, err
}

func (f *fixed) Record(ctx context.Context, id crdt.LogID, d bridge.Draft) (bridge.Recorded, error) {
	if _, err := f.Log(id); err != nil {
		return bridge.Recorded{}, err
	}
	plain, err := d.Content.Encode()
	if err != nil {
		return bridge.Recorded{}, err
	}
	payload, err := crdt.Pad(plain)
	if err != nil {
		return bridge.Recorded{}, err
	}
	if old := f.own[d.Content.ID]; old != nil {
		if bytes.Equal(old.Payload, payload) {
			return bridge.Recorded{Event: old}, nil
		}
		return bridge.Recorded{Event: old}, bridge.ErrConflict
	}
	ms := int64(1_700_000_000_000 + 1000*len(f.own))
	h := crdt.Header{
		Set: crdt.Events, Log: id, Incarnation: crdt.Incarnation{byte(len(f.own))}, Seq: 1, Refs: d.Refs, Lane: d.Lane,
		Time: crdt.MakeTime(uint64(ms), 0), OwnMs: ms, Grant: crdt.Hash{0x33},
	}
	e, err := crdt.Sign(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{0x44}, 32)), h, payload)
	if err != nil {
		return bridge.Recorded{}, err
	}
	f.own[d.Content.ID] = e
	f.keepFields(e, d)
	return bridge.Recorded{Event: e, New: true}, errors.Join(f.log.Admit(ctx, "", e.Envelope())[0].Err)
}

// conversation are the requests of the vectors, in order.
func conversation() []golden {
	match := fixedLog.String()
	post := func(name, body string) golden {
		return golden{Name: name, Method: "POST", Path: "/v1/events", Body: json.RawMessage(body)}
	}
	get := func(name, path string) golden { return golden{Name: name, Method: "GET", Path: path} }
	goal := `{"id":"a1","matchId":"` + match + `","teamId":"home","type":"goal","period":1,"clockMs":750000,"data":{"player":7}}`
	other := strings.Replace(goal, ":7}", ":9}", 1)
	list := []golden{
		post("a new event", goal),
		post("the same again", goal),
		post("the same id, other content", other),
		post("a batch", `[`+goal+`,{"id":"a2","matchId":"`+match+`","type":"note","lane":"bulk"},{"matchId":"`+match+`"}]`),
		post("malformed", `{"matchId":"`+match+`","type":"goal","clokMs":1}`),
		post("no such match", `{"matchId":"`+strings.Repeat("99", 32)+`","type":"goal"}`),
		get("matches", "/v1/matches"),
		get("status", "/v1/matches/"+match+"/status"),
		get("the first page of events", "/v1/matches/"+match+"/events?limit=1"),
		get("the page after it", "/v1/matches/"+match+"/events?after=2222222222222222.1"),
		get("a cursor of another store", "/v1/matches/"+match+"/events?after=5555555555555555.1"),
		get("live, from the beginning", "/v1/matches/"+match+"/live"),
		{Name: "live, resumed", Method: "GET", Path: "/v1/matches/" + match + "/live", LastEventID: "2222222222222222.1"},
		{Name: "live, resumed at another store", Method: "GET", Path: "/v1/matches/" + match + "/live", LastEventID: "5555555555555555.1"},
		{Name: "live, resumed at no cursor", Method: "GET", Path: "/v1/matches/" + match + "/live", LastEventID: "undefined"},
	}
	list = append(list, play(match)...)
	for i := range list {
		list[i].Guests = bridge.GuestsRecord
	}
	for _, path := range viewPaths(match) {
		recorder, family := get("for who records: "+path, path), get("for who watches: "+path, path)
		recorder.Guests, family.Guests = bridge.GuestsRecord, bridge.GuestsWatch
		list = append(list, recorder, family)
	}
	hurt := post("an injury", `{"id":"p4","matchId":"`+match+`","type":"injury","teamId":"home","period":1,"clockMs":800000,"data":{"player":"ida","area":"head","severity":2}}`)
	record, watch := get("an injury, for who records for both", "/v1/matches/"+match+"/events"), get("an injury, for who watches", "/v1/matches/"+match+"/events")
	hurt.Guests, record.Guests, watch.Guests = bridge.GuestsRecord, bridge.GuestsRecord, bridge.GuestsWatch
	list = append(list, hurt, record, watch)
	watcher, stranger, batch := post("not allowed to record", goal), get("no token", "/v1/matches"), post("a batch, and no token", "["+goal+"]")
	watcher.Guests, stranger.Guests, batch.Guests = bridge.GuestsWatch, bridge.GuestsNone, bridge.GuestsNone
	return append(append(list, watcher, stranger, batch), askAboutCompetitions()...)
}

// play is a little of a match, with what not everybody may see.
func play(match string) []golden {
	batch := `[{"id":"p1","matchId":"` + match + `","type":"match.setup","data":{"teams":{"home":{"id":"badgers","name":"Badgers"},"away":{"id":"otters","name":"Otters"}},"age_band":"U12"}},
{"id":"p2","matchId":"` + match + `","type":"lineup.set","teamId":"home","data":{"squad":[{"id":"ida","no":7},{"id":"mia","no":9}],"on":["ida"]}},
{"id":"p3","matchId":"` + match + `","type":"goal","teamId":"badgers","period":1,"clockMs":780000,"data":{"player":"ida","assist":"mia"}},
{"id":"p5","matchId":"` + match + `","type":"note","teamId":"home","period":1,"clockMs":810000,"data":{"text":"Ida was brave"}}]`
	return []golden{{Name: "a little of a match", Method: "POST", Path: "/v1/events", Body: json.RawMessage(batch)}}
}

func viewPaths(match string) (paths []string) {
	for _, view := range []string{"state", "timeline", "stats", "why", "events"} {
		paths = append(paths, "/v1/matches/"+match+"/"+view)
	}
	return append(paths, "/v1/teams/badgers/events")
}

// The answers are those of docs/vectors/rest.json, byte for byte.
func TestGoldenAnswers(t *testing.T) {
	f := newFixed(t)
	list, competitions := conversation(), goldenCompetitions(t, f)
	for i := range list {
		ask(bridge.New(bridge.Config{Backend: f, Guests: list[i].Guests, Competitions: competitions}), &list[i])
	}
	b, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	b = append(b, '\n')
	if *rewrite {
		if err := os.WriteFile(restFile, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var want []golden
	file, err := os.ReadFile(restFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &want); err != nil {
		t.Fatal(err)
	}
	for i, got := range list {
		if i >= len(want) {
			t.Fatalf("%s is not in %s; run with -rewrite", got.Name, restFile)
		}
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(want[i])
		if !bytes.Equal(g, w) {
			t.Errorf("%s:\n got %s\nwant %s", got.Name, g, w)
		}
	}
	if !t.Failed() && !bytes.Equal(b, file) {
		t.Errorf("%s has more or is laid out otherwise; run with -rewrite", restFile)
	}
}

// ask fills in the answer. Of a stream it takes what is there at once.
func ask(s http.Handler, g *golden) {
	ctx, cancel := context.WithCancel(context.Background())
	r := httptest.NewRequestWithContext(ctx, g.Method, g.Path, bytes.NewReader(g.Body))
	r.Host = "localhost:3001"
	if g.LastEventID != "" {
		r.Header.Set("Last-Event-ID", g.LastEventID)
	}
	w := httptest.NewRecorder()
	if strings.HasSuffix(g.Path, "/live") {
		cancel() // it ends when it has caught up
	}
	s.ServeHTTP(w, r)
	cancel()
	g.Status, g.ContentType = w.Code, w.Header().Get("Content-Type")
	if strings.HasSuffix(g.ContentType, "json") {
		g.JSON = json.RawMessage(bytes.TrimSpace(w.Body.Bytes()))
	} else {
		g.Text = w.Body.String()
	}
}
