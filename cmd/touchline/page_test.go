package main

import (
	"bufio"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"touchline.dev/touchline/bridge/web/webtest"
)

// pages are pages without a browser: bridge/web/test/page.ts.
type pages struct {
	t   *testing.T
	in  io.Writer
	out *bufio.Reader
	n   int

	goals int
}

// shown is what a page shows.
type shown struct {
	Events []struct {
		ID, Hash, Type, Reach, Problem, Verdict string
		Own                                     bool
	}
	Unsent     int
	Holders    int
	Current    bool
	File       string // of what is unsent, if it was asked for
	Score      []int
	Carried    int // bytes of WebSocket payload so far, both ways
	Connection struct {
		State, Problem string
		Unsent         int
	}
}

func startPages(t *testing.T) *pages {
	t.Helper()
	in, out := webtest.Start(t, webtest.Command(t, "--enable-source-maps", "test/peer.mjs", "page.ts"))
	return &pages{t: t, in: in, out: out}
}

type fields map[string]any

// tell has a page do something and returns what it shows then.
func (p *pages) tell(page string, line fields) (s shown) {
	p.t.Helper()
	p.n++
	line["n"], line["page"] = p.n, page
	b, err := json.Marshal(line)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.in.Write(append(b, '\n')); err != nil {
		p.t.Fatal(err)
	}
	var answer struct {
		Said  json.RawMessage
		Error string
	}
	text, err := p.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(text, &answer)
	}
	if err != nil || answer.Error != "" {
		p.t.Fatalf("page %s, %s: %v %s", page, b, err, answer.Error)
	}
	if err := json.Unmarshal(answer.Said, &s); err != nil {
		p.t.Fatal(err)
	}
	return s
}

func (p *pages) open(page, url, token, match string) {
	p.t.Helper()
	p.tell(page, fields{"open": fields{"url": url, "token": token, "database": page[:1], "match": match}})
}

func (p *pages) goal(page, team string) {
	p.t.Helper()
	p.goals++ // five minutes apart, so that none is another's report
	p.tell(page, fields{"record": fields{"type": "goal", "teamId": team, "period": 1, "clockMs": p.goals * 300_000}})
}

func (p *pages) until(page string, want fields) shown {
	p.t.Helper()
	return p.tell(page, fields{"until": want})
}

// goalsOf are the goals that a node has, by their IDs.
func goalsOf(t *testing.T, url, match, token string) (ids []string) {
	t.Helper()
	code, body := request(t, "GET", url+"/v1/matches/"+match+"/events", token, "")
	var list struct {
		Events []struct{ ID, Type, Verdict string }
	}
	if code != 200 || json.Unmarshal([]byte(body), &list) != nil {
		t.Fatalf("%d %s", code, body)
	}
	for _, e := range list.Events {
		if e.Type == "goal" {
			ids = append(ids, e.ID)
			if e.Verdict != "counts" {
				t.Errorf("goal %s is %s", e.ID, e.Verdict)
			}
		}
	}
	return ids
}

// distinct fails if an event is there twice.
func distinct(t *testing.T, ids []string, want int) {
	t.Helper()
	slices.Sort(ids)
	if n := len(slices.Compact(slices.Clone(ids))); n != len(ids) || n != want {
		t.Errorf("%d goals, %d of them distinct, not %d", len(ids), n, want)
	}
}

// What a page records while it is cut off is durable there, survives a reload, is
// sent once when the node is back, and the two are proved equal.
func TestPageCutOff(t *testing.T) {
	at, match, run := startHTTP(t)
	token := run("token", "m", "--role", "record")
	g := newGate(t, at)
	p := startPages(t)
	p.open("a", g.url(), token, match)
	p.until("a", fields{"state": "live", "current": true})
	p.goal("a", "home")
	p.until("a", fields{"unsent": 0, "score": []int{1, 0}, "reach": "node"})
	g.cut()
	p.until("a", fields{"state": "reconnecting"})
	for range 5 {
		p.goal("a", "away")
	}
	s := p.until("a", fields{"unsent": 5, "score": []int{1, 5}})
	if s.Current {
		t.Error("cut off and current")
	}
	p.tell("a", fields{"close": true})
	p.open("a", g.url(), token, match)
	p.until("a", fields{"unsent": 5, "score": []int{1, 5}})
	p.goal("a", "home")
	if goals := goalsOf(t, at, match, token); len(goals) != 1 {
		t.Fatalf("%d goals at the node", len(goals))
	}
	g.heal(at)
	p.until("a", fields{"state": "live", "unsent": 0, "current": true, "score": []int{2, 5}, "reach": "node"})
	distinct(t, goalsOf(t, at, match, token), 7)
}

