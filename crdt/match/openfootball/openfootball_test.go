package openfootball_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt/match/openfootball"
)

// show is a file in a line: of each match the table or the tie it is for, and the score.
func show(t *testing.T, text string, planned ...string) string {
	t.Helper()
	f, err := openfootball.Read([]byte(text), planned)
	if err != nil {
		return strings.TrimPrefix(err.Error(), openfootball.ErrFile.Error()+": ")
	}
	var out []string
	for _, m := range f.Matches {
		where := fmt.Sprintf("[%s]", m.Group)
		if m.Tie >= 0 {
			tie := f.Ties[m.Tie]
			where = fmt.Sprintf("(%s %s %s v %s", tie.ID, tie.Round, tie.Slots[0], tie.Slots[1])
			if tie.Legs > 0 {
				where += fmt.Sprintf(" %d legs", tie.Legs)
			}
			where += ")"
		}
		score := ""
		if m.Score != nil {
			score = fmt.Sprint(m.Score.FT)
			for _, more := range []*[2]int64{m.Score.ET, m.Score.P} {
				if more != nil {
					score += fmt.Sprint(*more)
				}
			}
		}
		out = append(out, where+score+[]string{"", "?", "x"}[m.State])
	}
	return strings.Join(out, " ")
}

func file(matches ...string) string {
	return `{"name":"F","matches":[` + strings.Join(matches, ",") + `]}`
}

// m is a match: round, teams, and what else.
func m(round, one, two, more string) string {
	out := fmt.Sprintf(`{"round":%q,"team1":%q,"team2":%q`, round, one, two)
	if more != "" {
		out += "," + more
	}
	return out + "}"
}

