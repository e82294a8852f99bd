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
}

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

func (r *recorder) goal(g *goal, clock, wall int64, player string) match.Event {
	side := 0
	if g.team == "away" {
		side = 1
	}
	r.count[side]++
	data := fmt.Sprintf(`{"player":%q}`, player)
	if r.scored {
		data = fmt.Sprintf(`{"player":%q,"score_after":[%d,%d]}`, player, r.count[0], r.count[1])
	}
	return r.tell("goal", g.team, g.period, clock, wall, data)
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
			mistake = r.rng.IntN(5)
		}
		switch {
		case mistake == 0 && !missed[i]:
			missed[i] = true
		case mistake == 1:
			r.goal(g, g.clock+jitter, g.wall+jitter, "somebody else")
		case mistake == 2:
			r.goal(g, max(g.clock+r.rng.Int64N(120_000)-60_000, 0), g.wall+jitter, g.player)
		case mistake == 3:
			r.goal(g, g.clock+jitter, g.wall+jitter, g.player)
			gap := 300 + r.rng.Int64N(3000)
			r.goal(g, g.clock+jitter+gap, g.wall+jitter+gap, g.player)
		case mistake == 4: // a goal that was none, taken back within a minute; then the real one
			side := []string{"home", "away"}[r.rng.IntN(2)]
			before := g.wall - 20_000 - r.rng.Int64N(400_000)
			fake := goal{team: side, period: g.period, clock: max(g.clock-(g.wall-before), 0), wall: before}
			count := r.count
			e := r.goal(&fake, fake.clock, fake.wall, "nobody")
			after := before + r.rng.Int64N(60_000)
			r.tell("retract", "", g.period, 0, after, `{"reason":"mistake"}`, e)
			r.count = count
			r.goal(g, g.clock+jitter, g.wall+jitter, g.player)
		default:
			r.goal(g, g.clock+jitter, g.wall+jitter, g.player)
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

// retold is a real match as several people recorded it.
func retold(m *realMatch, rng *rand.Rand) []match.Event {
	goals, ends := goalsOf(m)
	missed := map[int]bool{}
	var out []match.Event
	scored := rng.IntN(2) == 0
	for i := 0; i < 2+rng.IntN(4); i++ {
		r := &recorder{name: fmt.Sprint("recorder", i), skewMs: rng.Int64N(7_200_000) - 3_600_000, lagMs: rng.Int64N(5000), rng: rng, scored: scored}
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
	return out
}

// Two to five people record the same real match offline, with skewed clocks
// and every tenth goal told wrong: the final score is right in at least 99 of
// 100 matches, and where it is wrong some goal is flagged.
func TestSeveralRecorders(t *testing.T) {
	matches := append(realMatches(t, "wc2018"), realMatches(t, "epl2017-18")...)
	rounds := 5
	if testing.Short() {
		rounds = 1
	}
	right, all, flags := 0, 0, 0
	for round := 0; round < rounds; round++ {
		for i, m := range matches {
			s := *seed + uint64(round*len(matches)+i)
			told := retold(m, rand.New(rand.NewPCG(s, 7)))
			got := match.Fold(told)
			all++
			odd := goalFlags(got)
			if odd > 0 {
				flags++
			}
			if got.Score == m.Score() {
				right++
				continue
			}
			if odd == 0 {
				t.Errorf("seed %d, %s: %v and nothing is flagged", s, m.Label, got.Score)
			}
			t.Logf("seed %d, %s: folded to %v, want %v", s, m.Label, got.Score, m.Score())
		}
	}
	t.Logf("%d of %d right (%.2f %%); %d have some flag", right, all, 100*float64(right)/float64(all), flags)
	if 100*right < 99*all {
		t.Errorf("%d of %d scores are right", right, all)
	}
}

// goalFlags counts flags that ask a person to look at a goal.
func goalFlags(s *match.State) (n int) {
	for _, e := range s.Timeline {
		if e.Type != "goal" {
			continue
		}
		for _, f := range e.Flags {
			if f != match.FlagLate {
				n++
			}
		}
	}
	return n
}
