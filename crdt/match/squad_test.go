package match_test

import (
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// u10 is a match of seven a side with a line-up for home.
func u10(setup string) *scene {
	var s scene
	s.say("organiser", "match.setup", setup)
	s.tell("ann", "lineup.set", "home", 1, 0, `{"on":["a","b","c","d","e","f","g"],"gk":"a","squad":[{"id":"a","no":1},{"id":"h","no":8},{"id":"i"}]}`)
	return &s
}

func player(t *testing.T, s *match.State, id string) *match.Player {
	t.Helper()
	for i, p := range s.Side(match.Home).Players {
		if p.ID == id {
			return &s.Side(match.Home).Players[i]
		}
	}
	t.Fatalf("no player %s", id)
	return nil
}

// Players leave and come back as often as they like; keepers' time counts apart.
func TestRollingSubstitutions(t *testing.T) {
	s := u10(`{"age_band":"U10"}`)
	s.tell("ann", "substitution", "home", 1, 100, `{"out":["b"],"in":["h"]}`)
	s.tell("ann", "substitution", "home", 1, 200, `{"out":["h","a"],"in":["b","i"]}`)
	s.tell("ann", "gk.change", "home", 1, 200, `{"player":"c"}`)
	s.tell("ann", "goal", "away", 1, 250, ``)
	s.tell("ann", "substitution", "home", 1, 300, `{"out":["c"],"in":["a"]}`) // in for the keeper: keeps
	s.tell("ann", "goal", "home", 1, 350, `{"scorer":"h","assist":"b"}`)
	s.tell("ann", "period.end", "", 1, 400, ``)
	got := s.fold()
	for id, want := range map[string][2]int64{"a": {300, 300}, "b": {300, 0}, "h": {100, 0}, "i": {200, 0}, "c": {300, 100}, "d": {400, 0}} {
		if p := player(t, got, id); p.PlayedMs != want[0]*1000 || p.KeeperMs != want[1]*1000 {
			t.Errorf("%s played %d s, %d s in goal; want %v", id, p.PlayedMs/1000, p.KeeperMs/1000, want)
		}
	}
	if p := player(t, got, "c"); p.Conceded != 1 || p.PlusMinus != -1 {
		t.Errorf("keeper: %+v", p)
	}
	if p := player(t, got, "b"); p.Entries != 2 || p.PlusMinus != 0 || p.Assists != 1 {
		t.Errorf("b: %+v", p)
	}
	if p := player(t, got, "h"); p.Goals != 1 || p.No != 8 || p.PlusMinus != 0 { // told as scorer, though not on
		t.Errorf("h: %+v", p)
	}
	if home := got.Side(match.Home); home.Keeper != "a" || home.On != 7 || home.OnMs != 7*400_000 || home.Changes != 4 {
		t.Errorf("%+v", home)
	}
}

// Steps that cannot be are flagged and not applied; nothing is refused, and
// the missing half may arrive later.
func TestImpossibleSteps(t *testing.T) {
	for _, c := range []struct {
		name, kind, data, flag string
		on                     int64
	}{
		{"out was not on", "substitution", `{"out":["h"],"in":["i"]}`, match.FlagNotOn, 7},
		{"in was on", "substitution", `{"out":["b"],"in":["c"]}`, match.FlagAlreadyOn, 7},
		{"too many", "player.on", `{"player":"h"}`, match.FlagTooMany, 7},
		{"keeper not on", "gk.change", `{"player":"h"}`, match.FlagNotOn, 7},
		{"stranger", "substitution", `{"out":["b"],"in":["z"]}`, match.FlagUnknownPlayer, 7},
		{"line-up too long", "lineup.set", `{"on":["a","b","c","d","e","f","g","h"]}`, match.FlagTooMany, 8},
		{"power play too early", "power_play", `{"extra":1}`, match.FlagPowerPlay, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := u10(`{"age_band":"U10"}`)
			e := s.tell("ann", c.kind, "home", 1, 100, c.data)
			got := s.fold()
			if !flagged(entryOf(t, got, e.Hash), c.flag) || got.Side(match.Home).On != c.on {
				t.Errorf("flags %v, %d on", entryOf(t, got, e.Hash).Flags, got.Side(match.Home).On)
			}
		})
	}
	s := u10(`{"age_band":"U10"}`)
	back := s.tell("ann", "substitution", "home", 1, 200, `{"out":["h"],"in":["b"]}`)
	f := match.NewFolder()
	f.Add(s.events...)
	if entryOf(t, f.State(), back.Hash).Counts {
		t.Error("counts without its first half")
	}
	f.Add(s.tell("ann", "substitution", "home", 1, 100, `{"out":["b"],"in":["h"]}`))
	if !entryOf(t, f.State(), back.Hash).Counts {
		t.Error("does not count after the first half arrived")
	}
}

