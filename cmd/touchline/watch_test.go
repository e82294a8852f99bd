package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
)

// streams is a node whose live streams follow a script: what each answers to which
// Last-Event-ID. The last one stays open.
type streams struct {
	t      *testing.T
	script []struct{ from, says string }
}

func (s *streams) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path[strings.LastIndex(r.URL.Path, "/"):]; path {
	case "/events":
		list := bridge.EventList{Events: []bridge.Event{eventNamed("old")}, Next: "one.1"}
		_ = json.NewEncoder(w).Encode(list)
	case "/live":
		if len(s.script) == 0 {
			s.t.Error("one stream more than expected")
			return
		}
		now := s.script[0]
		s.script = s.script[1:]
		if from := r.Header.Get("Last-Event-ID"); from != now.from {
			s.t.Errorf("a stream begins at %q, want %q", from, now.from)
		}
		w.WriteHeader(http.StatusOK)
		fmt.Fprint(w, now.says)
		if len(s.script) == 0 {
			<-r.Context().Done()
		}
	default:
		_ = json.NewEncoder(w).Encode(bridge.Status{})
	}
}

// eventNamed is an event whose hash begins with its ID.
func eventNamed(id string) bridge.Event {
	e := bridge.Event{ID: id, Type: "goal", Verdict: bridge.Counts}
	copy(e.Hash[:], id)
	return e
}

func liveNamed(cursor, id string) string {
	b, _ := json.Marshal(eventNamed(id))
	return fmt.Sprintf("id: %s\nevent: live\ndata: %s\n\n", cursor, b)
}

// What is recorded while a watch --new is not connected is shown when it is again, also
// by a store that begins anew; what was there before is not.
func TestWatchNewLosesNothing(t *testing.T) {
	s := &streams{t: t, script: []struct{ from, says string }{
		{"one.1", "id: one.4\n\n"},
		{"one.4", "id: one.4\n\n" + liveNamed("one.5", "first")},
		{"one.5", "id: two.0\n\nevent: restart\ndata: {}\n\n" + liveNamed("two.1", "second") + liveNamed("two.2", "old")},
		{"two.2", "id: two.2\n\n" + liveNamed("two.3", "first") + liveNamed("two.4", "third")},
	}}
	out := &strings.Builder{}
	w := &watch{
		app:    &app{out: out, json: true},
		client: &client{http: &http.Client{Transport: inProcess{s}}, running: true},
		match:  &bridge.Match{ID: crdt.LogID{1}}, fresh: true, most: 3, seen: map[crdt.Hash]bool{},
	}
	if err := w.run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := idsIn(t, out.String()); !slices.Equal(got, []string{"first", "second", "third"}) {
		t.Errorf("shown: %v", got)
	}
}

func idsIn(t *testing.T, lines string) (ids []string) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var e bridge.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, e.ID)
	}
	return ids
}

// A node that is killed comes back with a store that gives no old place a meaning: a
// watch --new goes on with what is new.
func TestWatchNewOutlivesKill(t *testing.T) {
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	run := inFolder(t, bin, data)
	foundMatch(t, run)
	_, node := serveProcess(t, bin, data)
	record := func(id string) { run("record", "m", "goal", "team=home", "--id", id) }
	for i := range 5 {
		record(fmt.Sprintf("old%d", i))
	}
	watching := exec.Command(bin, "--data", data, "watch", "m", "--new")
	pipe, err := watching.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := watching.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = watching.Process.Kill()
		_ = watching.Wait()
	}()
	in := bufio.NewScanner(pipe)
	goals := func() string {
		for in.Scan() {
			if strings.Contains(in.Text(), "▸ goal") {
				return in.Text()
			}
		}
		t.Fatalf("the watch ended: %v", in.Err())
		return ""
	}
	if !in.Scan() { // the header is there, the stream may not be
		t.Fatal("no header")
	}
	shorts := func(id string) string {
		for line := range strings.Lines(run("log", "m", "--json")) {
			var e bridge.Event
			if json.Unmarshal([]byte(line), &e) == nil && e.ID == id {
				return e.Hash.Short()
			}
		}
		t.Fatalf("no event %s", id)
		return ""
	}
	record("one")
	if got, want := goals(), shorts("one"); !strings.Contains(got, want) {
		t.Fatalf("shown first: %s, want %s", got, want)
	}
	if err := node.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = node.Wait()
	serveProcess(t, bin, data)
	record("two")
	if got, want := goals(), shorts("two"); !strings.Contains(got, want) {
		t.Errorf("shown after the kill: %s, want %s", got, want)
	}
}
