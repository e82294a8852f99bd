package table_test

import (
	"errors"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

func festivalResult(name, home, away string, score [2]int64, final bool) table.Result {
	r := table.Result{Match: name, Teams: [2]string{home, away}, Score: score, Final: final}
	switch {
	case score[0] > score[1]:
		r.Winner = match.Home
	case score[1] > score[0]:
		r.Winner = match.Away
	}
	return r
}

// Rounds follow from results, in whichever way round a match was entered; who meets
// again plays a new match; and what is under way does not move anybody.
func TestFestival(t *testing.T) {
	l := table.Ladder{{"a", "b"}, {"c", "d"}}
	results := []table.Result{
		festivalResult("1", "b", "a", [2]int64{2, 1}, true), // b up
		festivalResult("2", "c", "d", [2]int64{0, 0}, true), // level: d down
		festivalResult("3", "b", "c", [2]int64{0, 3}, true),
		festivalResult("4", "a", "d", [2]int64{1, 0}, true),
		festivalResult("5", "c", "a", [2]int64{1, 0}, true),
		festivalResult("6", "b", "d", [2]int64{4, 0}, true),
		festivalResult("7", "b", "c", [2]int64{1, 0}, false), // again, and under way
	}
	rounds := l.Play(results)
	var teams [][][2]string
	for _, r := range rounds {
		var pairs [][2]string
		for _, p := range r.Pitches {
			pairs = append(pairs, p.Teams)
		}
		teams = append(teams, pairs)
	}
	want := [][][2]string{{{"a", "b"}, {"c", "d"}}, {{"b", "c"}, {"a", "d"}}, {{"c", "a"}, {"b", "d"}}, {{"c", "b"}, {"a", "d"}}}
	if !reflect.DeepEqual(teams, want) {
		t.Fatalf("rounds %v, want %v", teams, want)
	}
	last := rounds[3]
	if last.Done || last.Pitches[0].Match != "7" || last.Pitches[0].Score != [2]int64{0, 1} || last.Pitches[0].Winner != match.Away || last.Pitches[1].Match != "" {
		t.Errorf("the round under way is %+v", last)
	}
}

func TestFestivalNeedsPitches(t *testing.T) {
	for _, l := range []table.Ladder{{}, {{"a", "a"}}, {{"a", "b"}, {"b", "c"}}, {{"a", ""}}, make(table.Ladder, 65)} {
		if err := l.Valid(); !errors.Is(err, table.ErrLadder) {
			t.Errorf("%v: %v", l, err)
		}
	}
}

// Whatever is played: everybody plays in every round, on one pitch; every result
// is in one round at most; and all rounds but the last are done.
func TestFestivalLosesNobody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := []string{"a", "b", "c", "d", "e", "f", "g", "h"}
		var l table.Ladder
		for i := range rapid.IntRange(1, 4).Draw(t, "pitches") {
			l = append(l, [2]string{names[2*i], names[2*i+1]})
		}
		team := rapid.SampledFrom(names[:2*len(l)])
		results := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) table.Result {
			goals := rapid.Int64Range(0, 2)
			return festivalResult(rapid.StringMatching("[0-9a-f]{12}").Draw(t, "name"), team.Draw(t, "home"), team.Draw(t, "away"),
				[2]int64{goals.Draw(t, "for"), goals.Draw(t, "against")}, rapid.IntRange(0, 9).Draw(t, "final") > 0)
		}), 0, 60).Draw(t, "results")
		used := map[string]bool{}
		rounds := l.Play(results)
		for n, r := range rounds {
			seen := map[string]bool{}
			for _, p := range r.Pitches {
				seen[p.Teams[0]], seen[p.Teams[1]] = true, true
				if used[p.Match] {
					t.Fatalf("match %s is in two rounds", p.Match)
				}
				used[p.Match] = p.Match != ""
			}
			if len(seen) != 2*len(l) {
				t.Fatalf("in round %d play %v", n+1, seen)
			}
			if r.Done != (n < len(rounds)-1) {
				t.Fatalf("round %d of %d: done is %v", n+1, len(rounds), r.Done)
			}
		}
	})
}
