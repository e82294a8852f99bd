package bridge_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// write signs an event of the match for any key, grant and place in a chain.
func (f *fake) write(t *testing.T, key ed25519.PrivateKey, grant crdt.Hash, chain *crdt.Chain, c crdt.Content) *crdt.Event {
	t.Helper()
	plain, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	payload, err := crdt.Pad(plain)
	if err != nil {
		t.Fatal(err)
	}
	h := crdt.Header{Set: crdt.Events, Log: f.member.Log, Grant: grant}
	h.Time, h.OwnMs = f.clock.Now()
	chain.Place(&h)
	e, err := crdt.Sign(key, h, payload)
	if err != nil {
		t.Fatal(err)
	}
	if o := f.log.Admit(context.Background(), "", e.Envelope())[0]; o.Err != nil {
		t.Fatal(o.Err)
	}
	return e
}

// admit brings control events in.
func (f *fake) admit(t *testing.T, events ...*crdt.Event) {
	t.Helper()
	for _, e := range events {
		if o := f.log.Admit(context.Background(), "", e.Envelope())[0]; o.Err != nil {
			t.Fatal(o.Err)
		}
	}
}

// scorer lets one more device in.
func (f *fake) scorer(t *testing.T) *access.Member {
	t.Helper()
	return f.joined(t, access.Scorer)
}

// joined lets one more device in, of any role.
func (f *fake) joined(t *testing.T, role access.Role) *access.Member {
	t.Helper()
	invite, e, err := f.member.Invite(f.clock, []*crdt.Event{f.founder}, role, 1, 0)
	if err != nil {
		t.Fatal(err)
	}
	m, control, err := invite.Join(f.clock)
	if err != nil {
		t.Fatal(err)
	}
	f.admit(t, append([]*crdt.Event{e}, control...)...)
	return m
}

func goalAt(minute int64) crdt.Content {
	ms := minute * 60_000
	return crdt.Content{ID: fmt.Sprint("g", minute), Type: "goal", Team: "home", Period: 1, ClockMs: &ms}
}

// score is the state's score, which must be what folding everything gives.
func score(t *testing.T, f *fake, folds *bridge.Folds) [2]int64 {
	t.Helper()
	got, err := folds.Of(f.log)
	if err != nil {
		t.Fatal(err)
	}
	anew, err := bridge.NewFolds(f).Of(f.log)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.State.Canonical(), anew.State.Canonical()) {
		t.Errorf("kept state %v differs from one folded anew %v", got.State.Score, anew.State.Score)
	}
	return got.State.Score
}

// A kept fold follows what arrives, and what a later revocation, fork or purge
// makes of what was there.
func TestFoldFollows(t *testing.T) {
	f := newFake(t)
	folds := bridge.NewFolds(f)
	if got := score(t, f, folds); got != [2]int64{} {
		t.Fatalf("an empty match: %v", got)
	}
	m := f.scorer(t)
	own, theirs := crdt.NewChain(), crdt.NewChain()
	step := func(what string, want int64) {
		t.Helper()
		if got := score(t, f, folds); got != [2]int64{want, 0} {
			t.Errorf("%s: %v, want %d-0", what, got, want)
		}
	}
	own.Advance(f.write(t, f.member.Key(), f.member.Grant, own, goalAt(1)))
	step("own goal of the founder", 1)
	before := *theirs
	theirs.Advance(f.write(t, m.Key(), m.Grant, theirs, goalAt(5)))
	step("a scorer's", 2)
	other := before
	f.write(t, m.Key(), m.Grant, &other, goalAt(9))
	step("the scorer's chain is forked: neither counts", 1)
	second := f.scorer(t)
	f.write(t, second.Key(), second.Grant, crdt.NewChain(), goalAt(14))
	step("another scorer's", 2)
	content, refs, err := f.control.PlanRevocation(f.member.Grant, second.Grant, f.chains, access.KeepNothing)
	if err != nil {
		t.Fatal(err)
	}
	e, err := f.member.SignControl(f.clock, crdt.NewChain(), content, refs...)
	if err != nil {
		t.Fatal(err)
	}
	f.admit(t, e)
	step("a revocation that keeps nothing", 1)
}

// While events pour in, who records is not made to wait until they are folded;
// when they have stopped, the state is that of all.
func TestFoldWaitsForCalm(t *testing.T) { synctest.Test(t, testFoldWaitsForCalm) }

