package match_test

import (
	"testing"

	"touchline.dev/touchline/crdt/match"
)

func bound(side string) func(*match.Event) { return func(e *match.Event) { e.Side = side } }

func TestRetract(t *testing.T) {
	var s scene
	g := s.goal("ann", "home", 100, `{"scorer":"x"}`)
	s.wants(t, 1, 0)
	r := s.say("ann", "retract", `{"reason":"mistake"}`, g)
	e := wantStatus(t, s.wants(t, 0, 0), g, match.StatusWithdrawn)
	if e.Reason != "mistake" || e.StatusBy == nil || *e.StatusBy != r.Hash {
		t.Errorf("withdrawn because %q by %v", e.Reason, e.StatusBy)
	}
	rr := s.say("ann", "retract", "", r)
	wantCorrection(t, s.wants(t, 1, 0), r, match.StatusWithdrawn)
	s.say("ann", "retract", "", rr) // and so on
	s.wants(t, 0, 0)
}

func TestWhoMayCorrect(t *testing.T) {
	for _, c := range []struct {
		name   string
		author string // of the goal, for home
		by     string
		side   string
		may    bool
	}{
		{"its author", "ann", "ann", "", true},
		{"its author, bound to the other team", "ann", "ann", "away", true},
		{"another scorer", "ann", "bob", "", true},
		{"a scorer of its team", "ann", "bob", "home", true},
		{"a scorer of the other team", "ann", "bob", "away", false},
		{"a coach of the other team", "ann", "coach", "away", false},
		{"the referee", "ann", "referee", "", true},
		{"the organiser", "referee", "organiser", "", true},
		{"a scorer, against the referee", "referee", "ann", "home", false},
		{"a referee, against the organiser", "organiser", "referee", "", false},
		{"family", "ann", "gran", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s scene
			g := s.goal(c.author, "home", 100, "")
			s.say(c.by, "retract", "", g)
			r := s.change(bound(c.side))
			if c.may {
				wantCorrection(t, s.wants(t, 0, 0), r, match.StatusEffective)
			} else {
				wantCorrection(t, s.wants(t, 1, 0), r, match.StatusDisputed)
			}
		})
	}
}

// Authority beats time; of equal authority the later wins, field by field.
func TestAmend(t *testing.T) {
	var s scene
	g := s.goal("ann", "home", 100, `{"scorer":"x","how":"open"}`)
	s.say("referee", "amend", `{"set":{"scorer":"y"}}`, g)
	s.say("ann", "amend", `{"set":{"scorer":"z","assist":"w","id":"other","type":"card"}}`, g)
	s.say("bob", "amend", `{"set":{"assist":"v"}}`, g)
	e := entryOf(t, s.wants(t, 1, 0), g.Hash)
	if e.Facts.Player != "y" || e.Facts.Assist != "v" || e.Facts.How != "open" || len(e.Amended) != 3 || e.ID != g.ID || e.Type != "goal" {
		t.Errorf("%+v %v", e.Facts, e.Amended)
	}
	s.say("ann", "amend", `{"set":{"team":"away","clockMs":500000}}`, g)
	if e := entryOf(t, s.wants(t, 0, 1), g.Hash); e.ClockMs != 500_000 || e.Side != match.Away {
		t.Errorf("%+v", e)
	}
	a := s.say("ann", "amend", `{"set":{"assist":null}}`, g)
	if e := entryOf(t, s.fold(), g.Hash); e.Facts.Assist != "" {
		t.Errorf("assist %q, want none", e.Facts.Assist)
	}
	s.say("ann", "retract", "", a)
	if e := entryOf(t, s.fold(), g.Hash); e.Facts.Assist != "v" {
		t.Errorf("assist %q after the amendment was withdrawn", e.Facts.Assist)
	}
}

// An amendment of an amendment supersedes it, even if its clock is behind.
func TestAmendmentSupersedesWhatItReferences(t *testing.T) {
	var s scene
	g := s.goal("ann", "home", 100, "")
	first := s.say("ann", "amend", `{"set":{"scorer":"x"}}`, g)
	s.say("bob", "amend", `{"set":{"scorer":"y"}}`, first)
	s.change(func(e *match.Event) { e.Time = 1 })
	if e := entryOf(t, s.fold(), g.Hash); e.Facts.Player != "y" {
		t.Errorf("scorer %q, want y", e.Facts.Player)
	}
}

