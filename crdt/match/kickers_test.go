package match_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// shootOuts is how many are tried of each kind.
const shootOuts = 400

// kick is one of a shoot-out.
type kick struct {
	side   int
	scored bool
	wall   int64 // milliseconds since the first
}

// shootOut is one that may be: five each, then pair by pair, until it is decided.
func shootOut(rng *rand.Rand) (kicks []kick, score [2]int64) {
	wall, taken := int64(0), [2]int64{}
	for first := rng.IntN(2); ; first = 1 - first {
		k := kick{first, rng.IntN(4) > 0, wall}
		wall += 25_000 + rng.Int64N(25_000)
		kicks, taken[first] = append(kicks, k), taken[first]+1
		if k.scored {
			score[first]++
		}
		left := func(i int) int64 { return max(5-taken[i], 0) }
		if taken[0]+taken[1] >= 10 {
			if taken[0] == taken[1] && score[0] != score[1] {
				return kicks, score
			}
		} else if score[0] > score[1]+left(1) || score[1] > score[0]+left(0) {
			return kicks, score
		}
	}
}

// counting is how a pad numbers kicks: not at all, each side for itself, or by turns, as
// app/model/kicks.ts does: the side that began is never behind, the other never ahead.
type counting func(side, first int, n [2]int64) int64

func noNumbers(int, int, [2]int64) int64          { return 0 }
func eachForItself(side, _ int, n [2]int64) int64 { return n[side] + 1 }
func byTurns(side, first int, n [2]int64) int64 {
	other := n[1-side]
	if side == first {
		other++
	}
	return max(n[side]+1, other)
}

// kicksTold are those that one recorder tells, of ten one wrong: missed, if nobody else
// missed it, or tapped twice.
func kicksTold(r *recorder, kicks []kick, missed map[int]bool, number counting) {
	n, first := [2]int64{}, -1
	for i, k := range kicks {
		mistake := r.rng.IntN(20)
		if mistake == 0 && !missed[i] {
			missed[i] = true
			continue
		}
		if first < 0 {
			first = k.side
		}
		n[k.side] = number(k.side, first, n)
		data := fmt.Sprintf(`{"scored":%v}`, k.scored)
		if n[k.side] > 0 {
			data = fmt.Sprintf(`{"scored":%v,"n":%d}`, k.scored, n[k.side])
		}
		at := k.wall + r.rng.Int64N(4000)
		r.kick(k.side, at, data)
		if mistake == 1 {
			r.kick(k.side, at+300+r.rng.Int64N(3000), data)
		}
	}
}

// kick is told without a play time: there is none in a shoot-out.
func (r *recorder) kick(side int, wall int64, data string) {
	r.tell("shootout.kick", []string{"home", "away"}[side], match.PeriodShootout, 0, wall, data)
	e := &r.out[len(r.out)-1]
	e.ClockMs = nil
	e.Hash = hashOf(e)
}

// kicksRight is in how many of the shoot-outs the score is right, and in how many of
// the wrong ones nothing is flagged.
func kicksRight(t *testing.T, recorders int, skewMs int64, number counting) (right, silent int) {
	t.Helper()
	for s := range uint64(shootOuts) {
		rng := rand.New(rand.NewPCG(s, 90))
		kicks, want := shootOut(rng)
		missed := map[int]bool{}
		var told []match.Event
		for i := range recorders {
			r := &recorder{name: fmt.Sprint("recorder", i), skewMs: rng.Int64N(2*skewMs) - skewMs, rng: rng, truth: truth{}, made: &mistakes{}}
			kicksTold(r, kicks, missed, number)
			told = append(told, r.out...)
		}
		rng.Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
		got := match.Fold(told)
		if got.Shootout.Score == want {
			right++
			continue
		}
		flagged := false
		for _, e := range got.Timeline {
			flagged = flagged || asks(e)
		}
		if !flagged {
			silent++
		}
	}
	return right, silent
}

// Two or three people record the same shoot-out offline, every tenth kick missed or told
// twice. Kicks numbered by turns are told right by nearly all, whatever the clocks; those
// without a number only where the clocks agree; each side counted for itself is worse.
func TestKicksNumberedByTurns(t *testing.T) {
	for _, recorders := range []int{2, 3} {
		for _, skewMs := range []int64{2_000, 20_000, 60_000, 3_600_000} {
			none, _ := kicksRight(t, recorders, skewMs, noNumbers)
			each, _ := kicksRight(t, recorders, skewMs, eachForItself)
			turns, silent := kicksRight(t, recorders, skewMs, byTurns)
			t.Logf("%d recorders, clocks up to %d s off: of %d right without numbers %d, each side for itself %d, by turns %d (of the wrong ones %d not flagged)",
				recorders, skewMs/1000, shootOuts, none, each, turns, silent)
			if 100*turns < 95*shootOuts || turns < each || skewMs > 2_000 && turns < none || silent > 5 {
				t.Error("numbers by turns are not the best")
			}
		}
	}
}