func testFoldWaitsForCalm(t *testing.T) {
	f := newFake(t)
	folds := bridge.NewFolds(f)
	m, chain := f.scorer(t), crdt.NewChain()
	record := func(n int) {
		for range n {
			chain.Advance(f.write(t, m.Key(), m.Grant, chain, crdt.Content{ID: fmt.Sprint(f.clock.Now()), Type: "note"}))
		}
	}
	calm := func() int {
		t.Helper()
		folded, err := folds.OfCalm(f.log)
		if err != nil {
			t.Fatal(err)
		}
		if folded == nil {
			return -1
		}
		return len(folded.State.Timeline)
	}
	for i, step := range []struct {
		after         time.Duration
		arrive, shown int
	}{
		{0, 300, 300},                     // nothing was folded yet
		{0, 50, 350},                      // not many
		{0, 300, -1},                      // many
		{20 * time.Millisecond, 100, -1},  // and more
		{20 * time.Millisecond, 0, -1},    // a disk is slow
		{400 * time.Millisecond, 10, -1},  // or a link
		{20 * time.Millisecond, 100, -1},  // it goes on
		{500 * time.Millisecond, 10, 870}, // they have stopped
		{0, 1, 871},                       // as always
		{0, 30, 901},                      // some more than usual
	} {
		time.Sleep(step.after)
		record(step.arrive)
		if got := calm(); got != step.shown {
			t.Errorf("step %d: %d in the timeline, want %d", i, got, step.shown)
		}
	}
}

// slowReads tells when somebody reads entries, and lets none through before it may.
type slowReads struct {
	*fake
	reading chan<- bool
	may     <-chan bool
}

func (b slowReads) Entries(log crdt.LogID, after crdt.Arrival, limit int) ([]crdt.Entry, error) {
	b.reading <- true
	<-b.may
	return b.fake.Entries(log, after, limit)
}

// When many events have stopped coming, one of those who record waits until they are
// folded, and all others are answered meanwhile.
func TestFoldMakesOneWait(t *testing.T) {
	f := newFake(t)
	reading, may := make(chan bool, 100), make(chan bool, 100)
	folds := bridge.NewFolds(slowReads{f, reading, may})
	m, chain := f.scorer(t), crdt.NewChain()
	for _, n := range []int{1, 300} {
		for range n {
			chain.Advance(f.write(t, m.Key(), m.Grant, chain, crdt.Content{ID: fmt.Sprint(f.clock.Now()), Type: "note"}))
		}
		if n == 1 {
			may <- true
			may <- true
			if _, err := folds.Of(f.log); err != nil {
				t.Fatal(err)
			}
		}
	}
	for len(reading) > 0 {
		<-reading
	}
	done := make(chan *bridge.Folded)
	go func() {
		folded, err := folds.Of(f.log)
		if err != nil {
			t.Error(err)
		}
		done <- folded
	}()
	<-reading // it is at work
	if folded, err := folds.OfCalm(f.log); folded != nil || err != nil {
		t.Errorf("%v, %v for one more", folded, err)
	}
	close(may)
	if got := len((<-done).State.Timeline); got != 301 {
		t.Errorf("%d in the timeline", got)
	}
	if folded, err := folds.OfCalm(f.log); folded == nil || err != nil {
		t.Errorf("%v, %v when all is folded", folded, err)
	}
}