// Every shape that files have had says the same.
func TestShapes(t *testing.T) {
	for name, text := range map[string]string{
		"scores in ft, et, p":  file(`{"round":"Final","team1":"A","team2":"B","score":{"ht":[0,0],"ft":[1,1],"et":[2,2],"p":[4,3]}}`),
		"rounds, team objects": `{"name":"F","rounds":[{"name":"Final","matches":[{"num":1,"team1":{"key":"a","name":"A","code":"AAA"},"team2":{"name":"B"},"score":{"ft":[1,1],"et":[2,2],"p":[4,3]}}]}]}`,
		"score1 and score2":    `{"rounds":[{"name":"Final","matches":[{"team1":{"name":"A"},"team2":{"code":"B"},"score1":1,"score2":1,"score1i":0,"score2i":0,"score1et":2,"score2et":2,"score1p":4,"score2p":3}]}]}`,
	} {
		if got := show(t, text); got != "(1 Final team:A v team:B)[1 1][2 2][4 3]" {
			t.Errorf("%s: %s", name, got)
		}
	}
	for name, c := range map[string][2]string{
		"a pair":              {m("Matchday 1", "A", "B", `"score":[2,1]`), "[][2 1]"},
		"nothing yet":         {m("Matchday 1", "A", "B", `"score":{}`), "[]"},
		"null":                {m("Matchday 1", "A", "B", `"score1":null,"score2":null,"score":{"ft":null}`), "[]"},
		"pair of null":        {m("Matchday 1", "A", "B", `"score":{"ft":[null,null]}`), "[]"},
		"three numbers":       {m("Matchday 1", "A", "B", `"score":{"ft":[1,2,3]}`), "match 1 of the file cannot be read: a score has two numbers, not 3"},
		"a number for a name": {`{"team1":7,"team2":"B"}`, "match 1 of the file cannot be read: a name, a number or a score is a JSON number instead"},
		"postponed":           {m("Matchday 1", "A", "B", `"status":"Postponed","score":{"ft":[0,0]}`), "[][0 0]?"},
		"broken off":          {m("Matchday 1", "A", "B", `"status":" ABANDONED ","score":{"ft":[0,0]}`), "[][0 0]?"},
		"called off":          {m("Matchday 1", "A", "B", `"status":"canceled"`), "[]x"},
		"in two spellings":    {m("Matchday 1", "A", "B", `"status":"Cancelled"`), "[]x"},
		"in other words":      {m("Matchday 1", "A", "B", `"status":"annulled"`), "[]x"},
		"under way":           {m("Matchday 1", "A", "B", `"status":"IN_PLAY","score":{"ft":[1,0]}`), "[][1 0]?"},
		"awarded":             {m("Matchday 1", "A", "B", `"status":"awarded","score":{"ft":[3,0]}`), "[][3 0]"},
		"nobody knows who":    {m("Final", "N.N.", "N.N.", ""), "(1 Final ? v ?)"},
		"against itself":      {m("Final", "A", "A", ""), "match 1 of the file is A against itself"},
		"a name is missing":   {`{"team1":{"code":""},"team2":"B"}`, "match 1 of the file lacks a team"},
	} {
		if got := show(t, file(c[0])); got != c[1] {
			t.Errorf("%s: %s, want %s", name, got, c[1])
		}
	}
	for _, text := range []string{`{}`, `[]`, `{"matches":[]}`, `x`, `{"rounds":[{"name":"x"}]}`} {
		if _, err := openfootball.Read([]byte(text), nil); !errors.Is(err, openfootball.ErrFile) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What is a table and what a knock-out is told from groups, references, the names of
// rounds, and who meets whom.
func TestTablesAndKnockOuts(t *testing.T) {
	ab, cd := m("Matchday 1", "A", "B", `"score":[1,0]`), m("Matchday 1", "C", "D", `"score":[0,0]`)
	for name, c := range map[string]struct {
		file string
		want string
	}{
		"a league with a play-off": {file(ab, cd, m("Play-off final", "A", "C", `"score":[3,0]`)), "[][1 0] [][0 0] (3 Play-off final team:A v team:C)[3 0]"},
		"a cup without groups": {
			file(m("Semi-final", "A", "B", `"num":1,"score":[2,1]`), m("Semi-final", "C", "D", `"num":2`), m("Final", "W1", "Winner Match 2", `"num":3`)),
			"(1 Semi-final team:A v team:B)[2 1] (2 Semi-final team:C v team:D) (3 Final W1 v W2)",
		},
		"the first rounds of a cup": {
			file(m("Round 1", "A", "B", `"score":[2,1]`), m("Round 1", "C", "D", `"score":[0,1]`), m("Semi-finals", "A", "D", `"score":[0,1]`)),
			"(1 Round 1 team:A v team:B)[2 1] (2 Round 1 team:C v team:D)[0 1] (3 Semi-finals team:A v team:D)[0 1]",
		},
		"rounds of a league": {
			file(m("Round 1", "A", "B", `"score":[2,1]`), m("Round 2", "C", "B", `"score":[0,1]`), m("Final", "A", "D", "")),
			"[][2 1] [][0 1] (3 Final team:A v team:D)",
		},
		"thirds, not drawn yet": {
			file(m("Matchday 1", "A", "B", `"group":"Group A"`), m("Round of 16", "1B", "3A/D/E/F", `"num":39`), m("Round of 16", "Winner Group C", "3rd Group D/E/F", `"num":40`)),
			"[Group A] (39 Round of 16 1B v 3A/D/E/F) (40 Round of 16 1C v 3D/E/F)",
		},
		"groups with numbers": {
			file(m("Matchday 1", "A", "B", `"group":"Group 1"`), m("Semi-final", "11", "Runner-up Group 2", "")),
			"[Group 1] (2 Semi-final 1:1 v 2:2)",
		},
		"a league phase and legs": {
			file(m("League, Matchday 8", "A", "B", `"score":[1,0]`), m("Playoffs, Matchday 1", "A", "B", `"score":[1,0]`), m("Playoffs, Matchday 2", "B", "A", ""),
				m("Finals, Round of 16", "C", "D", ""), m("Finals, Round of 16", "D", "C", "")),
			"[][1 0] (2 Playoffs team:A v team:B 2 legs)[1 0] (2 Playoffs team:A v team:B 2 legs) (4 Finals, Round of 16 team:C v team:D 2 legs) (4 Finals, Round of 16 team:C v team:D 2 legs)",
		},
		"the second leg is to come":  {file(m("Semi-finals | First leg", "A", "B", `"score":[1,0]`), ab), "(1 Semi-finals team:A v team:B 2 legs)[1 0] [][1 0]"},
		"any leg stands for the tie": {file(m("Semi-final", "A", "B", `"num":5`), m("Semi-final", "B", "A", `"num":6`), m("Final", "W6", "C", `"num":7`)), "(5 Semi-final team:A v team:B 2 legs) (5 Semi-final team:A v team:B 2 legs) (7 Final W5 v team:C)"},
		"a replay":                   {file(m("Quarter-finals", "A", "B", `"score":[1,1]`), m("Quarter-finals, Replay", "B", "A", `"score":[0,1]`)), "(1 Quarter-finals team:A v team:B)[1 1] (1 Quarter-finals team:A v team:B)[0 1]"},
		"a final round in which each meets each": {
			file(m("Final Round", "A", "B", `"date":"1"`), m("Final Round", "B", "C", `"date":"2"`), m("Final Round", "C", "A", `"date":"3"`), m("First round", "A", "X", `"group":"Group 1"`)),
			"[Final Round] [Final Round] [Final Round] [Group 1]",
		},
		"the second half of a season": {file(ab, m("Championship, Matchday 23", "A", "C", ""), m("Relegation, Matchday 23", "B", "D", "")), "[][1 0] [Championship] [Relegation]"},
		"a play-off of four who meet each other": {
			file(ab, m("Play-offs, Matchday 1", "A", "B", ""), m("Play-offs, Matchday 2", "B", "C", ""), m("Play-offs, Matchday 3", "C", "A", "")),
			"[][1 0] [Play-offs] [Play-offs] [Play-offs]",
		},
		"numbers that are another's": {file(m("Final", "A", "B", `"num":2`), m("Final", "C", "D", "")), "(2 Final team:A v team:B) (2' Final team:C v team:D)"},
		"the same match twice":       {file(ab, ab), "match 2 of the file is match 1 again: A - B, Matchday 1"},
	} {
		if got := show(t, c.file); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, c.want)
		}
	}
	if got := show(t, file(m("x", "A", "B", `"num":1`), m("x", "C", "D", `"num":2`)), "2"); got != "[] (2 x team:C v team:D)" {
		t.Errorf("numbers of planned ties: %s", got)
	}
}

