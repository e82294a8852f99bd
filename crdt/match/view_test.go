package match_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// children is a U10 match in which everything that may hold a name does.
func children(setup string) *scene {
	var s scene
	s.say("organiser", "match.setup", setup)
	s.tell("ann", "lineup.set", "home", 1, 0, `{"on":["Tom","Zoe","c3"],"gk":"c3","captain":"Tom","squad":[{"id":"Tom","no":7},{"id":"Zoe","no":9},{"id":"c3"},{"id":"Kim","no":4}]}`)
	s.tell("ann", "foul", "away", 1, 90, `{"by":"rival","on":"Tom"}`)
	s.tell("ann", "injury", "home", 1, 100, `{"player":"Zoe","area":"head","severity":3,"concussion_suspected":true}`)
	s.tell("ann", "injury.update", "home", 1, 105, `{"player":"Zoe","status":"ambulance"}`)
	s.tell("ann", "substitution", "home", 1, 110, `{"out":["Zoe"],"in":["Kim"],"reason":"Zoe hit her head"}`)
	s.tell("ann", "substitution", "home", 1, 300, `{"out":["Kim"],"in":["Zoe"]}`)
	bad := s.tell("ann", "card", "home", 1, 310, `{"player":"Tom","colour":"yellow","reason":"Tom swore"}`)
	s.say("ann", "retract", `{"reason":"it was not Tom"}`, bad)
	s.tell("ann", "note", "home", 1, 320, `{"text":"Tom played well"}`)
	s.tell("ann", "card", "home", 1, 330, `{"player":"Tom"}`) // invalid: the error must not tell
	s.tell("ann", "period.end", "", 1, 1500, "")
	return &s
}

var people = match.Roster{"Tom": {First: "Thomas", Full: "Thomas Smith"}, "Zoe": {First: "Zoey", Full: "Zoey Jones", Never: true}, "Kim": {First: "Kimberley", Full: "Kimberley Ray"}}

// A word that should say how something happened may be a child's name: who is not of
// the team sees those of the list, and what has no letters.
func TestViewShowsCodesOfTheListOnly(t *testing.T) {
	s := children(`{"age_band":"U10","results":"public","names":"full"}`)
	s.goal("ann", "home", 340, `{"how":"tap-in_by_Tom"}`)
	s.goal("ann", "home", 440, `{"how":"header"}`)
	s.tell("ann", "foul", "home", 1, 450, `{"kind":"Tom"}`)
	s.tell("ann", "shot", "home", 1, 460, `{"outcome":"Tom"}`)
	s.tell("ann", "card", "home", 1, 470, `{"colour":"Tom"}`)
	s.say("ann", "reaction", `{"emoji":"Tom"}`)
	s.say("ann", "reaction", `{"emoji":"👏"}`)
	s.say("ann", "award", `{"award":"Tom"}`)
	full := s.fold()
	for _, v := range []match.Viewer{{Role: match.Spectator}, {Role: match.Family, Side: match.Home}, {Role: match.Coach, Side: match.Away}} {
		got := text(t, match.View(full, v, people))
		if at := strings.Index(got, `Tom"`); at >= 0 {
			t.Errorf("role %d is told …%s", v.Role, got[max(at-80, 0):][:100])
		}
		for _, word := range []string{`"how":"header"`, "👏"} {
			if !strings.Contains(got, word) {
				t.Errorf("role %d is not told %s", v.Role, word)
			}
		}
	}
}

func text(t *testing.T, s *match.State) string {
	b, err := json.Marshal(s)
	must(t, err)
	why, err := json.Marshal(match.Explain(s))
	must(t, err)
	return string(b) + string(why)
}