// A page outlives its node: what is recorded meanwhile reaches the node that is
// started again, also at another address.
func TestPageOutlivesNode(t *testing.T) {
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	run := inFolder(t, bin, data)
	match := foundMatch(t, run)
	first, node := serveProcess(t, bin, data)
	at := first.HTTP
	token := run("token", "m", "--role", "record")
	p := startPages(t)
	p.open("a", at, token, match)
	p.until("a", fields{"state": "live", "current": true})
	p.goal("a", "home")
	p.until("a", fields{"unsent": 0})
	node.Process.Kill()
	node.Wait()
	p.until("a", fields{"state": "reconnecting"})
	p.goal("a", "home")
	p.goal("a", "away")
	at = serveFolder(t, bin, data)
	p.tell("a", fields{"move": at})
	p.until("a", fields{"state": "live", "unsent": 0, "current": true, "score": []int{2, 1}, "reach": "node"})
	distinct(t, goalsOf(t, at, match, token), 3)
}

// Two tabs over one database show each other what is recorded, cut off and not,
// and what each records counts once.
func TestPagesOfOneBrowser(t *testing.T) {
	at, match, run := startHTTP(t)
	token := run("token", "m", "--role", "record")
	g := newGate(t, at)
	p := startPages(t)
	for _, tab := range []string{"a", "a2"} {
		p.open(tab, g.url(), token, match)
		p.until(tab, fields{"state": "live", "current": true})
	}
	p.goal("a", "home")
	p.goal("a2", "home")
	p.until("a", fields{"score": []int{2, 0}, "unsent": 0})
	g.cut()
	for _, tab := range []string{"a", "a2"} {
		p.until(tab, fields{"state": "reconnecting"})
	}
	for range 3 {
		p.goal("a", "home")
		p.goal("a2", "away")
	}
	p.until("a", fields{"score": []int{5, 3}, "unsent": 6})
	p.until("a2", fields{"score": []int{5, 3}, "unsent": 6})
	g.heal(at)
	for _, tab := range []string{"a", "a2"} {
		p.until(tab, fields{"state": "live", "current": true, "unsent": 0, "score": []int{5, 3}, "reach": "node"})
	}
	distinct(t, goalsOf(t, at, match, token), 8)
}

// A network that swallows everything, with no sign of it, is noticed, and over it nothing
// is lost or counted twice. How soon it is noticed is for bridge/web/test/link.test.ts,
// which has a clock of its own, and for a soak.
func TestPageInBlackHole(t *testing.T) {
	at, match, run := startHTTP(t)
	token := run("token", "m", "--role", "record")
	g := newGate(t, at)
	p := startPages(t)
	p.open("a", g.url(), token, match)
	p.open("b", at, token, match)
	p.until("a", fields{"state": "live", "current": true})
	p.until("b", fields{"state": "live", "current": true})
	g.swallow()
	began := time.Now()
	p.until("a", fields{"state": "reconnecting"})
	if took := time.Since(began); soak && took > 5*time.Second {
		t.Errorf("noticed after %v", took)
	} else {
		t.Logf("noticed after %v", took)
	}
	p.goal("a", "home")
	p.goal("b", "away")
	p.until("b", fields{"unsent": 0, "score": []int{0, 1}})
	g.heal(at)
	p.until("a", fields{"state": "live", "current": true, "unsent": 0, "score": []int{1, 1}})
	p.until("b", fields{"score": []int{1, 1}})
	distinct(t, goalsOf(t, at, match, token), 2)
}

