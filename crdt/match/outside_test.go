package match_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// scoreKinds are those of which an outsider of a match whose results are its teams'
// must see nothing: written out, since the code's own list is what is tried.
var scoreKinds = []string{"goal", "penalty.missed", "shootout.kick", "shot", "save", "ruling", "power_play", "note", "reaction", "award", "clip", "dance"}

// Whatever goals there are, moved, added or taken away, and with them all else that
// tells of them, outsiders see the same bytes, in a match of any events whatever.
func TestOutsidersCannotTell(t *testing.T) {
	checks(t, "3000", "300000", "300")
	rapid.Check(t, func(t *rapid.T) {
		closed := event("organiser", match.Organiser, "match.setup", "", 0, 0, `{"age_band":"U9"}`, 0)
		with := append([]match.Event{closed}, drawEvents(t)...)
		var others []match.Event
		for i := range rapid.IntRange(0, 6).Draw(t, "others") {
			d := &dice{rapid.Uint64().Draw(t, fmt.Sprint("other ", i))}
			e := drawEvent(d, &themes[d.roll(len(themes))], others, i)
			e.Type, e.ID = pick(d, scoreKinds), ""
			e.Data = []byte(pick(d, payloads[e.Type]))
			e.Hash = hashOf(&e)
			others = append(others, e)
		}
		without := slices.DeleteFunc(slices.Clone(with), func(e match.Event) bool { return slices.Contains(scoreKinds, e.Type) })
		moved := append(slices.Clone(without), others...)
		want := match.Fold(without)
		if want.Setup.Tables() {
			return // all may know
		}
		f := match.NewFolder()
		for _, set := range [][]match.Event{with, moved} {
			f.Add(set...) // the second time with all goals there are
			for _, s := range []*match.State{match.Fold(set), f.State()} {
				if s.Setup.Tables() {
					continue
				}
				if got, want := seen(t, s), seen(t, want); got != want {
					t.Fatalf("an outsider can tell:\n%s\n%s\n%s", show(set), got, want)
				}
			}
		}
	})
}

func seen(t *rapid.T, s *match.State) string {
	return fmt.Sprintf("%x", match.View(s, match.Viewer{Role: match.Spectator}, nil).Canonical())
}

// A power play is a change that is not one for one. Outsiders see as many on the pitch
// as there are without one, and of the changes those that fit.
func TestPowerPlayIsNotSeen(t *testing.T) {
	tell := func(behind bool) *match.State {
		s := u10(`{"age_band":"U10","players_per_side":7}`)
		also := func(kind, team string, seconds int64, data string) {
			if behind {
				s.tell("ann", kind, team, 1, seconds, data)
			} else {
				s.say("ann", "note", `{}`) // as late by everybody's clocks
			}
		}
		for i := range int64(4) {
			also("goal", "away", 60+i*120, ``)
		}
		also("power_play", "home", 500, `{"extra":1}`)
		also("player.on", "home", 510, `{"player":"h"}`)
		s.tell("ann", "corner", "home", 1, 600, ``)
		also("substitution", "home", 700, `{"out":"h","in":"i"}`)
		s.tell("ann", "substitution", "home", 1, 800, `{"out":"b","in":"j"}`)
		also("player.off", "home", 900, `{"player":"c"}`)
		s.tell("ann", "corner", "home", 1, 1000, ``)
		return s.fold()
	}
	full := tell(true)
	if p := full.Side(match.Home); p.On != 7 || p.Limit != 8 {
		t.Fatalf("the power play is not one: %d of %d on", p.On, p.Limit)
	}
	v := match.Viewer{Role: match.Spectator}
	with, without := match.View(full, v, people), match.View(tell(false), v, people)
	if a, b := text(t, with), text(t, without); a != b {
		t.Errorf("an outsider can tell:\n%s\n%s", a, b)
	}
	if with.Teams[0].On != 7 || with.Teams[0].Changes != 1 {
		t.Errorf("%d on, %d changes", with.Teams[0].On, with.Teams[0].Changes)
	}
}