func TestViewNames(t *testing.T) {
	const public = `{"age_band":"U10","results":"public"`
	for _, c := range []struct {
		name, setup string
		viewer      match.Viewer
		never, some []string
	}{
		{"spectators see numbers", public + `}`, match.Viewer{Role: match.Spectator},
			[]string{"Tom", "Zoe", "Kim", "Thomas", `"head"`, "head_injury", "ambulance", "concussion", `"home-9"`, "rival"}, []string{`"home-7"`, `"home-4"`, `"clock.stop"`}},
		{"first names", public + `,"names":"first"}`, match.Viewer{Role: match.Spectator},
			[]string{"Smith", "Zoe", "Jones", `"head"`, "head_injury", "Tom"}, []string{"Thomas", "Kimberley"}},
		{"full names", public + `,"names":"full"}`, match.Viewer{Role: match.Family, Side: match.Home},
			[]string{"Jones", "head_injury", "ambulance"}, []string{"Thomas Smith"}},
		{"the team's coach sees all", public + `}`, match.Viewer{Role: match.Coach, Side: match.Home},
			nil, []string{"Thomas Smith", "Zoey Jones", "ambulance", "head_injury", "Tom swore"}},
		{"the other coach does not", public + `}`, match.Viewer{Role: match.Coach, Side: match.Away},
			[]string{"Tom", "Zoe", "ambulance", `"head"`, "head_injury"}, []string{`"home-7"`}},
		{"a guardian sees to her own child", public + `}`, match.Viewer{Role: match.Guardian, Side: match.Home, Children: []string{"Zoe"}},
			[]string{"Tom", "Kim"}, []string{"Zoey Jones", "ambulance", `"area":"head"`}},
		{"and no other", public + `}`, match.Viewer{Role: match.Guardian, Side: match.Home, Children: []string{"Kim"}},
			[]string{"Zoe", "ambulance", `"area"`, "head_injury"}, []string{"Kimberley Ray"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			full := children(c.setup).fold()
			before := text(t, full)
			got := text(t, match.View(full, c.viewer, people))
			for _, word := range c.never {
				if strings.Contains(got, word) {
					t.Errorf("tells %q: …%s", word, got[max(strings.Index(got, word)-80, 0):][:160])
				}
			}
			for _, word := range c.some {
				if !strings.Contains(got, word) {
					t.Errorf("does not tell %q", word)
				}
			}
			if text(t, full) != before {
				t.Error("the state itself was changed")
			}
		})
	}
}

// What a spectator of a U10 match sees is the same whatever the score is.
func TestViewHidesResults(t *testing.T) {
	tell := func(goals bool) *match.State {
		s := children(`{"age_band":"U10"}`)
		if goals {
			g := s.goal("bob", "home", 120, `{"scorer":"Tom","assist":"Kim"}`)
			s.say("bob", "amend", `{"set":{"assist":null}}`, g)
			for i := int64(0); i < 5; i++ {
				s.goal("bob", "away", 200+i*100, ``)
			}
			s.tell("bob", "shot", "home", 1, 130, `{"player":"Tom","outcome":"saved"}`)
			s.tell("bob", "power_play", "home", 1, 800, `{"extra":1}`)
			s.tell("bob", "applause", "home", 1, 800, `{"for":"the fifth goal"}`)
		}
		return s.fold()
	}
	for _, v := range []match.Viewer{{Role: match.Spectator}, {Role: match.Family}, {}} {
		with, without := text(t, match.View(tell(true), v, people)), text(t, match.View(tell(false), v, people))
		if with != without {
			t.Errorf("role %d can tell:\n%s\n%s", v.Role, with, without)
		}
	}
	for _, v := range []match.Viewer{{Role: match.Family, Side: match.Home}, {Role: match.Coach, Side: match.Away}, {Role: match.Organiser}} {
		if got := match.View(tell(true), v, people); got.Score != [2]int64{1, 5} || got.Hidden {
			t.Errorf("role %d sees %v", v.Role, got.Score)
		}
	}
	for _, v := range []match.Viewer{{Role: match.Spectator}, {Role: match.Family}} {
		if with, without := text(t, match.View(unlisted(true), v, people)), text(t, match.View(unlisted(false), v, people)); with != without {
			t.Errorf("without line-ups role %d can tell:\n%s\n%s", v.Role, with, without)
		}
	}
	open := children(`{"age_band":"U10","trophy":true}`)
	open.goal("bob", "home", 120, "")
	if got := match.View(open.fold(), match.Viewer{Role: match.Spectator}, people); got.Score[0] != 1 {
		t.Error("a trophy match hides its results")
	}
}