// Who may not sign for itself records through the node: in a sealed match, and as
// a guest.
func TestPageDrafts(t *testing.T) {
	at, _, run := startHTTP(t, "--guests", "record")
	var sealed struct{ MatchID string }
	if err := json.Unmarshal([]byte(run("match", "new", "--label", "s", "--sealed", "--json")), &sealed); err != nil {
		t.Fatal(err)
	}
	token := run("token", "s", "--role", "record")
	g := newGate(t, at)
	p := startPages(t)
	for page, secret := range map[string]string{"a": token, "b": ""} {
		p.open(page, g.url(), secret, sealed.MatchID)
		p.until(page, fields{"state": "live", "current": true})
		p.goal(page, "home")
		p.until(page, fields{"unsent": 0, "reach": "node"})
	}
	g.cut()
	for _, page := range []string{"a", "b"} {
		p.until(page, fields{"state": "reconnecting"})
		p.goal(page, "away")
		p.goal(page, "home")
		p.until(page, fields{"unsent": 2})
	}
	g.heal(at)
	for _, page := range []string{"a", "b"} {
		p.until(page, fields{"state": "live", "current": true, "unsent": 0, "events": 6, "score": []int{4, 2}, "reach": "node"})
	}
	distinct(t, goalsOf(t, at, sealed.MatchID, token), 6)
}

// What is recorded before a page was ever let in is kept, signed once it is, and
// counts once.
func TestPageRecordsBeforeItIsLetIn(t *testing.T) {
	at, match, run := startHTTP(t)
	token := run("token", "m", "--role", "record")
	p := startPages(t)
	p.open("a", at, "", match)
	p.until("a", fields{"state": "refused"})
	p.goal("a", "home")
	p.goal("a", "away")
	s := p.until("a", fields{"unsent": 2, "score": []int{1, 1}})
	p.tell("a", fields{"retract": s.Events[1].Hash}) // no node can have it: nothing is sent
	p.until("a", fields{"unsent": 1, "events": 1})
	p.tell("a", fields{"close": true})
	p.open("a", at, token, match)
	s = p.until("a", fields{"state": "live", "current": true, "unsent": 0, "score": []int{1, 0}, "reach": "node"})
	distinct(t, goalsOf(t, at, match, token), 1)
	p.tell("a", fields{"retract": s.Events[0].Hash})
	p.until("a", fields{"unsent": 0, "events": 2, "score": []int{0, 0}, "reach": "node"})
}

// What a page could not send is a file that another device imports; sent later, it
// is there once.
func TestPageHandsOverAFile(t *testing.T) {
	at, match, run := startHTTP(t)
	token := run("token", "m", "--role", "record")
	g := newGate(t, at)
	p := startPages(t)
	p.open("a", g.url(), token, match)
	p.until("a", fields{"state": "live", "current": true})
	g.cut()
	p.until("a", fields{"state": "reconnecting"})
	p.goal("a", "home")
	p.goal("a", "away")
	file := filepath.Join(t.TempDir(), "unsent.touchline")
	if err := os.WriteFile(file, []byte(p.tell("a", fields{"export": true}).File), 0o600); err != nil {
		t.Fatal(err)
	}
	run("import", file)
	distinct(t, goalsOf(t, at, match, token), 2)
	g.heal(at)
	p.until("a", fields{"unsent": 0, "current": true, "score": []int{1, 1}})
	distinct(t, goalsOf(t, at, match, token), 2)
}

// Who may only watch sees what comes, and cannot record.
func TestPageWatches(t *testing.T) {
	at, match, run := startHTTP(t)
	p := startPages(t)
	p.open("a", at, run("token", "m", "--role", "record"), match)
	p.open("b", at, run("token", "m", "--role", "watch"), match)
	p.until("b", fields{"state": "live", "current": true})
	p.goal("a", "home")
	p.until("b", fields{"events": 1})
	p.goal("b", "home")
	p.goal("a", "away")
	s := p.until("b", fields{"events": 3, "unsent": 1})
	for _, e := range s.Events {
		if e.Own != (e.Reach == "saved") {
			t.Errorf("%+v", e)
		}
	}
}