func TestLifeCycle(t *testing.T) {
	var s scene
	g := s.goal("ann", "home", 100, "")
	wantStatus(t, s.fold(), g, match.StatusReported)
	own := s.say("ann", "confirm", "", g)
	wantStatus(t, s.fold(), g, match.StatusReported)
	s.say("bob", "confirm", "", g)
	wantStatus(t, s.fold(), g, match.StatusConfirmed)
	s.events = s.events[:len(s.events)-2] // without the confirmations
	s.tell("ann", "period.start", "", 2, 0, "")
	wantStatus(t, s.fold(), g, match.StatusConfirmed)
	_ = own

	s = scene{}
	g = s.goal("referee", "home", 100, "")
	wantStatus(t, s.fold(), g, match.StatusConfirmed)
	s.say("referee", "retract", `{"reason":"disallowed"}`, g)
	s.say("ann", "confirm", "", g)
	wantStatus(t, s.wants(t, 0, 0), g, match.StatusWithdrawn)
	s.say("organiser", "confirm", "", g) // more authority than the withdrawal
	wantStatus(t, s.wants(t, 1, 0), g, match.StatusConfirmed)
}

// What does not stand is shown with its reason and does not count.
func TestStanding(t *testing.T) {
	var s scene
	g := s.goal("ann", "home", 100, "")
	s.events[0].Standing, s.events[0].Reason = match.Void, "revoked"
	if e := wantStatus(t, s.wants(t, 0, 0), g, match.StatusVoid); e.Reason != "revoked" || e.Counts {
		t.Errorf("%+v", e)
	}
	f := match.NewFolder()
	f.Add(s.events...)
	if f.State().Score[0] != 0 {
		t.Error("a void goal counts")
	}
	s.events[0].Standing, s.events[0].Reason = match.Stands, ""
	f.Add(s.events...) // the access layer changed its mind
	if f.State().Score[0] != 1 {
		t.Error("a goal that stands again does not count")
	}
}

// Rule R4: the same ID with the same content is one event, whose copies share
// what is said about any of them; with other content it counts, flagged.
func TestSameID(t *testing.T) {
	var s scene
	g := s.goal("ann", "home", 100, "")
	again := g
	again.Time += 99
	again.Hash = hashOf(&again)
	s.events = append(s.events, again)
	s.wants(t, 1, 0)
	r := s.say("ann", "retract", "", again)
	s.wants(t, 0, 0)
	s.say("ann", "retract", "", r)
	other := g
	other.Period = 2
	other.Hash = hashOf(&other)
	s.events = append(s.events, other)
	got := s.wants(t, 2, 0)
	for _, h := range []match.Event{g, other} {
		if !flagged(entryOf(t, got, h.Hash), match.FlagSameID) {
			t.Error("the same ID with other content is not flagged")
		}
	}
	stranger := g
	stranger.Author[0]++
	stranger.Hash = hashOf(&stranger)
	*stranger.ClockMs += 0
	if got := match.Fold([]match.Event{g, stranger}); got.Timeline[0].Flags != nil {
		t.Errorf("IDs of two authors: %v", got.Timeline[0].Flags)
	}
}

// Kinds and fields that the fold does not know are kept and mean nothing.
func TestUnknown(t *testing.T) {
	var s scene
	d := s.tell("ann", "dance", "home", 1, 9_000, `{"step":1.5}`)
	g := s.goal("ann", "home", 100, `{"scorer":"x","speed_kmh":91.5,"assist":[1,2],"nested":{"a":[1,{"b":"}"}]}}`)
	got := s.wants(t, 1, 0)
	wantStatus(t, got, d, match.StatusIgnored)
	if e := entryOf(t, got, g.Hash); e.Facts.Player != "x" || !flagged(e, match.FlagField) {
		t.Errorf("%+v %v", e.Facts, e.Flags)
	}
	if got.PlayedMs != 100_000 {
		t.Errorf("played %d ms: an unknown kind moved the clock", got.PlayedMs)
	}
	bad := s.tell("ann", "card", "home", 1, 200, `{"player":"x"}`)
	wantStatus(t, s.fold(), bad, match.StatusInvalid)
	lost := s.tell("ann", "goal", "", 1, 300, "")
	wantStatus(t, s.wants(t, 1, 0), lost, match.StatusInvalid)
	s.say("ann", "amend", `{"set":{"team":"away"}}`, lost)
	s.wants(t, 1, 1)
}

// A withdrawn amendment of the setup leaves no trace, also where the state was
// asked for in between.
func TestWithdrawnAmendmentOfTheSetup(t *testing.T) {
	s := &scene{}
	setup := s.say("organiser", "match.setup", `{"periods":2}`)
	amended := s.say("organiser", "amend", `{"set":{"periods":3}}`, setup)
	f := match.NewFolder()
	f.Add(s.events...)
	if got := f.State().Setup.Periods; got != 3 {
		t.Fatalf("%d periods after the amendment, want 3", got)
	}
	f.Add(s.say("organiser", "retract", "", amended))
	if got := f.State().Setup.Periods; got != 2 {
		t.Errorf("%d periods after its withdrawal, want 2", got)
	}
}