func TestDismissals(t *testing.T) {
	s := u10(`{"age_band":"U14","players_per_side":7,"sin_bin_ms":60000}`)
	s.tell("ann", "card", "home", 1, 100, `{"player":"b","colour":"red"}`)
	s.tell("ann", "card", "home", 1, 100, `{"player":"c","colour":"sin_bin"}`)
	s.tell("ann", "card", "home", 1, 100, `{"player":"h","colour":"red"}`) // on the bench
	back := s.tell("ann", "player.on", "home", 1, 200, `{"player":"b"}`)
	early := s.tell("ann", "player.on", "home", 1, 130, `{"player":"c"}`)
	s.tell("ann", "card", "home", 1, 220, `{"player":"d","colour":"yellow"}`)
	again := s.tell("ann", "card", "home", 1, 300, `{"player":"d","colour":"yellow"}`)
	s.tell("ann", "period.end", "", 1, 400, ``)
	got := s.fold()
	for e, flag := range map[string]string{back.ID: match.FlagSentOff, early.ID: match.FlagSinBin, again.ID: match.FlagSecondYellow} {
		for _, x := range got.Timeline {
			if x.ID == e && !flagged(x, flag) {
				t.Errorf("%s %+v: %v, want %s", x.Type, x.Facts, x.Flags, flag)
			}
		}
	}
	home := got.Side(match.Home)
	if home.On != 5 || home.Limit != 5 || home.OnMs != (7*400-300-30-100)*1000 || home.Conduct != -4-4-3 {
		t.Errorf("%d on of %d, %d ms, conduct %d", home.On, home.Limit, home.OnMs, home.Conduct)
	}
}

func TestPowerPlay(t *testing.T) {
	s := u10(`{"age_band":"U10"}`)
	for i := int64(0); i < 4; i++ {
		s.goal("ann", "away", 10+i*100, "")
	}
	p := s.tell("ann", "power_play", "home", 1, 400, `{"extra":1}`)
	s.tell("ann", "player.on", "home", 1, 401, `{"player":"h"}`)
	got := s.fold()
	if home := got.Side(match.Home); home.On != 8 || home.Limit != 8 || len(entryOf(t, got, p.Hash).Flags) > 0 {
		t.Errorf("%d on of %d: %v", home.On, home.Limit, entryOf(t, got, p.Hash).Flags)
	}
	s.goal("ann", "home", 500, "")
	over := s.tell("ann", "power_play", "home", 1, 501, `{"extra":0}`)
	if !flagged(entryOf(t, s.fold(), over.Hash), match.FlagTooMany) {
		t.Error("one too many is not flagged")
	}
}

// After a head injury nobody returns the same day.
func TestHeadInjury(t *testing.T) {
	s := u10(`{"age_band":"U10"}`)
	s.tell("ann", "injury", "home", 1, 100, `{"player":"b","area":"head","severity":2}`)
	s.tell("ann", "substitution", "home", 1, 110, `{"out":["b"],"in":["h"]}`)
	back := s.tell("ann", "substitution", "home", 1, 300, `{"out":["h"],"in":["b"]}`)
	got := s.fold()
	if !player(t, got, "b").NoReturn || !flagged(entryOf(t, got, back.Hash), match.FlagHeadInjury) {
		t.Errorf("%+v", entryOf(t, got, back.Hash))
	}
}

// A line-up at the start of each quarter is a change of many.
func TestLineupEachQuarter(t *testing.T) {
	s := u10(`{"age_band":"U10","periods":4}`)
	s.tell("ann", "period.end", "", 1, 600, ``)
	s.tell("ann", "lineup.set", "home", 2, 0, `{"on":["a","h","i","d","e","f","g"],"gk":"h"}`)
	s.tell("ann", "period.end", "", 2, 600, ``)
	got := s.fold()
	for id, want := range map[string]int64{"a": 1200, "b": 600, "h": 600} {
		if p := player(t, got, id); p.PlayedMs != want*1000 {
			t.Errorf("%s: %d s", id, p.PlayedMs/1000)
		}
	}
	if p := player(t, got, "h"); p.KeeperMs != 600_000 || p.Started {
		t.Errorf("%+v", p)
	}
}