// A match of two hours and 300 events costs a spectator at most 350 kB of
// WebSocket payload: joining, each event as it comes, and 120 minutes of quiet at
// the 1 kB a minute that bridge/web/test/link.test.ts holds the client to.
func TestSpectatorCostsLittle(t *testing.T) {
	at, match, run := startHTTP(t)
	record, watch := run("token", "m", "--role", "record"), run("token", "m", "--role", "watch")
	p := startPages(t)
	p.open("a", at, watch, match)
	p.until("a", fields{"state": "live", "current": true})
	asked := 0 // bytes of states
	for i := range 300 {
		e, err := json.Marshal(fields{
			"matchId": match, "type": []string{"shot", "substitution", "goal", "card", "corner"}[i%5], "teamId": []string{"home", "away"}[i%2], "period": 1 + i/150, "clockMs": i % 150 * 24_000,
			"data": fields{"player": "11a86602", "assist": "7c0de412", "colour": "yellow", "out": []string{"4fd01a22"}, "in": []string{"90b1c355"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if code, body := request(t, "POST", at+"/v1/events", record, string(e)); code != 201 {
			t.Fatal(code, body)
		}
		p.until("a", fields{"events": i + 1}) // one by one, so that none travel together
		asked += stateBytes(t, at, match, watch)
	}
	carried := p.until("a", fields{"events": 300}).Carried
	t.Logf("%d bytes for 300 events, and %d of the app's states if it asks after each", carried, asked)
	if asked > 3_000_000 {
		t.Errorf("states of %d bytes", asked)
	}
	if most := 350_000 - 120*1000; carried > most || carried < 300*50 {
		t.Errorf("300 events cost %d bytes, more than %d", carried, most)
	}
}

// stateBytes asks for the state as a browser does, and returns how long the answer is on its way.
func stateBytes(t *testing.T, at, match, token string) int {
	t.Helper()
	r, err := http.NewRequest("GET", at+"/v1/matches/"+match+"/state", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Accept-Encoding", "gzip, deflate")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp.Status, err)
	}
	return len(b)
}

// Pages record while the network is cut, swallows, heals, and pages are reloaded,
// by a plan drawn at random: nothing is lost, and nothing counts twice.
func TestPagesLoseNothing(t *testing.T) {
	at, match, run := startHTTP(t)
	token := run("token", "m", "--role", "record")
	random := rand.New(rand.NewPCG(7, 7))
	p := startPages(t)
	tabs := []string{"a", "a2", "b"}
	gates := map[string]*gate{}
	for _, tab := range tabs {
		gates[tab] = newGate(t, at)
		p.open(tab, gates[tab].url(), token, match)
		p.until(tab, fields{"state": "live", "current": true})
	}
	recorded := 0
	for range 60 {
		tab := tabs[random.IntN(len(tabs))]
		switch random.IntN(8) {
		case 0:
			gates[tab].cut()
		case 1:
			gates[tab].swallow()
		case 2, 3:
			gates[tab].heal(at)
		case 4:
			p.tell(tab, fields{"close": true})
			p.open(tab, gates[tab].url(), token, match)
		default:
			p.goal(tab, []string{"home", "away"}[random.IntN(2)])
			recorded++
		}
	}
	for _, tab := range tabs {
		gates[tab].heal(at)
	}
	for _, tab := range tabs {
		p.until(tab, fields{"state": "live", "current": true, "unsent": 0, "events": recorded, "reach": "node"})
	}
	distinct(t, goalsOf(t, at, match, token), recorded)
}

// A page whose node is gone for good goes to another one of the match, which knows
// no token of the first: the page shows the right that it was given, and nothing
// is lost or there twice.
func TestPageMovesToAnotherNode(t *testing.T) {
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	dataA, dataB := t.TempDir(), t.TempDir()
	runA, runB := inFolder(t, bin, dataA), inFolder(t, bin, dataB)
	var made struct {
		MatchID string
		Invites struct{ Admin string }
	}
	if err := json.Unmarshal([]byte(runA("match", "new", "--label", "m", "--json")), &made); err != nil {
		t.Fatal(err)
	}
	match := made.MatchID
	firstA, nodeA := serveProcess(t, bin, dataA)
	runB("join", made.Invites.Admin)
	a, b := firstA.HTTP, serveFolder(t, bin, dataB, "--peer", firstA.P2P[0])
	tokenB := runB("token", match, "--role", "record")

	p := startPages(t)
	p.open("a", a, runA("token", "m", "--role", "record"), match)
	p.open("b", b, tokenB, match)
	p.until("a", fields{"state": "live", "current": true})
	p.goal("a", "home")
	p.until("a", fields{"unsent": 0, "reach": "devices"}) // on both
	p.until("b", fields{"events": 1})
	nodeA.Process.Kill()
	nodeA.Wait()
	p.until("a", fields{"state": "reconnecting"})
	p.goal("a", "home")
	p.goal("a", "away")
	p.tell("a", fields{"move": b})
	p.until("a", fields{"state": "live", "unsent": 0, "current": true, "score": []int{2, 1}, "reach": "node"})
	p.until("b", fields{"score": []int{2, 1}})
	distinct(t, goalsOf(t, b, match, tokenB), 3)
}
