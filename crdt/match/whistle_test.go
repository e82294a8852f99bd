package match_test

import (
	"testing"

	"touchline.dev/touchline/crdt/match"
)

func TestFinalWhistle(t *testing.T) {
	var s scene
	g := s.goal("ann", "home", 100, "")
	end := s.say("referee", "match.end", `{"status":"completed"}`)
	late := s.goal("ann", "away", 900, "")
	retract := s.say("ann", "retract", "", g)
	got := s.wants(t, 1, 0)
	if e := wantStatus(t, got, late, match.StatusWaiting); !flagged(e, match.FlagLate) || e.Counts {
		t.Errorf("%+v", e)
	}
	wantCorrection(t, got, retract, match.StatusWaiting)
	for e, want := range map[*match.Event]match.Role{&late: match.Referee, &retract: match.Referee, &g: 0, &end: 0} {
		if role := got.WaitsFor(e.Hash); role != want {
			t.Errorf("%s waits for role %d, want %d", e.Type, role, want)
		}
	}
	if got.Waiting != [2]int64{0, 1} || !got.Result.Final || got.Phase != "ended" || got.Result.Winner != match.Home {
		t.Errorf("waiting %v, %+v", got.Waiting, got.Result)
	}

	s.say("referee", "confirm", "", late) // whoever ended the match may change it, openly
	if e := wantStatus(t, s.wants(t, 1, 1), late, match.StatusConfirmed); !flagged(e, match.FlagLate) {
		t.Error("a late goal that counts is not flagged")
	}
	own := s.goal("organiser", "away", 1200, "")
	if e := wantStatus(t, s.wants(t, 1, 2), own, match.StatusConfirmed); !flagged(e, match.FlagLate) {
		t.Error("the organiser's late goal is not flagged")
	}

	s.say("organiser", "retract", `{"reason":"mistake"}`, end) // the match was not over
	got = s.wants(t, 0, 2)
	if got.Result.Final || flagged(entryOf(t, got, late.Hash), match.FlagLate) {
		t.Errorf("%+v", got.Result)
	}
}

// Late is what the log's order says, not the play time: what was told before
// the whistle and arrives after it counts.
func TestToldBeforeTheWhistle(t *testing.T) {
	var s scene
	s.goal("ann", "home", 100, "")
	s.say("referee", "match.end", "")
	f := match.NewFolder()
	f.Add(s.events[1])
	f.Add(s.events[0])
	if got := f.State(); got.Score[0] != 1 || len(got.Goals()[0].Flags) > 0 {
		t.Errorf("%v %v", got.Score, got.Goals())
	}
}

// A scorer who ended the match by mistake goes on recording: nothing is lost,
// everything is flagged.
func TestEndedByAScorer(t *testing.T) {
	var s scene
	s.say("ann", "match.end", "")
	g := s.goal("bob", "home", 100, "")
	if e := entryOf(t, s.wants(t, 1, 0), g.Hash); !flagged(e, match.FlagLate) {
		t.Errorf("flags %v", e.Flags)
	}
	s.say("referee", "match.end", "") // the higher authority's whistle counts
	if e := entryOf(t, s.wants(t, 1, 0), g.Hash); len(e.Flags) > 0 {
		t.Errorf("flags %v", e.Flags)
	}
}

