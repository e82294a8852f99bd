package openfootball_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/crdt/match/matchtest"
	"touchline.dev/touchline/crdt/match/openfootball"
)

// told is a file in lines: of each match round, date, group, teams and score.
func told(t *testing.T, text string) string {
	t.Helper()
	f, err := openfootball.Read([]byte(text), nil)
	if err != nil {
		return strings.TrimPrefix(err.Error(), openfootball.ErrFile.Error()+": ")
	}
	for _, l := range f.Unread {
		t.Errorf("line %d was not read: %s", l.At, l.Text)
	}
	var out []string
	for _, m := range f.Matches {
		line := []string{}
		for _, s := range []string{m.Round, m.Date, m.Group} {
			if s != "" {
				line = append(line, s)
			}
		}
		line = append(line, m.Teams[0]+" v "+m.Teams[1]+scored(m.Score)+[]string{"", "?", "x"}[m.State])
		if m.Num > 0 {
			line = append([]string{fmt.Sprint(m.Num)}, line...)
		}
		out = append(out, strings.Join(line, "|"))
	}
	return strings.Join(out, "\n")
}

func scored(s *openfootball.Score) (out string) {
	if s == nil {
		return ""
	}
	out = fmt.Sprintf(" %d-%d", s.FT[0], s.FT[1])
	if s.ET != nil {
		out += fmt.Sprintf(" e%d-%d", s.ET[0], s.ET[1])
	}
	if s.P != nil {
		out += fmt.Sprintf(" p%d-%d", s.P[0], s.P[1])
	}
	return out
}

