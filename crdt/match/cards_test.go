package match_test

import (
	"math/rand/v2"
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// told is who shows which card when, in seconds.
type told struct {
	who    string
	at     int64
	colour string
}

// However many tell of a player's cards, they are those of one player, who is
// sent off once.
func TestCardsOfOnePlayer(t *testing.T) {
	for _, c := range []struct {
		name  string
		cards []told
		want  match.Cards
		flag  string // of the last
	}{
		{"two yellow cards by one recorder", []told{{"ann", 100, "yellow"}, {"ann", 300, "yellow"}}, match.Cards{Yellow: 1, SecondYellow: 1}, match.FlagSecondYellow},
		{"one yellow card by two recorders with different clocks", []told{{"ann", 100, "yellow"}, {"bob", 300, "yellow"}}, match.Cards{Yellow: 1}, match.FlagPerhapsSame},
		{"and by a third, and the referee", []told{{"ann", 100, "yellow"}, {"bob", 300, "yellow"}, {"cat", 500, "yellow"}, {"referee", 700, "yellow"}}, match.Cards{Yellow: 1}, match.FlagPerhapsSame},
		{"one of two recorders told both", []told{{"ann", 100, "yellow"}, {"bob", 300, "yellow"}, {"bob", 900, "yellow"}}, match.Cards{Yellow: 1, SecondYellow: 1}, match.FlagSecondYellow},
		{"both told the first, one the second", []told{{"ann", 100, "yellow"}, {"bob", 130, "yellow"}, {"ann", 900, "yellow"}}, match.Cards{Yellow: 1, SecondYellow: 1}, match.FlagSecondYellow},
		{"the second is told as one", []told{{"ann", 100, "yellow"}, {"bob", 300, "second_yellow"}}, match.Cards{Yellow: 1, SecondYellow: 1}, ""},
		{"yellow after sent off", []told{{"ann", 100, "red"}, {"ann", 300, "yellow"}}, match.Cards{Red: 1}, match.FlagSentOff},
		{"red with the second yellow", []told{{"ann", 100, "yellow"}, {"ann", 300, "second_yellow"}, {"ann", 302, "red"}}, match.Cards{Yellow: 1, SecondYellow: 1}, match.FlagSentOff},
		{"yellow, then red within seconds", []told{{"ann", 100, "yellow"}, {"ann", 104, "red"}}, match.Cards{Yellow: 1, Red: 1}, ""},
		{"two who see another colour", []told{{"ann", 420, "yellow"}, {"bob", 450, "red"}}, match.Cards{Yellow: 1}, match.FlagConflict},
		{"two who differ twice", []told{{"ann", 420, "yellow"}, {"bob", 450, "red"}, {"ann", 480, "yellow"}, {"bob", 520, "second_yellow"}},
			match.Cards{Yellow: 1, SecondYellow: 1}, match.FlagConflict},
		{"the referee knows", []told{{"ann", 420, "yellow"}, {"referee", 450, "red"}}, match.Cards{Red: 1}, match.FlagConflict},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := u10(`{"age_band":"U14","players_per_side":7}`)
			var last match.Event
			for _, card := range c.cards {
				last = s.tell(card.who, "card", "home", 1, card.at, `{"player":"b","colour":"`+card.colour+`"}`)
			}
			got := s.fold()
			b, home := player(t, got, "b"), got.Side(match.Home)
			off := c.want.Red+c.want.SecondYellow > 0
			if b.Cards != c.want || home.Stats.Cards != c.want || b.SentOff != off || b.On == off {
				t.Errorf("%+v of %+v, sent off %v, on %v", b.Cards, home.Stats.Cards, b.SentOff, b.On)
			}
			if e := entryOf(t, got, last.Hash); c.flag == "" && len(e.Flags) > 0 || c.flag != "" && !flagged(e, c.flag) {
				t.Errorf("flags %v, want %q", e.Flags, c.flag)
			}
		})
	}
}

// Who confirms one of two colours decides, and there is no conflict left.
func TestConfirmedColour(t *testing.T) {
	var s scene
	s.tell("ann", "card", "home", 1, 420, `{"player":"b","colour":"yellow"}`)
	red := s.tell("bob", "card", "home", 1, 450, `{"player":"b","colour":"red"}`)
	s.say("coach", "confirm", "", red)
	got := s.fold()
	if e := entryOf(t, got, red.Hash); e.Hash != red.Hash || flagged(e, match.FlagConflict) || len(e.Differs) != 1 || !player(t, got, "b").SentOff {
		t.Errorf("%+v", e)
	}
}