// Of earlier periods, too, goals say neither how long they were nor that they were.
func TestGoalsMoveNoPeriodForOutsiders(t *testing.T) {
	s := u10(`{"age_band":"U10"}`)
	s.tell("ann", "corner", "home", 1, 300, ``)
	s.tell("ann", "goal", "home", 1, 420, ``)
	s.tell("ann", "period.start", "", 2, 0, ``)
	s.tell("ann", "corner", "home", 2, 60, ``)
	s.tell("ann", "period.end", "", 2, 1500, ``)
	third := s.tell("ann", "goal", "away", 3, 100, ``)
	got := match.View(s.fold(), match.Viewer{Role: match.Spectator}, nil)
	if len(got.Periods) != 2 || got.Periods[0].PlayedMs != 300_000 || got.PlayedMs != 1_800_000 || got.Phase != "ended" {
		t.Errorf("periods %+v, %d ms, %s (%s)", got.Periods, got.PlayedMs, got.Phase, third.Hash.Short())
	}
	all := match.View(s.fold(), match.Viewer{Role: match.Family, Side: match.Home}, nil)
	if len(all.Periods) != 3 || all.Periods[0].PlayedMs != 420_000 {
		t.Errorf("a family sees %+v", all.Periods)
	}
}

// A team that forfeits has lost: outsiders learn that it is over.
func TestWhoForfeitsIsNotSeen(t *testing.T) {
	s := u10(`{"age_band":"U10"}`)
	s.tell("organiser", "match.end", "away", 0, 0, `{"status":"forfeit"}`)
	got := match.View(s.fold(), match.Viewer{Role: match.Family, Side: "lions"}, nil)
	end := got.Timeline[len(got.Timeline)-1]
	if !got.Hidden || end.Type != "match.end" || end.Side != match.NoSide || got.Result.Winner != match.NoSide || !got.Result.Final {
		t.Errorf("%+v, %+v", end, got.Result)
	}
}

// What is private is seen by the team's own staff, that child's guardians and whoever
// told it: not by those who record for both sides, and a list of players does not say
// who it was.
func TestWhoIsPrivy(t *testing.T) {
	var s scene
	s.say("organiser", "match.setup", `{"results":"public"}`)
	s.tell("ann", "injury", "home", 1, 100, `{"player":"77","area":"head"}`)
	s.tell("ann", "player.on", "home", 1, 500, `{"player":"77"}`)
	s.tell("bob", "injury", "home", 1, 600, `{"player":"66","area":"knee","concussion_suspected":true}`)
	full := s.fold()
	ann := crdt.Key{}
	for _, e := range full.Timeline {
		if e.Type == "player.on" {
			ann = e.By
		}
	}
	for name, c := range map[string]struct {
		viewer match.Viewer
		sees   []string
	}{
		"coach of the team":     {match.Viewer{Role: match.Coach, Side: match.Home}, []string{`"area":"head"`, "knee", `66"`, `"noReturn":true`, "head_injury"}},
		"coach of both":         {match.Viewer{Role: match.Coach}, []string{`"area":"head"`, "knee", `66"`, `"noReturn":true`, "head_injury"}},
		"recorder of the team":  {match.Viewer{Role: match.Scorer, Side: match.Home}, []string{`"area":"head"`, "knee", `66"`, `"noReturn":true`, "head_injury"}},
		"the other coach":       {match.Viewer{Role: match.Coach, Side: match.Away}, nil},
		"organiser":             {match.Viewer{Role: match.Organiser}, nil},
		"referee":               {match.Viewer{Role: match.Referee}, nil},
		"recorder of both":      {match.Viewer{Role: match.Scorer}, nil},
		"recorder who told one": {match.Viewer{Role: match.Scorer, Self: ann}, []string{`"area":"head"`, `"noReturn":true`, "head_injury"}},
		"guardian":              {match.Viewer{Role: match.Guardian, Side: match.Home, Children: []string{"66"}}, []string{"knee", `66"`, `"noReturn":true`}},
		"spectator":             {match.Viewer{Role: match.Spectator}, nil},
	} {
		got := text(t, match.View(full, c.viewer, nil))
		for _, word := range []string{`"area":"head"`, "knee", `66"`, `"noReturn":true`, "head_injury"} {
			if told, want := strings.Contains(got, word), slices.ContainsFunc(c.sees, func(w string) bool { return strings.Contains(w, word) }); told != want {
				t.Errorf("%s: sees %s: %v", name, word, told)
			}
		}
	}
}