// A score is read in every way in which people write it, with names that have digits,
// dots, dashes and places in them.
func TestScoresInLines(t *testing.T) {
	for line, want := range map[string]string{
		"A 2-1 B":           "A v B 2-1",
		"A   2-1 (1-0)   B": "A v B 2-1",
		"A   2:1 (1:0)   B": "A v B 2-1",
		"A – B":             "A v B",
		"A - B    10–0":     "A v B 10-0",
		"A vs. B  0-0":      "A v B 0-0",
		"15:00  A v B  0-0": "A v B 0-0",
		"20.45 A - B 2:2":   "A v B 2-2",
		"(7) 18:00 UTC-3 A 1-1 B  @ Ground, Town (UTC-3)":    "7|A v B 1-1",
		"A  5-3 pen. 0-0 a.e.t. (0-0)  B":                    "A v B 0-0 e0-0 p5-3",
		"A  1-3 pen. 1-1 a.e.t (1-1, 1-0)  B":                "A v B 1-1 e1-1 p1-3",
		"A  5-4pen 3-3aet (1-1)  B":                          "A v B 1-1 e3-3 p5-4",
		"A  1-2 a.e.t. (1-1)  B":                             "A v B 1-1 e1-2",
		"A v B  2-2 a.e.t. (1-1, 1-0), 5-1 pen.":             "A v B 1-1 e2-2 p5-1",
		"A v B  3-4 pen. (2-2, 1-1, 1-1)":                    "A v B 1-1 e2-2 p3-4",
		"A v B  4-2 pen. (1-1, 0-0)":                         "A v B 1-1 p4-2",
		"A v B  1-1 a.e.t., 1-3 pen.":                        "A v B 1-1 e1-1 p1-3",
		"A v B  2-2 (1-1), 3-4 pen.":                         "A v B 2-2 p3-4",
		"A v B  5-4 pen 3-3 aet":                             "A v B 3-3 e3-3 p5-4",
		"A  2:2 n.V. (2:2, 1:0) 4:3 i.E.  B":                 "A v B 2-2 e2-2 p4-3",
		"A  2–1 B           [aet]":                           "A v B 2-1 e2-1",
		"A  0–0 B           [aet, 3-0 pen]":                  "A v B 0-0 e0-0 p3-0",
		"A  2-2 B  (aet, 4-2 pen)":                           "A v B 2-2 e2-2 p4-2",
		"A  0-0 B  [agg 3-0]":                                "A v B 0-0",
		"A  2-1 B  (HT 0-1, AGG 6-3)":                        "A v B 2-1",
		"A  3-1*  B":                                         "A v B 3-1",
		"A  2-0  B  [awarded]":                               "A v B 2-0",
		"A v B [awarded 3-0 to A; originally 0-2]":           "A v B 3-0",
		"A 3-0 B [awarded; originally 2-0]":                  "A v B 3-0",
		"A 2-1 B [abandoned at 2-1 in 80'; result stood]":    "A v B 2-1",
		"A 1-0 B [abandoned at 1-0 in 31']":                  "A v B 1-0?",
		"A v B  [postponed due to snow]":                     "A v B?",
		"A - B  [Canceled]":                                  "A v Bx",
		"A 1-0 B [annulled]":                                 "A v B 1-0x",
		"A  w/o  B":                                          "A v B",
		"1. FC Köln  2-1  FC Schalke 04":                     "1. FC Köln v FC Schalke 04 2-1",
		"TSV 1860 München - 1. FSV Mainz 05  0-1":            "TSV 1860 München v 1. FSV Mainz 05 0-1",
		"F91 Dudelange 1-1 AZ 67":                            "F91 Dudelange v AZ 67 1-1",
		"PSV (NED)  v  Bayer 04 Leverkusen (GER)  1-3 (0-2)": "PSV (NED) v Bayer 04 Leverkusen (GER) 1-3",
		"AFC Ajax (NED)  1-2 (0-0)  FK Bodø/Glimt (NOR)":     "AFC Ajax (NED) v FK Bodø/Glimt (NOR) 1-2",
		"Winner Match 49 - W50":                              "Winner Match 49 v W50",
	} {
		if got := told(t, line); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

// What stands above a match is of it: stage, round, group and date, in the old ways and
// the new ones. Scorers, line-ups, tables and comments are no matches.
func TestHeadingsOfLines(t *testing.T) {
	for name, c := range map[string][2]string{
		"groups of old": {`
##########
# World Cup 2006
Group A  | Germany      Ecuador       Poland          Costa Rica
Group B  | England      Sweden
Matchday 6 | Jun 9
Matchday 1 / Group A
(1)  Fri Jun/9     Germany     4-2 (2-1)  Costa Rica   # Allianz Arena, München
Matchday 6
(17)  Wed Jun/14   Germany     1-0 (0-0)  Poland
Group B:
(3) 10 June   England   2-0  Sweden
Round of 16
(49) Sat Jun/24  Germany 2-0 England`,
			"1|Matchday 1|Jun/9|Group A|Germany v Costa Rica 4-2\n17|Matchday 6|Jun/14|Group A|Germany v Poland 1-0\n3|Matchday 6|10 June|Group B|England v Sweden 2-0\n49|Round of 16|Jun/24|Germany v England 2-0"},
		"groups of today": {"\ufeff= Euro 2024  # in Germany\r\n» Group A\r\n14-6-24 @ München      Germany    5–1 Scotland\r\n   (Wirtz 10, Musiala 19,\r\n    Can 90+3; Rudiger 87og)\r\n# 1.GERMANY 3 2 1 0 8- 2 7\r\n▪ 1/8 Finals\r\n 1-7-24 @ Frankfurt      Portugal           0–0 Slovenia           [aet, 3-0 pen]\r\n",
			"2024-06-14|Group A|Germany v Scotland 5-1\n1/8 Finals|2024-07-01|Portugal v Slovenia 0-0 e0-0 p3-0"},
		"days of a league": {`
= English Premier League 2005/06
▪ Matchday 1
Sat Aug 13
  15:00  Aston Villa              2-2 (2-2)  Bolton Wanderers
         Fulham FC                0-0  Birmingham City
▪ Matchday 21
[Mon Jan/2]
  12.45  West Ham United          1-3 (0-1)  Chelsea FC`,
			"Matchday 1|2005-08-13|Aston Villa v Bolton Wanderers 2-2\nMatchday 1|2005-08-13|Fulham FC v Birmingham City 0-0\nMatchday 21|2006-01-02|West Ham United v Chelsea FC 1-3"},
		"a season that ended late": {"= Cup 2019/20\nFinal\nSat Feb 1\n A 0-0 B\nSat Aug 1\n B 1-2 A", "Final|2020-02-01|A v B 0-0\nFinal|2020-08-01|B v A 1-2"},
		"years of their own":       {"= Cup\nFinal\nSat May 25 2024\n A 0-0 B\nMon, 3 June\n B 1-2 A\n2024-06-09 A 1-0 B", "Final|2024-05-25|A v B 0-0\nFinal|2024-06-03|B v A 1-2\nFinal|2024-06-09|A v B 1-0"},
		"stages":                   {"= Liga 2024\n== Apertura\nMatchday 1 of 8\n A 1-0 B\n== Apertura, Finals\nSemi-Finals - 1st Leg\n A 1-0 B", "Apertura, Matchday 1 of 8|Apertura|A v B 1-0\nApertura, Finals, Semi-Finals, 1st Leg|A v B 1-0"},
		"line-ups and scorers": {`
= Euro 2021
Group A
Jun 11 @ Stadio Olimpico, Roma   ## (att: 12916)
  ITALY v TURKEY   3-0
    Merih Demiral 53' (og) Ciro Immobile 66'
Italy:              Gianluigi Donnarumma - Alessandro Florenzi (Giovanni Di Lorenzo 46'),
                    Umut Meraş - Okay Yokuşlu
Penalty shootout: 0-0 Zinho (held), 0-1 Dudamel;
                  1-1 Júnior Baiano, 1-2 Gaviria;
Referee: Danny Makkelie (Netherlands)

Final - 1st Leg
Jun 2     Deportivo Cali - Palmeiras    1-0    @ Cali
             1-0 Bonilla 42'
   [Lionel Messi 23'(pen.), 108';
    Kylian Mbappé - 80']
__END__
Spain 1-0 Italy`, "2021-06-11|Group A|ITALY v TURKEY 3-0\nFinal, 1st Leg|2021-06-02|Deportivo Cali v Palmeiras 1-0"},
		"names like rounds": {"First Vienna FC - Semi Cup\nFinal\nThird Lanark  0-2  Group Athletic", "First Vienna FC v Semi Cup\nFinal|Third Lanark v Group Athletic 0-2"},
		"none":              {"= A title\nand words\n", "it needs matches, as JSON with team1, team2 and score or as lines of football.txt"},
		"against itself":    {"Final\nA 1-0 A", "match 1 of the file is A against itself (line 2)"},
	} {
		if got := told(t, c[0]); got != c[1] {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, c[1])
		}
	}
}

// Real seasons and tournaments say the same as JSON and as lines, in two styles.
func TestLinesSayWhatJSONSays(t *testing.T) {
	for _, path := range []string{"openfootball/worldcup.json/2018/worldcup.json", "openfootball/worldcup.json/2022/worldcup.json", "openfootball/football.json/2017-18/en.1.json"} {
		text := matchtest.Data(t, path)
		asJSON, err := openfootball.Read(text, nil)
		if err != nil {
			t.Fatal(err)
		}
		for style := range 2 {
			lines := asLines(asJSON, style)
			got, err := openfootball.Read([]byte(lines), nil)
			if err != nil {
				t.Fatal(path, style, err)
			}
			for i := range asJSON.Matches {
				a, _ := json.Marshal(asJSON.Matches[i])
				b, _ := json.Marshal(got.Matches[i])
				if string(a) != string(b) {
					t.Errorf("%s, style %d: lines say %s, JSON %s", path, style, b, a)
					break
				}
			}
			if len(got.Matches) != len(asJSON.Matches) || len(got.Ties) != len(asJSON.Ties) {
				t.Errorf("%s, style %d: %d matches and %d ties", path, style, len(got.Matches), len(got.Ties))
			}
		}
	}
}

// asLines writes a file as football.txt, as it was written of old (0) or is now (1).
func asLines(f *openfootball.File, style int) string {
	var out strings.Builder
	fmt.Fprintf(&out, "= %s\n", f.Name)
	round, group, date := "", "", ""
	for _, m := range f.Matches {
		mark := []string{"", "▪ "}[style]
		if m.Round != round {
			fmt.Fprintf(&out, "\n%s%s\n", mark, m.Round)
			round, group = m.Round, ""
		}
		if m.Group != group {
			fmt.Fprintf(&out, "\n%s%s%s\n", mark, m.Group, []string{":", ""}[style])
			group = m.Group
		}
		num := ""
		if m.Num > 0 {
			num = fmt.Sprintf("(%d) ", m.Num)
		}
		day, _ := time.Parse(time.DateOnly, m.Date)
		if style == 0 {
			fmt.Fprintf(&out, "%s%s  %s  %s  %s  @ Ground, Town  # comment\n", num, day.Format("Mon Jan/2 15.04"), m.Teams[0], written(m.Score), m.Teams[1])
			continue
		}
		if m.Date != date {
			fmt.Fprintf(&out, "%s\n", day.Format("Mon Jan 2"))
			date = m.Date
		}
		fmt.Fprintf(&out, "  %s15:00  %s v %s  %s\n         (Somebody 12', 45+1' (pen.) Another 7';\n          A Third 89')\n", num, m.Teams[0], m.Teams[1], written(m.Score))
	}
	return out.String()
}

func written(s *openfootball.Score) string {
	pair := func(p [2]int64, mark string) string { return fmt.Sprintf("%d-%d%s", p[0], p[1], mark) }
	switch {
	case s == nil:
		return "-"
	case s.P != nil && s.ET != nil:
		return pair(*s.P, " pen. ") + pair(*s.ET, " a.e.t. (") + pair(s.FT, ", 0-0)")
	case s.ET != nil:
		return pair(*s.ET, " a.e.t. (") + pair(s.FT, ")")
	}
	return pair(s.FT, " (0-0)")
}

// Whatever lines a file has, reading it ends, and a tie is of matches of the file.
func FuzzReadLines(f *testing.F) {
	f.Add([]byte("= Cup 2024/25\n▪ Final - 1st Leg\nSat Aug/13 15:00 A 3-4 pen. 2-2 a.e.t. (1-1, 1-0) B [awarded 3-0]\n"))
	f.Add([]byte("Group A | X  Y\nMatchday 1 / Group A\n[13.8.]\nX w/o Y (aet\nZ: P - Q"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := openfootball.Read(text, nil)
		if err != nil {
			return
		}
		for _, m := range file.Matches {
			if m.Tie >= len(file.Ties) {
				t.Fatalf("tie %d of %d", m.Tie, len(file.Ties))
			}
		}
	})
}
