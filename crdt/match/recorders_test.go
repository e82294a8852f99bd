package match_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

var seed = flag.Uint64("seed", 1, "first seed of the simulated recorders")

// recorder is one person who records a real match, offline, with a clock of
// his own and some mistakes.
type recorder struct {
	name   string
	skewMs int64 // of the wall clock
	lagMs  int64 // from the kick-off to the tap that starts the clock
	rng    *rand.Rand
	n      int
	count  [2]int64 // goals as he has counted them
	scored bool     // sends score_after
	out    []match.Event
	truth  truth
	made   *mistakes
}

// truth is which real goal each event tells, by its place in the match; none for a goal
// that was none.
type truth map[crdt.Hash]int

const none = -1

// mistakes counts those that were made, by kind.
type mistakes [5]int

var mistakeNames = [len(mistakes{})]string{"missed", "wrong scorer", "up to 60 s off", "double tap", "taken back within 60 s"}

// tell records what happened at wall time (milliseconds since kick-off).
func (r *recorder) tell(kind, team string, period uint32, clock, wall int64, data string, about ...match.Event) match.Event {
	clock = max(clock-r.lagMs, 0)
	e := match.Event{
		ID: fmt.Sprint(r.n), Author: crdt.Key(crdt.Sum([]byte(r.name))), Role: match.Scorer, Type: kind, Team: team, Period: period,
		ClockMs: &clock, Data: []byte(data), OwnMs: 1_700_000_000_000 + wall + r.skewMs,
	}
	r.n++
	e.Time = crdt.MakeTime(uint64(e.OwnMs), uint16(r.n))
	for _, a := range about {
		e.Refs = append(e.Refs, a.Hash)
	}
	e.Hash = hashOf(&e)
	r.out = append(r.out, e)
	return e
}

func (r *recorder) goal(g *goal, of int, clock, wall int64, player string) match.Event {
	side := 0
	if g.team == "away" {
		side = 1
	}
	r.count[side]++
	data := fmt.Sprintf(`{"player":%q}`, player)
	if r.scored {
		data = fmt.Sprintf(`{"player":%q,"score_after":[%d,%d]}`, player, r.count[0], r.count[1])
	}
	e := r.tell("goal", g.team, g.period, clock, wall, data)
	r.truth[e.Hash] = of
	return e
}

// goal is a real one, or one that somebody only thought he saw.
type goal struct {
	team, player string
	period       uint32
	clock, wall  int64
}

// record tells all goals. Every tenth goal is told wrong; missed says which
// one another recorder has already missed.
func (r *recorder) record(goals []goal, missed map[int]bool) {
	for i := range goals {
		g := &goals[i]
		jitter := r.rng.Int64N(4000)
		mistake := -1
		if r.rng.IntN(10) == 0 {
			mistake = r.rng.IntN(len(r.made))
		}
		if mistake == 0 && missed[i] {
			mistake = -1 // by one, not by all
		}
		if mistake >= 0 {
			r.made[mistake]++
		}
		switch {
		case mistake == 0:
			missed[i] = true
		case mistake == 1:
			r.goal(g, i, g.clock+jitter, g.wall+jitter, "somebody else")
		case mistake == 2:
			r.goal(g, i, max(g.clock+r.rng.Int64N(120_000)-60_000, 0), g.wall+jitter, g.player)
		case mistake == 3:
			r.goal(g, i, g.clock+jitter, g.wall+jitter, g.player)
			gap := 300 + r.rng.Int64N(3000)
			r.goal(g, i, g.clock+jitter+gap, g.wall+jitter+gap, g.player)
		case mistake == 4: // a goal that was none, taken back within a minute; then the real one
			side := []string{"home", "away"}[r.rng.IntN(2)]
			before := g.wall - 20_000 - r.rng.Int64N(400_000)
			fake := goal{team: side, period: g.period, clock: max(g.clock-(g.wall-before), 0), wall: before}
			count := r.count
			e := r.goal(&fake, none, fake.clock, fake.wall, "nobody")
			after := before + r.rng.Int64N(60_000)
			r.tell("retract", "", g.period, 0, after, `{"reason":"mistake"}`, e)
			r.count = count
			r.goal(g, i, g.clock+jitter, g.wall+jitter, g.player)
		default:
			r.goal(g, i, g.clock+jitter, g.wall+jitter, g.player)
		}
	}
}