func TestAgeBands(t *testing.T) {
	for band, want := range map[string][3]any{
		"U7": {int64(3), "team_only", true}, "U9": {int64(5), "team_only", true}, "U10": {int64(7), "team_only", true}, "U11": {int64(7), "team_only", true},
		"U12": {int64(9), "public", false}, "U14": {int64(11), "public", false}, "": {int64(11), "public", false}, "Uxx": {int64(11), "team_only", false}, "Under 9": {int64(5), "team_only", true}, "u - 9": {int64(5), "team_only", true},
		"9": {int64(5), "team_only", true}, "U9 girls": {int64(5), "team_only", true}, "G": {int64(3), "team_only", true}, "E2-Jugend": {int64(7), "team_only", true},
		"D-Jugend": {int64(9), "public", false}, "Bambini": {int64(3), "team_only", true}, "Seniors": {int64(11), "public", false}, "2016": {int64(11), "team_only", false},
		"U0": {int64(11), "team_only", false}, "U99": {int64(11), "team_only", false}, "U23": {int64(11), "public", false}, "under": {int64(11), "team_only", false},
	} {
		s := match.Fold([]match.Event{event("o", match.Organiser, "match.setup", "", 0, 0, `{"age_band":"`+band+`"}`, 0)}).Setup
		if got := [3]any{s.PlayersPerSide, s.Results, s.NoHeading}; got != want {
			t.Errorf("%q: %v, want %v", band, got, want)
		}
	}
	if s := match.Fold([]match.Event{event("o", match.Organiser, "match.setup", "", 0, 0, `{"age_band":9}`, 0)}).Setup; s.AgeBand != "9" || s.Results != "team_only" {
		t.Errorf("a number: %+v", s)
	}
	// Of two setups, authority decides each field, then the log's order.
	var s scene
	s.say("organiser", "match.setup", `{"age_band":"U10","periods":2}`)
	s.say("ann", "match.setup", `{"periods":4,"results":"public","group":"B"}`)
	s.say("organiser", "match.setup", `{"results":"team_only"}`)
	if got := s.fold().Setup; got.Periods != 2 || got.Results != "team_only" || got.Group != "B" {
		t.Errorf("%+v", got)
	}
}

// A scorer, and whoever is of one team, can narrow what is shown of children, never
// open it; who looks after both sides can.
func TestWhoOpens(t *testing.T) {
	const all = `{"results":"public","trophy":true,"names":"full","age_band":"U16"}`
	shown := func(events ...match.Event) [4]any {
		s := match.Fold(events).Setup
		return [4]any{s.AgeBand, s.Results, s.Trophy, s.Names}
	}
	say := func(author string, role match.Role, side, data string) match.Event {
		e := event(author, role, "match.setup", "", 0, 0, data, len(author))
		e.Side = side
		return e
	}
	founder := say("o", match.Organiser, "", `{"age_band":"U9"}`)
	closed := [4]any{"U9", "team_only", false, "number"}
	for name, e := range map[string]match.Event{
		"a scorer": say("ann", match.Scorer, "", all), "a scorer of one team": say("ann", match.Scorer, "away", all), "a coach of one team": say("bob", match.Coach, "away", all),
	} {
		if got := shown(founder, e); got != closed {
			t.Errorf("%s opens it: %v", name, got)
		}
	}
	if got, want := shown(founder, say("bob", match.Coach, "", `{"results":"public","names":"first"}`)), [4]any{"U9", "public", false, "first"}; got != want {
		t.Errorf("a coach of both: %v, want %v", got, want)
	}
	if got, want := shown(say("o", match.Organiser, "", `{"results":"public","names":"first"}`), say("ann", match.Scorer, "", `{"age_band":"U9","names":"full"}`)), [4]any{"U9", "public", false, "first"}; got != want {
		t.Errorf("what the organiser says stands: %v, want %v", got, want)
	}
	if got := shown(say("ann", match.Scorer, "", `{"age_band":"U9"}`), say("berta", match.Scorer, "", all)); got != closed {
		t.Errorf("a scorer opens what another closed: %v", got)
	}
	if got := shown(say("ann", match.Scorer, "", `{"results":"team_only"}`)); got[1] != "team_only" {
		t.Errorf("a scorer cannot narrow: %v", got)
	}
}