func TestSameRound(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"Quarter-finals", "Finals, Quarterfinal", true}, {"Last 16", "Round of 16", true}, {"Match for third place", "Third place play-off", true},
		{"Final", "Finals, Final", true}, {"Final", "Semi-final", false}, {"Semi-finals | First leg", "Semi-final", true},
	} {
		if got := openfootball.SameRound(c.a, c.b); got != c.same {
			t.Errorf("%s, %s: %v", c.a, c.b, got)
		}
	}
}

// Whatever bytes a file has, reading it ends, and a tie is of matches of the file.
func FuzzRead(f *testing.F) {
	f.Add([]byte(file(m("Final", "W1", "3A/B", `"num":1,"score":{"ft":[1,1],"p":[3,2]}`))))
	f.Add([]byte(`{"rounds":[{"name":"Playoffs, Matchday 1","matches":[{"team1":{"name":"A"},"team2":{"name":"B"},"score1":1,"score2":0}]}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := openfootball.Read(text, []string{"1"})
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

// A status of several words means in JSON what it means in lines.
func TestStatesInWords(t *testing.T) {
	for status, want := range map[string]openfootball.State{
		"": openfootball.Counts, "FINISHED": openfootball.Counts, "AWARDED": openfootball.Counts, "awarded 3-0": openfootball.Counts,
		"ABANDONED": openfootball.Waits, "Abandoned at 1-1 in 60'": openfootball.Waits, "postponed due to snow": openfootball.Waits, "IN_PLAY": openfootball.Waits,
		"abandoned in 80'; result stood": openfootball.Counts, "annulled by the league": openfootball.CalledOff, "Void: team withdrew": openfootball.CalledOff,
	} {
		f, err := openfootball.Read([]byte(`{"matches":[{"team1":"A","team2":"B","score":{"ft":[1,1]},"status":"`+status+`"}]}`), nil)
		if err != nil || f.Matches[0].State != want {
			t.Errorf("%q: %v, %v", status, f, err)
		}
	}
}
