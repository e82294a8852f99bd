package bridge

import (
	"fmt"
	"testing"

	"touchline.dev/touchline/crdt/match/table"
)

// A match of a league that is followed and in a file of results counts once.
func TestFollowedAndImported(t *testing.T) {
	own := func(text, day string, final bool) followed {
		var f followed
		var when int64
		r := &f.result
		fmt.Sscanf(text, "%s %s %d-%d", &r.Teams[0], &r.Teams[1], &r.Score[0], &r.Score[1])
		fmt.Sscanf(day, "%d", &when)
		r.Match, r.Final, r.How, r.Winner = "own "+text, final, "played", winnerOf(r.Score)
		if when > 0 { // the nth of September 2026, in the afternoon
			f.kickoff = 1_788_220_800_000 + (when-1)*86_400_000 + 54_000_000
		}
		return f
	}
	twice := []string{played("Hares Adders 0-1", `"date":"2026-09-05","round":"1"`), played("Hares Adders 0-2", `"date":"2026-09-26","round":"4"`)}
	for _, c := range []struct {
		name  string
		file  []string
		own   []followed
		more  func(*Competition)
		want  string
		score [2]int64 // goals of Hares
	}{
		{"the log counts", []string{played("Hares Adders 0-1", `"date":"2026-09-05"`)}, []followed{own("Hares Adders 2-1", "5", true)}, nil, ": Hares 3/1, Adders 0/1", [2]int64{2, 1}},
		{"whatever the date, if they meet once", []string{played("Hares Adders 0-1", `"date":"2026-09-05"`)}, []followed{own("Hares Adders 2-1", "19", true)}, nil, ": Hares 3/1, Adders 0/1", [2]int64{2, 1}},
		{"until it is final the file", []string{played("Hares Adders 0-1", "")}, []followed{own("Hares Adders 2-1", "", false)}, nil, ": Adders 3/1, Hares 0/1", [2]int64{0, 1}},
		{"planned in the file", []string{played("Hares Adders", "")}, []followed{own("Hares Adders 2-1", "", true)}, nil, ": Hares 3/1, Adders 0/1", [2]int64{2, 1}},
		{"the return match is another", []string{played("Adders Hares 0-1", "")}, []followed{own("Hares Adders 2-1", "", true)}, nil, ": Hares 6/2, Adders 0/2", [2]int64{3, 1}},
		{"the nearest by date", twice, []followed{own("Hares Adders 2-1", "27", true)}, nil, ": Adders 3/2, Hares 3/2", [2]int64{2, 2}},
		{"both", twice, []followed{own("Hares Adders 2-1", "27", true), own("Hares Adders 3-1", "5", true)}, nil, ": Hares 6/2, Adders 0/2", [2]int64{5, 2}},
		{"a third meeting", twice[:1], []followed{own("Hares Adders 2-1", "27", true), own("Hares Adders 3-1", "5", true)}, nil, ": Hares 6/2, Adders 0/2", [2]int64{5, 2}},
		{"a forfeit stands", []string{played("Hares Adders 0-1", "")}, []followed{own("Hares Adders 2-1", "", true)}, func(one *Competition) {
			if err := one.Forfeit(ForfeitRequest{Teams: [2]string{"Hares", "Adders"}, Winner: "Adders"}, ""); err != nil {
				t.Fatal(err)
			}
		}, ": Adders 3/1, Hares 0/1", [2]int64{0, 3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			one := leagueOf(t, "grassroots")
			one.take(t, c.file...)
			if c.more != nil {
				c.more(one)
			}
			s := one.withOwn(c.own)
			groups, err := s.tables(false)
			if err != nil {
				t.Fatal(err)
			}
			if got := standingOf(groups); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			if got := goalsOf(groups[0].Rows, "Hares"); got != c.score {
				t.Errorf("goals %v, want %v", got, c.score)
			}
		})
	}
}

func goalsOf(rows []table.Row, team string) [2]int64 {
	for _, r := range rows {
		if r.Team == team {
			return [2]int64{r.For, r.Against}
		}
	}
	return [2]int64{-1, -1}
}
