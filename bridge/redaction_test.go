package bridge_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match/table"
)

// setting is what a match says of itself.
type setting struct {
	band, results, names string
	sealed               bool
}

func (s setting) String() string {
	return fmt.Sprintf("%s results=%s names=%s sealed=%v", s.band, s.results, s.names, s.sealed)
}

// hidden reports whether results are the teams' own, as the issue has it: U7 to U11 by
// default, and whoever says so.
func (s setting) hidden() bool {
	return s.results == "team_only" || s.results == "" && slices.Contains([]string{"U7", "U8", "U9", "U10", "U11"}, s.band)
}

// settings are all that a cell is tried with.
func settings() (all []setting) {
	for i, band := range []string{"U7", "U8", "U9", "U11"} {
		all = append(all, setting{band: band, names: []string{"number", "first", "full"}[i%3], sealed: i%2 == 0})
	}
	for _, of := range []setting{{band: "U10"}, {band: "U12"}, {band: "U10", results: "public"}, {band: "U16", results: "team_only"}} {
		for _, names := range []string{"number", "first", "full"} {
			for _, sealed := range []bool{false, true} {
				all = append(all, setting{of.band, of.results, names, sealed})
			}
		}
	}
	return all
}

// canary is a word that stands in a match once, and who may be told it.
type canary struct {
	word string
	told func(*watcher, setting) bool
}

// redacted is a match with a canary in each place that may hold one.
type redacted struct {
	*fake
	setting  setting
	canaries []canary
	key      *access.EpochKey // of all, when sealed
	staff    access.EpochKey  // of home's staff
	chain    *crdt.Chain
}

func epochKey(n byte, a access.Audience) access.EpochKey {
	return access.EpochKey{Epoch: bytes.Repeat([]byte{n}, 32), Audience: a.Bit, Scope: []byte(a.Scope), Key: bytes.Repeat([]byte{n + 1}, 32)}
}

func newRedacted(t *testing.T, of setting) *redacted {
	r := &redacted{fake: newFake(t), setting: of, chain: crdt.NewChain()}
	r.staff = epochKey(3, r.member.Staff("home"))
	r.member.Keys = []access.EpochKey{r.staff}
	if of.sealed {
		key := epochKey(1, access.Everyone)
		r.key, r.member.Keys = &key, append(r.member.Keys, key)
	}
	r.name("7", "Firstnone Surnone", 0)
	r.name("8", "Firstok Surok", access.ConsentFirstName)
	r.name("9", "Fullfirst Fullsur", access.ConsentFullName)
	r.name("zaphira", "Neverfirst Neversur", access.ConsentFullName|access.NeverShow)
	r.name("21", "Awayfirst Awaysur", 0)
	results := ""
	if of.results != "" {
		results = fmt.Sprintf(`,"results":%q`, of.results)
	}
	r.tell(t, "s", "match.setup", "", 0, 0, fmt.Sprintf(`{"age_band":%q,"names":%q%s,"teams":{"home":{"id":"badgers"},"away":{"id":"otters"}}}`, of.band, of.names, results))
	r.tell(t, "l", "lineup.set", "home", 1, 0, `{"on":["7","8","9","zaphira"],"squad":[{"id":"zaphira","no":10}]}`)
	r.tell(t, "m", "lineup.set", "away", 1, 0, `{"on":["21","22"]}`)
	r.tell(t, "c", "corner", "home", 1, 60_000, `{"player":"8"}`)
	r.tell(t, "canaryinjuryid", "injury", "badgers", 1, 70_000, `{"player":"7","area":"canaryknee","concussion_suspected":true}`)
	r.tell(t, "i2", "injury", "away", 1, 80_000, `{"player":"21","area":"canarytooth"}`)
	r.private(t, "i3", `{"player":"9","area":"canaryelbow"}`)
	n := r.tell(t, "canarynoteid", "note", "home", 1, 100_000, `{}`)
	r.beside(n, `{"text":"canarynote zaphira"}`)
	k := r.tell(t, "k", "card", "away", 1, 110_000, `{"player":"22","colour":"yellow"}`)
	r.beside(k, `{"reason":"canaryreason"}`)
	r.tell(t, "f", "foul", "home", 1, 120_000, `{"by":"zaphira","kind":"canarykind"}`)
	g := r.tell(t, "canarygoalid", "goal", "home", 1, 234_567, `{"player":"33"}`)
	r.tell(t, "a", "amend", "", 0, 0, `{"set":{"area":"canaryamended"}}`, r.injuries()[0])
	r.tell(t, "h", "shot", "away", 1, 345_678, `{}`, g.Hash)
	r.tell(t, "d", "card", "home", 1, 360_000, `{"player":"8","colour":"yellow"}`, g.Hash)
	r.listCanaries(g)
	return r
}

func (r *redacted) name(subject, full string, consent access.Consent) {
	r.names = append(r.names, bridge.NamedRecord{Record: access.Record{Kind: access.NameRecord, Subject: subject, Body: []byte(full), Consent: consent}})
}