// unlisted is a match for which one side told a line-up and the other none, and whose
// latest event is a goal.
func unlisted(goals bool) *match.State {
	s := u10(`{"age_band":"U10"}`)
	goal := func(team string, period uint32, seconds int64, data string) {
		if goals {
			s.tell("ann", "goal", team, period, seconds, data)
		} else {
			s.say("ann", "note", `{}`) // as late by everybody's clocks
		}
	}
	s.tell("ann", "foul", "away", 1, 100, `{"player":"o9"}`)
	goal("away", 1, 130, `{"scorer":"o4"}`)
	goal("away", 1, 400, `{"scorer":"o5","assist":"o6"}`)
	s.tell("ann", "period.end", "", 1, 1500, ``)
	s.tell("ann", "period.start", "", 2, 0, ``)
	s.tell("ann", "card", "home", 2, 60, `{"player":"b","colour":"yellow"}`)
	goal("home", 2, 700, `{"scorer":"a"}`)
	goal("home", 2, 900, `{"scorer":"nobody"}`)
	return s.fold()
}

// Extra time and a shoot-out say that it was level: who may not see results sees what he
// would if nobody had told of them, while they go on and afterwards.
func TestViewHidesOvertime(t *testing.T) {
	tell := func(overtime, ended bool) *match.State {
		s := u10(`{"age_band":"U10"}`)
		s.tell("ann", "substitution", "home", 2, 600, `{"out":"b","in":"h"}`)
		s.tell("ann", "period.end", "", 2, 1500, ``)
		also := func(kind, team string, period uint32, seconds int64, data string) {
			if overtime {
				s.tell("ann", kind, team, period, seconds, data)
			} else {
				s.say("ann", "note", `{}`) // as late by everybody's clocks
			}
		}
		also("period.start", "", 3, 0, ``)
		also("card", "home", 3, 100, `{"player":"b","colour":"red"}`)
		also("substitution", "home", 3, 200, `{"out":"h","in":"i"}`)
		also("injury", "home", 3, 210, `{"player":"i"}`)
		also("card", "away", 4, 200, `{"player":"new","colour":"yellow"}`)
		also("period.end", "", 4, 300, ``)
		also("period.start", "", match.PeriodShootout, 0, ``)
		also("shootout.kick", "home", match.PeriodShootout, 0, `{"player":"a","scored":true}`)
		s.tell("ann", "card", "home", match.PeriodAfter, 0, `{"player":"b","colour":"yellow"}`)
		if ended {
			period, at := uint32(2), int64(1500)
			if overtime {
				period, at = 4, 305
			}
			s.tell("ann", "match.end", "", period, at, ``)
			s.change(func(e *match.Event) { e.ID = "end" })
		}
		return s.fold()
	}
	for _, ended := range []bool{false, true} {
		for _, v := range []match.Viewer{{Role: match.Spectator}, {Role: match.Family}} {
			with, without := match.View(tell(true, ended), v, people), match.View(tell(false, ended), v, people)
			for _, s := range []*match.State{with, without} {
				for _, e := range s.Timeline {
					e.Hash = crdt.Hash{} // that of an end holds when it was
				}
			}
			if a, b := text(t, with), text(t, without); a != b {
				t.Errorf("role %d can tell:\n%s\n%s", v.Role, a, b)
			}
			if with.Phase != "ended" || with.Result.Final != ended {
				t.Errorf("phase %s, final %v", with.Phase, with.Result.Final)
			}
		}
	}
	if got := match.View(tell(true, true), match.Viewer{Role: match.Family, Side: match.Home}, people); got.Clock.Period != 4 || got.Shootout == nil {
		t.Errorf("the teams' own families see period %d", got.Clock.Period)
	}
}

