package bridge_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
)

func do(h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:3001"
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		}
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestStatuses(t *testing.T) {
	f := newFake(t)
	s := documented(t, bridge.New(bridge.Config{Guests: bridge.GuestsRecord, Backend: f}))
	id := f.member.Log.String()
	event := func(rest string) string { return `{"matchId":"` + id + `","type":"goal"` + rest + `}` }
	stranger := strings.Repeat("ab", 32)
	for _, tt := range []struct {
		name, method, path, body string
		header                   []string
		fail                     error
		status                   int
		kind                     string // of the problem
	}{
		{name: "new", method: "POST", path: "/v1/events", body: event(`,"id":"a","data":{"player":7}`), status: 201},
		{name: "same again", method: "POST", path: "/v1/events", body: event(`,"id":"a","data":{"player":7}`), status: 200},
		{name: "same id, other content", method: "POST", path: "/v1/events", body: event(`,"id":"a"`), status: 409, kind: "conflict"},
		{name: "not json", method: "POST", path: "/v1/events", body: "goal!", status: 400, kind: "malformed"},
		{name: "nothing", method: "POST", path: "/v1/events", status: 400, kind: "malformed"},
		{name: "misspelt field", method: "POST", path: "/v1/events", body: event(`,"clokMs":1`), status: 400, kind: "malformed"},
		{name: "two values", method: "POST", path: "/v1/events", body: event("") + event(""), status: 400, kind: "malformed"},
		{name: "data is no object", method: "POST", path: "/v1/events", body: event(`,"data":[1]`), status: 400, kind: "malformed"},
		{name: "negative clock", method: "POST", path: "/v1/events", body: event(`,"clockMs":-1`), status: 400, kind: "malformed"},
		{name: "no type", method: "POST", path: "/v1/events", body: `{"matchId":"` + id + `"}`, status: 400, kind: "malformed"},
		{name: "event too large", method: "POST", path: "/v1/events", body: event(`,"data":{"x":"` + strings.Repeat("x", 15<<10) + `"}`), status: 413, kind: "too-large"},
		{name: "body too large", method: "POST", path: "/v1/events", body: event(`,"data":{"x":"` + strings.Repeat("x", 1<<20) + `"}`), status: 413, kind: "too-large"},
		{name: "batch too long", method: "POST", path: "/v1/events", body: "[" + strings.Repeat("0,", 1000) + "0]", status: 413, kind: "too-large"},
		{name: "batch of nothing", method: "POST", path: "/v1/events", body: "[]", status: 200},
		{name: "batch cut off", method: "POST", path: "/v1/events", body: "[" + event("") + ",", status: 400, kind: "malformed"},
		{name: "null", method: "POST", path: "/v1/events", body: "null", status: 400, kind: "malformed"},
		{name: "period below zero", method: "POST", path: "/v1/events", body: event(`,"period":-1`), status: 400, kind: "malformed"},
		{name: "unknown lane", method: "POST", path: "/v1/events", body: event(`,"lane":"fast"`), status: 400, kind: "malformed"},
		{name: "ref that is no hash", method: "POST", path: "/v1/events", body: event(`,"refs":["goal"]`), status: 400, kind: "malformed"},
		{name: "id too long", method: "POST", path: "/v1/events", body: event(`,"id":"` + strings.Repeat("x", 1000) + `"`), status: 400, kind: "malformed"},
		{name: "unknown match", method: "POST", path: "/v1/events", body: `{"matchId":"` + stranger + `","type":"goal"}`, status: 404, kind: "not-found"},
		{name: "forbidden", method: "POST", path: "/v1/events", body: event(""), fail: crdt.ErrForbidden, status: 403, kind: "forbidden"},
		{name: "busy", method: "POST", path: "/v1/events", body: event(""), fail: crdt.ErrBusy, status: 429, kind: "busy"},
		{name: "disk full", method: "POST", path: "/v1/events", body: event(""), fail: crdt.ErrReadOnly, status: 507, kind: "read-only"},
		{name: "foreign origin", method: "POST", path: "/v1/events", body: event(""), header: []string{"Origin", "http://evil.example"}, status: 403, kind: "foreign-origin"},
		{name: "own origin", method: "POST", path: "/v1/events", body: event(`,"id":"b"`), header: []string{"Origin", "http://127.0.0.1:3001"}, status: 201},
		{name: "foreign host", method: "GET", path: "/v1/matches", header: []string{"Host", "evil.example:3001"}, status: 403, kind: "host"},
		{name: "localhost", method: "GET", path: "/v1/matches", header: []string{"Host", "localhost:3001"}, status: 200},
		{name: "IPv6 loopback", method: "GET", path: "/v1/matches", header: []string{"Host", "[::1]:3001"}, status: 200},
		{name: "match", method: "GET", path: "/v1/matches/" + id, status: 200},
		{name: "no id", method: "GET", path: "/v1/matches/zz/status", status: 400, kind: "malformed"},
		{name: "other match", method: "GET", path: "/v1/matches/" + stranger + "/events", status: 404, kind: "not-found"},
		{name: "limit", method: "GET", path: "/v1/matches/" + id + "/events?limit=10001", status: 400, kind: "malformed"},
		{name: "broken cursor", method: "GET", path: "/v1/matches/" + id + "/events?after=7", status: 400, kind: "malformed"},
		{name: "foreign cursor", method: "GET", path: "/v1/matches/" + id + "/events?after=0000000000000000.1", status: 410, kind: "cursor"},
		{name: "wrong method", method: "DELETE", path: "/v1/events", status: 405, kind: "method"},
		{name: "nowhere", method: "GET", path: "/v2", status: 404, kind: "not-found"},
		{name: "alive", method: "GET", path: "/healthz", fail: crdt.ErrReadOnly, status: 200},
		{name: "not ready", method: "GET", path: "/readyz", fail: crdt.ErrReadOnly, status: 503, kind: "not-ready"},
		{name: "ready", method: "GET", path: "/readyz", status: 200},
		{name: "metrics", method: "GET", path: "/metrics", status: 200},
		{name: "no local routes", method: "GET", path: "/local/backup", status: 404, kind: "not-found"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f.fail = tt.fail
			w := do(s, tt.method, tt.path, tt.body, tt.header...)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			if tt.kind == "" {
				return
			}
			var p bridge.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			if w.Header().Get("Content-Type") != "application/problem+json" || p.Status != tt.status || p.Type != "urn:touchline:"+tt.kind || p.Title == "" {
				t.Errorf("problem %+v", p)
			}
		})
	}
}