func (r *redacted) beside(e *crdt.Event, words string) {
	r.fields[e.Hash], r.authors[e.Hash] = []byte(`{"#words":`+words+`}`), e.Author
}

func (r *redacted) tell(t *testing.T, id, kind, team string, period uint32, ms int64, data string, refs ...crdt.Hash) *crdt.Event {
	return r.put(t, crdt.Content{ID: id, Type: kind, Team: team, Period: period, ClockMs: &ms, Data: []byte(data)}, nil, refs...)
}

// private tells an injury of home's behind a stub.
func (r *redacted) private(t *testing.T, id, data string) {
	ms := int64(90_000)
	r.put(t, crdt.Content{ID: id, Type: "play.stopped", Period: 1, ClockMs: &ms}, &access.Part{Type: "injury", Team: "home", Data: []byte(data)})
}

func (r *redacted) put(t *testing.T, c crdt.Content, part *access.Part, refs ...crdt.Hash) *crdt.Event {
	t.Helper()
	h := crdt.Header{Set: crdt.Events, Log: r.member.Log, Grant: r.member.Grant, Author: r.member.Device(), Refs: refs}
	if r.key != nil {
		h.Epoch = r.key.Name()
	}
	h.Time, h.OwnMs = r.clock.Now()
	r.chain.Place(&h)
	if part != nil {
		box, err := r.staff.SealBox(h, part)
		if err != nil {
			t.Fatal(err)
		}
		c.Boxes = append(c.Boxes, box)
	}
	plain, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	payload, err := crdt.Pad(plain)
	if r.key != nil {
		payload, err = r.key.Seal(h, plain)
	}
	if err != nil {
		t.Fatal(err)
	}
	e, err := crdt.Sign(r.member.Key(), h, payload)
	if err != nil {
		t.Fatal(err)
	}
	r.admit(t, e)
	r.chain.Advance(e)
	return e
}

// injuries are the hashes of those that lie open.
func (r *redacted) injuries() (list []crdt.Hash) {
	entries, _ := r.log.Since(0, 1000)
	for _, en := range entries {
		if en.Set == crdt.Events {
			if c, err := r.Open(en.Event); err == nil && c.Type == "injury" {
				list = append(list, en.Event.Hash)
			}
		}
	}
	return list
}

// listCanaries says who may be told what, as the rules for youth football have it.
func (r *redacted) listCanaries(goal *crdt.Event) {
	add := func(told func(*watcher, setting) bool, words ...string) {
		for _, w := range words {
			r.canaries = append(r.canaries, canary{w, told})
		}
	}
	records := func(team string) func(*watcher, setting) bool {
		return func(w *watcher, _ setting) bool { return w.records(team) }
	}
	tends := func(team, child string) func(*watcher, setting) bool {
		return func(w *watcher, _ setting) bool { return w.tends(team) || w.guards(team, child) }
	}
	add(records("home"), "Neverfirst", "Neversur", "zaphira", "canarykind", "canarynote", "canarynoteid")
	add(func(w *watcher, s setting) bool { return w.records("home") || w.guards("home", "8") }, "Surok")
	add(func(w *watcher, s setting) bool { return w.records("home") || w.guards("home", "7") }, "Firstnone", "Surnone")
	add(func(w *watcher, s setting) bool {
		return w.records("home") || w.guards("home", "8") || s.names != "number"
	}, "Firstok")
	add(func(w *watcher, s setting) bool {
		return w.records("home") || w.guards("home", "9") || s.names != "number"
	}, "Fullfirst")
	add(func(w *watcher, s setting) bool {
		return w.records("home") || w.guards("home", "9") || s.names == "full"
	}, "Fullsur")
	add(func(w *watcher, s setting) bool { return w.records("away") || w.guards("away", "21") }, "Awayfirst", "Awaysur")
	add(records("away"), "canaryreason")
	add(tends("home", "7"), "canaryknee", "canaryamended", "canaryinjuryid", "concussion", `"noReturn":true`)
	add(tends("home", "9"), "canaryelbow")
	add(tends("away", "21"), "canarytooth")
	results := func(w *watcher, s setting) bool { return !s.hidden() || w.ofTeam() }
	add(results, goal.Hash.String(), "canarygoalid", "234567", "345678", `"goal"`, `"no":33`)
}

// watcher is somebody who asks, and what the rules let them see.
type watcher struct {
	name, token string
	role        access.Role
	team        string // by side; "lions" plays elsewhere
	child       string
	refused     bool
}

func (w *watcher) records(team string) bool {
	return w.role.MayWrite() && (w.team == "" || w.team == team)
}
func (w *watcher) tends(team string) bool {
	return w.records(team) && (w.team == team || w.role == access.Coach)
}
func (w *watcher) guards(team, child string) bool {
	return w.role == access.Guardian && w.team == team && w.child == child
}
func (w *watcher) ofTeam() bool {
	return w.team == "home" || w.team == "away" || w.team == "" && w.role.MayWrite()
}