// The state of a match in views is that of the fold; spectators see it redacted.
func TestViews(t *testing.T) {
	f := newFake(t)
	own := crdt.NewChain()
	add := func(c crdt.Content) { own.Advance(f.write(t, f.member.Key(), f.member.Grant, own, c)) }
	add(crdt.Content{ID: "s", Type: "match.setup", Data: []byte(`{"teams":{"home":{"id":"t1","name":"Badgers"},"away":{"id":"t2"}}}`)})
	add(crdt.Content{ID: "l", Type: "lineup.set", Team: "home", Data: []byte(`{"squad":[{"id":"jonas","no":7}],"on":["jonas"]}`)})
	ms := int64(5 * 60_000)
	add(crdt.Content{ID: "g", Type: "goal", Team: "t1", Period: 1, ClockMs: &ms, Data: []byte(`{"player":"jonas","text":"jonas again"}`)})
	add(crdt.Content{ID: "i", Type: "injury", Team: "home", Period: 1, ClockMs: &ms, Data: []byte(`{"player":"jonas","area":"head"}`)})
	id := f.member.Log.String()
	paths := []string{"state", "timeline", "stats", "why", "events", "live"}
	for i, p := range paths {
		paths[i] = "/v1/matches/" + id + "/" + p
	}
	paths = append(paths, "/v1/teams/t1/events")
	watcher := documented(t, bridge.New(bridge.Config{Backend: f, Guests: bridge.GuestsWatch}))
	scorer := documented(t, bridge.New(bridge.Config{Backend: f, Guests: bridge.GuestsRecord}))
	closed := documented(t, bridge.New(bridge.Config{Backend: f}))
	for _, p := range paths {
		g := golden{Method: "GET", Path: p}
		ask(watcher, &g)
		body := string(g.JSON) + g.Text
		if g.Status != 200 || bytes.Contains([]byte(body), []byte("jonas")) || bytes.Contains([]byte(body), []byte("injury")) || bytes.Contains([]byte(body), []byte(`"area"`)) {
			t.Errorf("%s for a spectator: %d %s", p, g.Status, body)
		}
		ask(scorer, &g)
		if g.Status != 200 {
			t.Errorf("%s for a scorer: %d", p, g.Status)
		}
		ask(closed, &g)
		if g.Status != 401 {
			t.Errorf("%s for a stranger: %d", p, g.Status)
		}
	}
	w := do(scorer, "GET", "/v1/matches/"+id+"/state", "")
	var s struct {
		Score [2]int64
		Teams [2]struct{ Team match.Team }
	}
	if err := json.Unmarshal(w.Body.Bytes(), &s); err != nil || s.Score != [2]int64{1, 0} || s.Teams[0].Team.Name != "Badgers" {
		t.Errorf("state: %s %v", w.Body, err)
	}
	if w := do(scorer, "GET", "/v1/teams/t3/events", ""); w.Code != 404 {
		t.Errorf("a team that nobody follows: %d", w.Code)
	}
}

// Names are shown to a team's people, and to others as far as was consented to.
func TestNamesInViews(t *testing.T) {
	f := newFake(t)
	own := crdt.NewChain()
	add := func(c crdt.Content) { own.Advance(f.write(t, f.member.Key(), f.member.Grant, own, c)) }
	add(crdt.Content{ID: "s", Type: "match.setup", Data: []byte(`{"names":"full"}`)})
	add(crdt.Content{ID: "l", Type: "lineup.set", Team: "home", Data: []byte(`{"squad":[{"id":"a","no":1},{"id":"b","no":2},{"id":"c","no":3},{"id":"d","no":4}],"on":["a"]}`)})
	for id, consent := range map[string]access.Consent{"a": 0, "b": access.ConsentFirstName, "c": access.ConsentFullName, "d": access.ConsentFullName | access.NeverShow} {
		f.names = append(f.names, bridge.NamedRecord{Record: access.Record{
			Kind: access.NameRecord, Subject: id, Body: []byte("Name-" + id + " Family-" + id), Consent: consent,
		}})
	}
	for _, c := range []struct {
		guests bridge.Guests
		want   string
	}{
		{bridge.GuestsRecord, "[Name-a Family-a Name-b Family-b Name-c Family-c Name-d Family-d]"},
		{bridge.GuestsWatch, "[ Name-b Name-c Family-c ]"},
	} {
		s := documented(t, bridge.New(bridge.Config{Backend: f, Guests: c.guests}))
		var got struct {
			Teams [2]struct{ Players []match.Player }
		}
		if err := json.Unmarshal(do(s, "GET", "/v1/matches/"+f.member.Log.String()+"/state", "").Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range got.Teams[0].Players {
			names = append(names, p.Name)
		}
		if fmt.Sprint(names) != c.want {
			t.Errorf("%s: %v, want %s", c.guests, names, c.want)
		}
	}
}

// A team's events come in pages that meet.
func TestTeamEventsInPages(t *testing.T) {
	f := newFake(t)
	own := crdt.NewChain()
	add := func(c crdt.Content) { own.Advance(f.write(t, f.member.Key(), f.member.Grant, own, c)) }
	add(crdt.Content{ID: "s", Type: "match.setup", Data: []byte(`{"teams":{"home":{"id":"t1"},"away":{"id":"t2"}}}`)})
	for m := range int64(4) {
		add(goalAt(10 * m))
	}
	s := documented(t, bridge.New(bridge.Config{Backend: f, Guests: bridge.GuestsRecord}))
	var ids []string
	for next := ""; ; {
		var page bridge.EventList
		if err := json.Unmarshal(do(s, "GET", "/v1/teams/t2/events?limit=2&after="+next, "").Body.Bytes(), &page); err != nil {
			t.Fatal(err)
		}
		if len(page.Events) == 0 {
			break
		}
		for _, e := range page.Events {
			ids = append(ids, e.ID)
		}
		next = page.Next
	}
	if got := fmt.Sprint(ids); got != "[s g0 g10 g20 g30]" {
		t.Errorf("events %s", got)
	}
}