func TestResults(t *testing.T) {
	for _, c := range []struct {
		name   string
		tell   func(*scene)
		how    string
		score  [2]int64
		winner match.Side
		final  bool
	}{
		{"played", func(s *scene) { s.say("ann", "match.end", "") }, match.HowPlayed, [2]int64{1, 0}, match.Home, true},
		{"not over", func(*scene) {}, match.HowPlayed, [2]int64{1, 0}, match.Home, false},
		{"abandoned", func(s *scene) { s.say("ann", "match.end", `{"status":"abandoned"}`) }, match.HowNone, [2]int64{1, 0}, "", false},
		{"awarded", func(s *scene) {
			s.say("ann", "match.end", `{"status":"abandoned"}`)
			s.say("organiser", "ruling", `{"awarded":[0,3]}`)
		}, match.HowAwarded, [2]int64{0, 3}, match.Away, true},
		{"a referee does not rule", func(s *scene) { s.say("referee", "ruling", `{"awarded":[0,3]}`) }, match.HowPlayed, [2]int64{1, 0}, match.Home, false},
		{"the last ruling", func(s *scene) {
			s.say("organiser", "ruling", `{"awarded":[0,3]}`)
			s.say("organiser", "ruling", `{"shared":true}`)
		}, match.HowShared, [2]int64{1, 0}, "", true},
		{"forfeit", func(s *scene) { s.tell("referee", "match.end", "home", 0, 0, `{"status":"forfeit"}`) }, match.HowForfeit, [2]int64{1, 0}, match.Away, true},
		{"forfeit of nobody", func(s *scene) { s.say("referee", "match.end", `{"status":"forfeit"}`) }, match.HowNone, [2]int64{1, 0}, "", false},
		{"forfeit, then whose", func(s *scene) {
			s.say("referee", "amend", `{"set":{"team":"away"}}`, s.say("referee", "match.end", `{"status":"forfeit"}`))
		}, match.HowForfeit, [2]int64{1, 0}, match.Home, true},
		{"no status", func(s *scene) { s.say("ann", "match.end", `{"status":"COMPLETED"}`) }, match.HowNone, [2]int64{1, 0}, "", false},
		{"no status, amended", func(s *scene) {
			s.say("ann", "amend", `{"set":{"status":"completed"}}`, s.say("ann", "match.end", `{"status":"finished"}`))
		}, match.HowPlayed, [2]int64{1, 0}, match.Home, true},
		{"no status, ruled", func(s *scene) {
			s.say("ann", "match.end", `{"status":"walkover"}`)
			s.say("organiser", "ruling", `{"awarded":[3,0]}`)
		}, match.HowAwarded, [2]int64{3, 0}, match.Home, true},
		{"lots", func(s *scene) { s.say("organiser", "ruling", `{"winner":"away"}`) }, match.HowLots, [2]int64{1, 0}, match.Away, true},
		{"replay", func(s *scene) { s.say("organiser", "ruling", `{"replay":true}`) }, match.HowReplay, [2]int64{1, 0}, "", false},
		{"extra time", func(s *scene) {
			s.tell("ann", "goal", "away", 3, 10, "")
			s.tell("ann", "goal", "away", 4, 10, "")
			s.say("ann", "match.end", "")
		}, match.HowExtraTime, [2]int64{1, 2}, match.Away, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var s scene
			s.goal("ann", "home", 100, "")
			c.tell(&s)
			if r := s.fold().Result; r.How != c.how || r.Score != c.score || r.Winner != c.winner || r.Final != c.final {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestShootout(t *testing.T) {
	for _, c := range []struct {
		kicks  string // home first; 1 scored, 0 not
		score  [2]int64
		winner match.Side
		odd    int // kicks that are flagged
	}{
		{"1010", [2]int64{2, 0}, "", 0},
		{"101010", [2]int64{3, 0}, match.Home, 0}, // 3-0 with two left
		{"10101010", [2]int64{3, 0}, match.Home, 2},
		{"0101010", [2]int64{0, 3}, match.Away, 1},
		{"1111111111", [2]int64{5, 5}, "", 0},
		{"11111111111", [2]int64{6, 5}, "", 0}, // sudden death: the pair must be complete
		{"111111111110", [2]int64{6, 5}, match.Home, 0},
		{"111111111101", [2]int64{5, 6}, match.Away, 0},
	} {
		var s scene
		for i, k := range c.kicks {
			s.tell("ann", "shootout.kick", []string{"home", "away"}[i%2], match.PeriodShootout, int64(i)*40, `{"scored":`+map[rune]string{'0': "false", '1': "true"}[k]+`}`)
		}
		got := s.fold()
		odd := 0
		for _, e := range got.Timeline {
			if len(e.Flags) > 0 {
				odd++
			}
		}
		if got.Shootout.Score != c.score && odd == 0 || got.Shootout.Winner != c.winner || odd != c.odd || got.Score != [2]int64{} {
			t.Errorf("%s: %v won by %q, %d odd, score %v", c.kicks, got.Shootout.Score, got.Shootout.Winner, odd, got.Score)
		}
	}
}

func TestMinute(t *testing.T) {
	u10 := match.Fold([]match.Event{event("o", match.Organiser, "match.setup", "", 0, 0, `{"age_band":"U10"}`, 0)}).Setup
	quarters := match.Fold([]match.Event{event("o", match.Organiser, "match.setup", "", 0, 0, `{"periods":4,"period_ms":450000,"extra_ms":300000}`, 0)}).Setup
	for _, c := range []struct {
		setup  *match.Setup
		period uint32
		ms     int64
		want   string
	}{
		{&u10, 1, 0, "1"}, {&u10, 1, 59_999, "1"}, {&u10, 1, 60_000, "2"}, {&u10, 1, 1_499_999, "25"},
		{&u10, 1, 1_500_000, "25+1"}, {&u10, 1, 1_560_000, "25+2"}, {&u10, 2, 0, "26"}, {&u10, 2, 1_500_000, "50+1"},
		{&quarters, 4, 450_000, "30+1"}, {&quarters, 2, 0, "8"}, {&quarters, 5, 0, "31"}, {&quarters, 6, 300_000, "40+1"},
		{&u10, 0, 0, ""}, {&u10, match.PeriodShootout, 0, ""},
	} {
		if got := c.setup.Minute(c.period, c.ms); got != c.want {
			t.Errorf("period %d, %d ms: %q, want %q", c.period, c.ms, got, c.want)
		}
	}
}

func TestClock(t *testing.T) {
	var s scene
	s.tell("ann", "period.start", "", 1, 0, "")
	s.change(func(e *match.Event) { e.OwnMs = 1_000_000 })
	s.tell("ann", "clock.stop", "", 1, 60, "")
	s.tell("ann", "clock.resume", "", 1, 90, "") // a recorder whose clock went on
	s.tell("ann", "added_time", "", 1, 100, `{"ms":120000}`)
	got := s.fold()
	if got.PlayedMs != 70_000 || got.Clock.StopsMs != 30_000 || got.Clock.AddedMs != 120_000 || !got.Clock.Running {
		t.Errorf("played %d, %+v", got.PlayedMs, got.Clock)
	}
	if ms := got.Clock.ElapsedMs(1_000_000 + 200_000); ms != 170_000 {
		t.Errorf("elapsed %d", ms)
	}
	s.tell("ann", "period.end", "", 1, 120, "")
	g := s.goal("ann", "home", 130, "")
	got = s.fold()
	if got.PlayedMs != 90_000 || got.Phase != "break" || !flagged(entryOf(t, got, g.Hash), match.FlagAfterPeriod) {
		t.Errorf("played %d, %s", got.PlayedMs, got.Phase)
	}
}