// Who is only known by the number that a recorder typed is shown as that number, with
// or without a line-up, whichever way events name him, and never instead of a name.
func TestViewShowsTypedShirts(t *testing.T) {
	s := children(`{"age_band":"U14"}`)
	s.tell("ann", "lineup.set", "away", 1, 0, `{"on":["8","07","o1"],"gk":"8"}`)
	s.goal("bob", "home", 600, `{"scorer":"10","assist":"Tom"}`)
	s.goal("bob", "home", 700, `{"scorer":"11","how":"own_goal"}`)
	s.goal("bob", "away", 800, `{"scorer":"7"}`)
	s.tell("bob", "offside", "home", 1, 900, `{"player":12}`)
	s.tell("bob", "offside", "home", 1, 940, `{"player":9}`) // Zoe's shirt, who must not appear
	s.tell("bob", "foul", "home", 1, 980, `{"by":"9"}`)
	full := s.fold()
	got := match.View(full, match.Viewer{Role: match.Spectator}, people)
	var goals, others []string
	for _, e := range got.Timeline {
		switch e.Type {
		case "goal":
			goals = append(goals, e.Facts.Player, e.Facts.Assist)
		case "offside", "foul":
			others = append(others, e.Facts.Player)
		}
	}
	if want := []string{"home-10", "home-7", "away-11", "", "away-7", ""}; !slices.Equal(goals, want) {
		t.Errorf("goals are by %q, want %q", goals, want)
	}
	if want := []string{"away-p6", "home-12", "home-p2", "home-p2"}; !slices.Equal(others, want) {
		t.Errorf("others are by %q, want %q", others, want)
	}
	wears := map[string]int64{}
	for _, p := range slices.Concat(got.Teams[0].Players, got.Teams[1].Players) {
		if _, twice := wears[p.ID]; twice || p.Name != "" {
			t.Errorf("%s is there twice, or is called %q", p.ID, p.Name)
		}
		wears[p.ID] = p.No
	}
	for id, no := range map[string]int64{"home-10": 10, "home-7": 7, "home-p2": 0, "away-8": 8, "away-7": 7, "away-p3": 7, "away-11": 11} {
		if got, ok := wears[id]; !ok || got != no {
			t.Errorf("%s wears %d, want %d", id, got, no)
		}
	}
	if p := player(t, full, "10"); p.No != 10 {
		t.Errorf("those who see IDs see the shirt %d", p.No)
	}
}

// The status of an end is a word from the list, or nothing for those who are not staff.
func TestViewHidesFreeStatus(t *testing.T) {
	s := u10(`{"age_band":"U14"}`)
	s.say("ann", "match.end", `{"status":"walkover, Tom wept"}`)
	for _, v := range []match.Viewer{{Role: match.Spectator}, {Role: match.Family, Side: match.Home}} {
		if got := text(t, match.View(s.fold(), v, people)); strings.Contains(got, "Tom wept") {
			t.Errorf("role %d reads %s", v.Role, got)
		}
	}
	if got := text(t, match.View(s.fold(), match.Viewer{Role: match.Organiser}, people)); !strings.Contains(got, "Tom wept") {
		t.Error("the organiser does not see what was said")
	}
}

