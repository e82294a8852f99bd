package match_test

import (
	"fmt"
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// busyMatch is a match of n events by two recorders. As in the full streams of
// real matches, most are of a kind the fold only lists.
func busyMatch(n int) []match.Event {
	kinds := []string{"shot", "foul", "corner", "shot", "save", "foul", "goal", "free_kick", "substitution", "offside"}
	events := []match.Event{event("ref", match.Organiser, "match.setup", "", 0, 0, `{"age_band":"U10","players_per_side":7}`, 0)}
	for _, team := range []string{"home", "away"} {
		events = append(events, event("a", match.Scorer, "lineup.set", team, 1, 0, `{"on":[1,2,3,4,5,6,7],"bench":[8,9,10],"gk":1}`, len(events)))
	}
	for period := uint32(1); period <= 2; period++ {
		events = append(events, event("a", match.Scorer, "period.start", "", period, 0, "", len(events)))
		each := (n - 6) / 2
		for i := 0; i < each; i++ {
			kind, team := "touch", []string{"home", "away"}[i/7%2]
			if i%6 == 0 {
				kind = kinds[(i/6*7+i/60)%len(kinds)]
			}
			data := fmt.Sprintf(`{"player":%d,"outcome":"saved","kind":"foul","x":%d,"y":50}`, 2+i%6, i%100)
			if kind == "substitution" {
				data = fmt.Sprintf(`{"out":[%d],"in":[%d]}`, 2+i%6, 8+i%3)
			}
			author := []string{"a", "b"}[i/3%2]
			events = append(events, event(author, match.Scorer, kind, team, period, int64(i)*1_500_000/int64(each), data, len(events)))
		}
		events = append(events, event("a", match.Scorer, "period.end", "", period, 1_500_000, "", len(events)))
	}
	return events
}

// A whole match of 2,000 events, payloads read included.
func BenchmarkFold(b *testing.B) {
	for _, n := range []int{100, 2000} {
		events := busyMatch(n)
		b.Run(fmt.Sprint(len(events)), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				match.Fold(events)
			}
		})
	}
}

// One more event on top of 2,000, and the state after it.
func BenchmarkAppend(b *testing.B) {
	const each = 40
	for kind, data := range map[string]string{"touch": "", "shot": `{"player":3,"outcome":"saved"}`, "goal": `{"scorer":3}`, "substitution": `{"out":[3],"in":[9]}`} {
		b.Run(kind, func(b *testing.B) {
			b.ReportAllocs()
			events := busyMatch(2000)
			events = events[:len(events)-1] // before the end of the period
			var more []match.Event
			for n := int64(1); n <= each; n++ {
				more = append(more, event("a", match.Scorer, kind, "home", 2, 1_500_000+n*200_000, data, 3000+int(n)))
			}
			var f *match.Folder
			n := each
			for b.Loop() {
				if n == each { // stay near the size that is asked for
					b.StopTimer()
					n, f = 0, match.NewFolder()
					f.Add(events...)
					f.State()
					b.StartTimer()
				}
				f.Add(more[n])
				f.State()
				n++
			}
		})
	}
}

// An event that arrives late, from the first half, and the state after it.
func BenchmarkLate(b *testing.B) {
	b.ReportAllocs()
	events := busyMatch(2000)
	for b.Loop() {
		b.StopTimer()
		f := match.NewFolder()
		f.Add(append(events[:500:500], events[501:]...)...)
		f.State()
		b.StartTimer()
		f.Add(events[500])
		f.State()
	}
}

// The digest of a match of 2,000 events.
func BenchmarkDigest(b *testing.B) {
	b.ReportAllocs()
	s := match.Fold(busyMatch(2000))
	for b.Loop() {
		s.Digest()
	}
}