func TestBatchAndPages(t *testing.T) {
	f := newFake(t)
	s := documented(t, bridge.New(bridge.Config{Guests: bridge.GuestsRecord, Backend: f}))
	id := f.member.Log.String()
	item := func(n string) string { return fmt.Sprintf(`{"matchId":%q,"type":"goal","id":%q}`, id, n) }
	w := do(s, "POST", "/v1/events", "["+item("a")+","+item("a")+`,{"matchId":"x"},`+item("b")+"]")
	var out bridge.Results
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	var got []int
	for _, r := range out.Results {
		got = append(got, r.Status)
	}
	if fmt.Sprint(got) != "[201 200 400 201]" || w.Code != 200 {
		t.Errorf("batch gave %d %v", w.Code, got)
	}
	var ids []string
	next := ""
	for range 3 {
		var page bridge.EventList
		w := do(s, "GET", "/v1/matches/"+id+"/events?limit=1&after="+next, "")
		if err := json.Unmarshal(w.Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		next = page.Next
		for _, e := range page.Events {
			ids = append(ids, e.ID)
		}
		if page.Count != 2 {
			t.Errorf("count %d", page.Count)
		}
	}
	if fmt.Sprint(ids) != "[a b]" {
		t.Errorf("pages gave %v", ids)
	}
}

// record posts an event and fails the test if it is not new.
func record(t *testing.T, s http.Handler, f *fake, id string) {
	t.Helper()
	if w := do(s, "POST", "/v1/events", fmt.Sprintf(`{"matchId":%q,"type":"goal","id":%q}`, f.member.Log, id)); w.Code != 201 {
		t.Fatalf("record: %d %s", w.Code, w.Body)
	}
}

// lines reads n fields of a live stream that begin with one of the prefixes.
func lines(t *testing.T, url, lastID string, n int) (out []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, _ := http.NewRequestWithContext(ctx, "GET", url, nil)
	r.Header.Set("Last-Event-ID", lastID)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	in := bufio.NewScanner(resp.Body)
	for len(out) < n && in.Scan() {
		if field, value, _ := strings.Cut(in.Text(), ": "); field == "id" || field == "event" {
			out = append(out, value)
		}
	}
	if len(out) < n {
		t.Fatalf("the stream ended after %v: %v", out, in.Err())
	}
	return out
}

// Who asks only for the headers gets them, and no stream that nobody reads.
func TestHeadHasAnEnd(t *testing.T) {
	f := newFake(t)
	s := bridge.New(bridge.Config{Guests: bridge.GuestsRecord, Backend: f, MaxStreams: 1})
	for range 2 {
		w := do(s, "HEAD", "/v1/matches/"+f.member.Log.String()+"/live", "")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "text/event-stream" || w.Body.Len() > 0 {
			t.Errorf("HEAD of a live stream: %d %v %s", w.Code, w.Header(), w.Body)
		}
	}
	if w := do(s, "HEAD", "/ws", ""); w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET" {
		t.Errorf("HEAD of a WebSocket: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestLiveResumes(t *testing.T) {
	f := newFake(t)
	s := bridge.New(bridge.Config{Guests: bridge.GuestsRecord, Backend: f})
	srv := httptest.NewServer(s)
	defer srv.Close()
	defer s.Close()
	url := srv.URL + "/v1/matches/" + f.member.Log.String() + "/live"
	record(t, s, f, "a")
	record(t, s, f, "b")
	all := lines(t, url, "", 5)
	begin, all := all[0], all[1:]
	if rest := lines(t, url, all[0], 3); rest[0] != all[0] || rest[1] != all[2] {
		t.Errorf("after %s came %v", all[0], rest)
	}
	for _, foreign := range []string{"0000000000000000.99", "none", "2222222222222222.-1"} {
		if again := lines(t, url, foreign, 4); again[0] != begin || again[1] != "restart" || again[2] != all[0] {
			t.Errorf("Last-Event-ID %q gave %v", foreign, again)
		}
	}
	if w := do(s, "GET", strings.TrimPrefix(url, srv.URL)+"?after=none", ""); w.Code != http.StatusBadRequest {
		t.Errorf("?after=none: %d", w.Code)
	}
	if now := lines(t, url+"?after=now", "", 1); now[0] != all[2] {
		t.Errorf("a reader of what comes begins at %v, want %s", now, all[2])
	}
	go func() {
		time.Sleep(20 * time.Millisecond)
		record(t, s, f, "c")
	}()
	if live := lines(t, url, all[2], 3); live[2] != "live" {
		t.Errorf("live gave %v", live)
	}
}

// A reader that takes nothing is hung up on and holds nothing up.
func TestLiveSlowReader(t *testing.T) {
	f := newFake(t)
	s := bridge.New(bridge.Config{Guests: bridge.GuestsRecord, Backend: f, WriteTimeout: 200 * time.Millisecond, MaxStreams: 1})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	big := strings.Repeat("x", 7<<10)
	for i := range 1500 {
		if w := do(s, "POST", "/v1/events", fmt.Sprintf(`{"matchId":%q,"type":"goal","data":{"i":%d,"x":%q}}`, f.member.Log, i, big)); w.Code != 201 {
			t.Fatal(w.Body)
		}
	}
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	path := "/v1/matches/" + f.member.Log.String() + "/live"
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", path)
	// The one place for a stream is free again once the reader was dropped.
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		r, _ := http.NewRequestWithContext(ctx, "GET", "http://"+l.Addr().String()+path+"?after=now", nil)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == 200 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the slow reader was not dropped")
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