func TestInsight(t *testing.T) {
	s := u10(`{"age_band":"U10","period_ms":600000}`)
	s.tell("ann", "substitution", "home", 1, 300, `{"out":["b"],"in":["h"]}`)
	s.goal("ann", "home", 400, `{"scorer":"h"}`)
	s.goal("ann", "away", 590, ``)
	s.tell("ann", "goal", "away", 1, 700, ``)
	s.tell("ann", "shot", "home", 1, 320, `{}`)
	s.tell("ann", "injury", "home", 1, 800, `{"player":"c","area":"head"}`)
	s.tell("ann", "period.end", "", 1, 1000, "")
	got := match.Insight(s.fold(), match.Home, map[string]int64{"d": 50 * 60_000})
	if got.AfterChanges != [2]int64{1, 1} {
		t.Errorf("after changes: %v", got.AfterChanges)
	}
	want := map[match.Alert]bool{
		{Kind: match.AlertUnderShare, Player: "i"}: true, {Kind: match.AlertUnderShare, Player: "b"}: true,
		{Kind: match.AlertOverCap, Player: "d"}: true, {Kind: match.AlertHeadInjury, Player: "c"}: true,
	}
	for _, a := range got.Alerts {
		if !want[a] {
			t.Errorf("alert %+v", a)
		}
		delete(want, a)
	}
	if len(want) > 0 {
		t.Errorf("no alert %v", want)
	}
	if s := got.Suggestion; s == nil || s.In != "i" || s.Out == "a" || s.GapMs != 1_000_000 {
		t.Errorf("suggestion %+v", s)
	}
	if got.Busiest == nil || got.Busiest.FromMs != 300_000 || got.Shares[0].Player != "i" || got.Shares[0].Pct != 0 {
		t.Errorf("busiest %+v, shares %+v", got.Busiest, got.Shares[0])
	}
	if len(got.Runs) != 1 || got.Runs[0].Side != match.Away || got.Runs[0].FromMs != 600_000 {
		t.Errorf("runs %+v", got.Runs)
	}
}

// Each team numbers its players as it likes: the minutes of a day are those of
// one team, at home or away.
func TestDayMinutes(t *testing.T) {
	day := func(home, away string) *match.State {
		s := u10(`{"age_band":"U10","teams":{"home":"` + home + `","away":"` + away + `"}}`)
		s.tell("ann", "lineup.set", "away", 1, 0, `{"on":["a","d","x"]}`)
		s.tell("ann", "period.end", "", 1, 1000, "")
		return s.fold()
	}
	got := match.DayMinutes("Badgers", day("Badgers", "Foxes"), day("Owls", "Badgers"), day("Foxes", "Owls"))
	if got["d"] != 2_000_000 || got["b"] != 1_000_000 || got["x"] != 1_000_000 {
		t.Errorf("day %v", got)
	}
}

func TestExplain(t *testing.T) {
	var s scene
	a := s.goal("ann", "home", 100, `{"scorer":"x"}`)
	s.goal("bob", "home", 110, `{"scorer":"y"}`)
	w := s.goal("bob", "away", 400, "")
	s.say("referee", "retract", `{"reason":"disallowed"}`, w)
	v := s.goal("cat", "away", 700, "")
	s.change(func(e *match.Event) { e.Standing, e.Reason = match.Void, "revoked" })
	x := match.Explain(s.fold())
	if len(x.Goals) != 1 || len(x.Not) != 2 || len(x.Changes) != 1 || x.Score != [2]int64{1, 0} {
		t.Fatalf("%+v", x)
	}
	if g := x.Goals[0]; g.Hash != a.Hash || len(g.By) != 2 || *g.Score != [2]int64{1, 0} || !strings.Contains(g.Text, "says player y") {
		t.Errorf("%+v", g)
	}
	if n := x.Not[0]; n.Judge == nil || !strings.Contains(n.Text, "withdrawn") || !strings.Contains(n.Text, "disallowed") {
		t.Errorf("%+v", n)
	}
	if n := x.Not[1]; n.Status != match.StatusVoid || !strings.Contains(n.Text, "revoked") {
		t.Errorf("%+v %v", n, v)
	}
}
