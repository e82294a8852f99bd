package table_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

func standing(teams string) (rows []table.Row) {
	for _, t := range strings.Split(teams, "") {
		rows = append(rows, table.Row{Team: t})
	}
	return rows
}

func TestSwiss(t *testing.T) {
	for _, c := range []struct {
		name, standing, played string
		want                   table.Pairing
		err                    error
	}{
		{"neighbours", "ABCD", "A-C 1-0, B-D 1-0", table.Pairing{Pairs: [][2]string{{"B", "A"}, {"D", "C"}}}, nil},
		{"who has been at home less", "ABCD", "C-A 0-1, B-D 1-0", table.Pairing{Pairs: [][2]string{{"A", "B"}, {"D", "C"}}}, nil},
		{"not again", "ABCD", "A-B 1-0, C-D 1-0", table.Pairing{Pairs: [][2]string{{"C", "A"}, {"D", "B"}}}, nil},
		// A would meet B, but then C and D, who have met, would be left.
		{"not into a dead end", "ABCD", "C-D 1-0, D-C 1-0", table.Pairing{Pairs: [][2]string{{"A", "C"}, {"B", "D"}}}, nil},
		{"the last sits out", "ABCDE", "A-B 0-0, C-D 0-0, E-A 0-0, B-C 0-0, D-E 0-0", table.Pairing{Pairs: [][2]string{{"C", "A"}, {"D", "B"}}, Bye: "E"}, nil},
		{"but not twice", "ABC", "A-B 1-0", table.Pairing{Pairs: [][2]string{{"C", "A"}}, Bye: "B"}, nil},
		{"all have met", "AB", "A-B 0-0", table.Pairing{}, table.ErrPaired},
		{"all have sat out or met", "ABC", "A-B 0-0, B-C 0-0, C-A 0-0", table.Pairing{}, table.ErrPaired},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := table.Swiss(standing(c.standing), results(c.played))
			if !errors.Is(err, c.err) || err == nil && !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v, %v; want %+v, %v", got, err, c.want, c.err)
			}
		})
	}
	if _, err := table.Swiss(make([]table.Row, 65), nil); !errors.Is(err, table.ErrSwissSize) {
		t.Errorf("65 teams: %v", err)
	}
}

// A tournament of 16 in 7 rounds, and one of 15: nobody meets twice, nobody sits
// out twice, and everybody is at home about half of the time.
func TestSwissTournament(t *testing.T) {
	for _, n := range []int{16, 15} {
		rules := preset(t, "fifa-2018")
		var teams []string
		for i := range n {
			teams = append(teams, fmt.Sprintf("t%02d", i))
		}
		var played []table.Result
		met, sat, home := map[string]bool{}, map[string]bool{}, map[string]int{}
		for round := range 7 {
			rows, err := table.Table(teams, played, rules, false)
			must(t, err)
			p, err := table.Swiss(rows, played)
			must(t, err)
			if sat[p.Bye] && n%2 == 1 || len(p.Pairs) != n/2 || (p.Bye != "") != (n%2 == 1) {
				t.Fatalf("round %d of %d: %+v", round, n, p)
			}
			sat[p.Bye] = true
			for _, pair := range p.Pairs {
				if met[pair[0]+pair[1]] {
					t.Errorf("round %d of %d: %v meet again", round, n, pair)
				}
				met[pair[0]+pair[1]], met[pair[1]+pair[0]] = true, true
				home[pair[0]]++
				r := table.Result{Match: fmt.Sprint(len(played)), Teams: pair, Score: [2]int64{1, 0}, Winner: match.Home, Final: true}
				if pair[0] > pair[1] { // the lower number is the better team
					r.Score, r.Winner = [2]int64{0, 1}, match.Away
				}
				played = append(played, r)
			}
		}
		for team, h := range home {
			if h < 2 || h > 5 {
				t.Errorf("%s of %d was at home %d times of 7", team, n, h)
			}
		}
		rows, err := table.Table(teams, played, rules, false)
		must(t, err)
		if rows[0].Team != "t00" {
			t.Errorf("of %d, %s won", n, rows[0].Team)
		}
	}
}