// watchers come by all doors, in all roles.
func (r *redacted) watchers(t *testing.T, s *bridge.Server, tokens *bridge.Tokens) (all []*watcher) {
	now := time.Now()
	mint := func(terms bridge.TokenTerms, at time.Time) string {
		terms.Match, terms.Life = r.member.Log, time.Hour
		text, _, err := tokens.Mint(context.Background(), terms, at)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	for _, w := range []watcher{
		{role: access.Spectator}, {role: access.Family}, {role: access.Family, team: "home"}, {role: access.Family, team: "away"}, {role: access.Family, team: "lions"},
		{role: access.Guardian, team: "home", child: "7"}, {role: access.Guardian, team: "home", child: "8"}, {role: access.Guardian, team: "away", child: "21"},
		{role: access.Guardian, team: "away", child: "7"}, {role: access.Guardian, team: "lions", child: "7"},
		{role: access.Scorer}, {role: access.Scorer, team: "home"}, {role: access.Scorer, team: "away"}, {role: access.Scorer, team: "lions"},
		{role: access.Coach}, {role: access.Coach, team: "home"}, {role: access.Coach, team: "away"},
	} {
		team := map[string]string{"home": "badgers", "away": "away"}[w.team]
		if w.team == "lions" {
			team = "lions"
		}
		w.name = fmt.Sprintf("token %s %s %s", w.role, w.team, w.child)
		w.token = mint(bridge.TokenTerms{Role: w.role, Team: team, Child: w.child}, now)
		all = append(all, &w)
	}
	all = append(all, &watcher{name: "guest", role: access.Spectator})
	for _, role := range []access.Role{access.Spectator, access.Family, access.Scorer, access.Coach, access.Referee, access.Organiser} {
		all = append(all, &watcher{name: "device " + role.String(), role: role, token: session(t, s, r.joined(t, role))})
	}
	for team, child := range map[string]string{"home": "9", "away": "21"} {
		all = append(all, &watcher{name: "device of a guardian", role: access.Guardian, team: team, child: child, token: session(t, s, r.guardian(t, team, child))})
	}
	gone := r.guardian(t, "home", "7")
	ended := session(t, s, gone)
	r.revoke(t, gone.Grant)
	revoked, info, err := tokens.Mint(context.Background(), bridge.TokenTerms{Match: r.member.Log, Role: access.Coach, Life: time.Hour}, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tokens.Revoke(context.Background(), info.ID); err != nil {
		t.Fatal(err)
	}
	return append(all,
		&watcher{name: "revoked device", token: ended, refused: true}, &watcher{name: "revoked token", token: revoked, refused: true},
		&watcher{name: "expired", token: mint(bridge.TokenTerms{Role: access.Coach}, now.Add(-2*time.Hour)), refused: true},
		&watcher{name: "forged", token: "tl1.zzz", refused: true},
	)
}

// served is a node of a redacted match.
func (r *redacted) served(t *testing.T) (*bridge.Server, *bridge.Tokens) {
	tokens, all := newTokens(t, r.store), bridge.NewCompetitions(r.store)
	if _, err := all.New(context.Background(), bridge.NewCompetition{
		Name: "cup", Preset: "fifa-2018", Bracket: &table.Bracket{Ties: []table.Tie{{ID: "1", Slots: [2]table.Slot{"1A", "2A"}}}}, Ladder: table.Ladder{{"badgers", "otters"}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := all.Change(context.Background(), "cup", func(c *bridge.Competition) error {
		c.Matches = append(c.Matches, bridge.Fixture{Match: r.member.Log, Group: "A"})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	s := bridge.New(bridge.Config{Backend: r, Tokens: tokens, Guests: bridge.GuestsWatch, Competitions: all})
	t.Cleanup(s.Close)
	return s, tokens
}

// tells demands that of the canaries in served bytes there are only those for the
// watcher; whole: and all of these.
func (r *redacted) tells(t *testing.T, w *watcher, view, body string) {
	t.Helper()
	for _, c := range r.canaries {
		if at := strings.Index(body, c.word); at >= 0 && (w.refused || !c.told(w, r.setting)) {
			t.Errorf("%s, %s: %s tells %s: …%s", r.setting, w.name, view, c.word, body[max(at-120, 0):min(at+60, len(body))])
		}
	}
}

// shows demands that a view is no empty page: it has those of the words that the
// watcher may be told.
func (r *redacted) shows(t *testing.T, w *watcher, view, body string, words ...string) {
	t.Helper()
	for _, c := range r.canaries {
		if slices.Contains(words, c.word) && c.told(w, r.setting) && !strings.Contains(body, c.word) {
			t.Errorf("%s, %s: %s does not tell %s: %s", r.setting, w.name, view, c.word, body)
		}
	}
}