// goalsOf are the goals of a real match, and when each period ended.
func goalsOf(m *realMatch) (goals []goal, ends map[uint32]int64) {
	ends = map[uint32]int64{}
	for i := range m.Events {
		e := &m.Events[i]
		wall := int64(e.Period)*4_000_000 + *e.ClockMs
		switch e.Type {
		case "goal":
			team := "home"
			if e.Team == fmt.Sprint(m.Away.Team) {
				team = "away"
			}
			goals = append(goals, goal{team, fmt.Sprint("p", i), e.Period, *e.ClockMs, wall})
		case "period.end":
			ends[e.Period] = *e.ClockMs
		}
	}
	return goals, ends
}

// retold is a real match as several people recorded it, and what they meant.
func retold(m *realMatch, rng *rand.Rand, made *mistakes) ([]match.Event, truth) {
	goals, ends := goalsOf(m)
	missed, of := map[int]bool{}, truth{}
	var out []match.Event
	scored := rng.IntN(2) == 0
	for i := 0; i < 2+rng.IntN(4); i++ {
		r := &recorder{name: fmt.Sprint("recorder", i), skewMs: rng.Int64N(7_200_000) - 3_600_000, lagMs: rng.Int64N(5000), rng: rng, scored: scored, truth: of, made: made}
		for p, end := range ends {
			r.tell("period.start", "", p, 0, int64(p)*4_000_000, "")
			r.tell("period.end", "", p, end, int64(p)*4_000_000+end, "")
		}
		r.record(goals, missed)
		if rng.IntN(2) == 0 {
			r.tell("match.end", "", match.PeriodAfter, 0, 30_000_000, "")
		}
		out = append(out, r.out...)
	}
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out, of
}

// Two to five people record the same real match offline, with skewed clocks
// and every tenth goal told wrong: the final score is right in at least 99 of
// 100 matches, and where it is wrong each goal that is too many, or was taken for
// another, is flagged itself.
func TestSeveralRecorders(t *testing.T) {
	matches := append(realMatches(t, "wc2018"), realMatches(t, "epl2017-18")...)
	rounds := 5
	if testing.Short() {
		rounds = 1
	}
	right, all, flags := 0, 0, 0
	var made mistakes
	for round := 0; round < rounds; round++ {
		for i, m := range matches {
			s := *seed + uint64(round*len(matches)+i)
			told, of := retold(m, rand.New(rand.NewPCG(s, 7)), &made)
			got := match.Fold(told)
			all++
			if goalFlags(got) > 0 {
				flags++
			}
			if got.Score == m.Score() {
				right++
				continue
			}
			t.Logf("seed %d, %s: folded to %v, want %v", s, m.Label, got.Score, m.Score())
			wrong := wrongGoals(got, of)
			if len(wrong) == 0 {
				t.Errorf("seed %d, %s: a real goal does not count, and nothing says so", s, m.Label)
			}
			for _, e := range wrong {
				if !asks(e) {
					t.Errorf("seed %d, %s: the %s goal at %d s is wrong and not flagged", s, m.Label, e.Side, e.ClockMs/1000)
				}
			}
		}
	}
	t.Logf("seeds from %d: %d of %d right (%.2f %%); %d have some flag", *seed, right, all, 100*float64(right)/float64(all), flags)
	for i, n := range made {
		t.Logf("%s: %d", mistakeNames[i], n)
		if n == 0 {
			t.Errorf("nobody made the mistake %q", mistakeNames[i])
		}
	}
	if 100*right < 99*all {
		t.Errorf("%d of %d scores are right", right, all)
	}
}

// wrongGoals are the entries that make the score wrong: those that count and tell
// nothing real, or what an entry before tells, and those that tell two real goals as one.
func wrongGoals(s *match.State, of truth) (wrong []*match.Entry) {
	before := map[int]*match.Entry{}
	for _, e := range s.Goals() {
		real := map[int]bool{of[e.Hash]: true}
		for _, src := range e.Sources {
			real[of[src.Hash]] = true
		}
		delete(real, none)
		if len(real) != 1 {
			wrong = append(wrong, e)
		}
		for g := range real {
			if first := before[g]; first != nil {
				wrong = append(wrong, first, e)
			}
			before[g] = e
		}
	}
	return wrong
}

// asks reports whether an entry asks a person to look at it.
func asks(e *match.Entry) bool {
	for _, f := range e.Flags {
		if f != match.FlagLate {
			return true
		}
	}
	return false
}

// goalFlags counts the goals that a person is asked to look at.
func goalFlags(s *match.State) (n int) {
	for _, e := range s.Timeline {
		if e.Type == "goal" && asks(e) {
			n++
		}
	}
	return n
}