// Two yellow cards that nobody told both of wait for somebody who knows: who confirms
// the later one sends the player off.
func TestConfirmedSecondYellow(t *testing.T) {
	for who, sentOff := range map[string]bool{"": false, "ann": true, "coach": true, "bob": false} {
		s := u10(`{"age_band":"U14","players_per_side":7}`)
		s.tell("ann", "card", "home", 1, 100, `{"player":"b","colour":"yellow"}`)
		later := s.tell("bob", "card", "home", 1, 300, `{"player":"b","colour":"yellow"}`)
		if who != "" {
			s.say(who, "confirm", "", later) // bob's own word adds nothing
		}
		got := s.fold()
		if e := entryOf(t, got, later.Hash); player(t, got, "b").SentOff != sentOff || e.Counts != sentOff || flagged(e, match.FlagPerhapsSame) == sentOff {
			t.Errorf("confirmed by %q: sent off %v, %+v", who, !sentOff, e)
		}
	}
}

// However many people tell of however many players' single yellow cards, with clocks
// that differ by minutes: nobody is sent off, and every card is there once.
func TestOneYellowEach(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 3))
		s := u10(`{"age_band":"U14","players_per_side":7}`)
		for _, who := range []string{"ann", "bob", "cat", "coach", "referee"} {
			skew := rng.Int64N(900)
			for i, id := range []string{"b", "c", "d"} {
				s.tell(who, "card", "home", 1, int64(i)*200+skew, `{"player":"`+id+`","colour":"yellow"}`)
			}
		}
		rng.Shuffle(len(s.events), func(i, j int) { s.events[i], s.events[j] = s.events[j], s.events[i] })
		if got := s.fold().Side(match.Home).Stats.Cards; got != (match.Cards{Yellow: 3}) {
			t.Fatalf("seed %d: %+v", seed, got)
		}
	}
}

// A goal counts whoever is named; who cannot have scored is flagged.
func TestImpossibleScorers(t *testing.T) {
	for _, c := range []struct{ name, team, data, flag string }{
		{"on the pitch", "home", `{"scorer":"c","assist":"d"}`, ""},
		{"sent off", "home", `{"scorer":"b"}`, match.FlagSentOff},
		{"assisted when sent off", "home", `{"scorer":"c","assist":"b"}`, match.FlagSentOff},
		{"on the bench", "home", `{"scorer":"h"}`, match.FlagNotOn},
		{"a stranger", "home", `{"scorer":"z"}`, match.FlagUnknownPlayer},
		{"no line-up", "away", `{"scorer":"z"}`, ""},
		{"an own goal from the bench", "away", `{"scorer":"h","how":"own_goal"}`, match.FlagNotOn},
		{"scorer and assist", "home", `{"scorer":"c","assist":"c"}`, match.FlagOwnAssist},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := u10(`{"age_band":"U14","players_per_side":7}`)
			s.tell("ann", "card", "home", 1, 100, `{"player":"b","colour":"red"}`)
			goal := s.goal("ann", c.team, 200, c.data)
			e := entryOf(t, s.fold(), goal.Hash)
			if !e.Counts || c.flag == "" && len(e.Flags) > 0 || c.flag != "" && !flagged(e, c.flag) {
				t.Errorf("counts %v, flags %v, want %q", e.Counts, e.Flags, c.flag)
			}
		})
	}
}

// A period that no match of the setup has is flagged; extra time has two.
func TestPeriodBeyondTheSetup(t *testing.T) {
	for period, want := range map[uint32]bool{1: false, 2: false, 3: false, 4: false, 5: true, 77: true, match.PeriodShootout: false, 91: true} {
		var s scene
		e := s.tell("ann", "card", "home", period, 10, `{"colour":"yellow"}`)
		if got := entryOf(t, s.fold(), e.Hash); flagged(got, match.FlagPeriod) != want || !got.Counts {
			t.Errorf("period %d: %v", period, got.Flags)
		}
	}
}
