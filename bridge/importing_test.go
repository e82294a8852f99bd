package bridge

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match/table"
)

// leagueOf is a competition by a preset, for files.
func leagueOf(t *testing.T, preset string, ties ...table.Tie) *Competition {
	t.Helper()
	rules, err := table.Preset(preset)
	if err != nil {
		t.Fatal(err)
	}
	one := &Competition{Name: "L", Preset: preset, Rules: rules}
	if ties != nil {
		one.Bracket, one.Planned = &table.Bracket{Ties: ties}, true
	}
	return one
}

func (one *Competition) take(t *testing.T, matches ...string) Imported {
	t.Helper()
	got, err := one.Import([]byte(`{"name":"L","matches":[` + strings.Join(matches, ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// played is a match of a file: "Hares Adders 1-0", and what else it has.
func played(text, more string) string {
	var one, two, score string
	fmt.Sscan(text, &one, &two, &score)
	out := fmt.Sprintf(`{"team1":%q,"team2":%q`, one, two)
	if score != "" {
		out += `,"score":{"ft":[` + strings.ReplaceAll(score, "-", ",") + `]}`
	}
	if more != "" {
		out += "," + more
	}
	return out + "}"
}

// standing is "group: team points, …" of all tables.
func (one *Competition) standing(t *testing.T) string {
	t.Helper()
	groups, err := one.fromFiles(nil).tables(false)
	if err != nil {
		t.Fatal(err)
	}
	return standingOf(groups)
}

func standingOf(groups []GroupTable) string {
	var out []string
	for _, g := range groups {
		row := []string{}
		for _, w := range g.Rows {
			row = append(row, fmt.Sprintf("%s %d/%d", w.Team, w.Points, w.Played))
		}
		out = append(out, g.Group+": "+strings.Join(row, ", "))
	}
	return strings.Join(out, "; ")
}

// knockOut is the ties that have a team or a result.
func (one *Competition) knockOut(t *testing.T) string {
	t.Helper()
	ties, err := one.fromFiles(nil).bracket()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, tie := range ties {
		score := "–"
		if tie.Result != nil {
			score = fmt.Sprintf("%d-%d", tie.Result.Score[0], tie.Result.Score[1])
		}
		out = append(out, fmt.Sprintf("%s: %s %s %s = %s", tie.ID, tie.Entrants[0].Team, score, tie.Entrants[1].Team, tie.Winner))
	}
	return strings.Join(out, "; ")
}

// A newer file finds its matches again wherever they stand in it by now, and a ruling
// stays one match.
func TestNewerFile(t *testing.T) {
	one := leagueOf(t, "grassroots")
	one.take(t, played("Hares Adders 1-0", `"round":"Matchday 1","date":"1"`), played("Cats Bears 4-0", `"round":"Matchday 1","date":"1"`))
	if err := one.Forfeit(ForfeitRequest{Teams: [2]string{"Hares", "Adders"}, Winner: "Adders"}, ""); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		one.take(t, played("Cats Hares 2-2", `"round":"Matchday 2","date":"8"`), played("Hares Adders 1-0", `"round":"Matchday 1","date":"3"`),
			played("Cats Bears 5-0", `"round":"Day one","date":"1"`))
		if got := one.standing(t); got != ": Cats 4/2, Adders 3/1, Hares 1/2, Bears 0/1" || len(one.Results) != 3 {
			t.Errorf("%s; %+v", got, one.Results)
		}
	}
	one = leagueOf(t, "grassroots")
	if err := one.Forfeit(ForfeitRequest{Teams: [2]string{"Hares", "Adders"}, Winner: "Adders"}, ""); err != nil {
		t.Fatal(err)
	}
	one.take(t, played("Hares Adders 1-0", `"round":"Matchday 1"`))
	if got := one.standing(t); got != ": Adders 3/1, Hares 0/1" {
		t.Errorf("a ruling before the file: %s", got)
	}
	one.take(t, played("Hares Adders 1-0", `"round":"Matchday 12"`))
	if got := one.standing(t); got != ": Adders 3/2, Hares 3/2" {
		t.Errorf("they play at this ground twice: %s", got)
	}
	if err := one.Forfeit(ForfeitRequest{Teams: [2]string{"Hares", "Adders"}, Winner: "Adders"}, ""); err == nil || !strings.Contains(err.Error(), "in 2 rounds") {
		t.Errorf("which of two: %v", err)
	}
	if err := one.Forfeit(ForfeitRequest{Teams: [2]string{"Hares", "Adders"}, Winner: "Adders", Round: "Matchday 12"}, ""); err != nil {
		t.Fatal(err)
	}
	if got := one.standing(t); got != ": Adders 6/2, Hares 0/2" {
		t.Errorf("the second: %s", got)
	}
}

// A tournament in two files of lines, groups and knock-out: the second adds to the first,
// and either may come again.
func TestGroupsAndKnockOutApart(t *testing.T) {
	groups := "= Cup 2024\n▪ Group A\nSat Jun 15\n  15:00  Hares v Cats  2-0 (1-0)\n         Cats v Bears  1-1\n  Bears v Hares  0-1\n▪ Group B\n Adders 3-0 Newts\n"
	finals := "= Cup 2024\n▪ Semi-finals\nSat Jun 22 2024\n (5) Hares  1-1 [aet, 3-4 pen]  Newts\n (6) Adders 4-2 pen. 0-0 a.e.t. (0-0) Cats\n▪ Final\n (7) Newts v W6\n"
	one := leagueOf(t, "grassroots")
	for _, text := range []string{groups, finals, groups, finals, groups} {
		if _, err := one.Import([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if got := one.standing(t); got != "A: Hares 6/2, Bears 1/2, Cats 1/2; B: Adders 3/1, Newts 0/1" {
		t.Error(got)
	}
	ties, err := one.fromFiles(nil).bracket()
	if err != nil || len(ties) != 3 || ties[0].Winner != "Newts" || ties[1].Winner != "Adders" || ties[2].Entrants[0].Team != "Newts" || ties[2].Entrants[1].Team != "Adders" {
		t.Errorf("%v %+v", err, ties)
	}
}

// Numbers tell ties apart and nothing else: no match is lost to another's.
func TestNumbersLoseNoMatch(t *testing.T) {
	one := leagueOf(t, "grassroots")
	one.take(t, played("A B 1-0", `"num":2`), played("C D 5-0", ""), played("D A 0-0", `"num":2`))
	if got := one.standing(t); got != ": A 4/2, C 3/1, D 1/2, B 0/1" {
		t.Error(got)
	}
}

// What is no result in the file is none in the table.
func TestStatusOfMatches(t *testing.T) {
	one := leagueOf(t, "grassroots")
	one.take(t, played("A B 1-0", `"status":"Abandoned"`), played("C D 2-0", `"status":"canceled"`), played("E F 2-0", `"status":"postponed"`), played("G H 3-0", `"status":"awarded"`))
	if got := one.standing(t); got != ": G 3/1, A 0/0, B 0/0, E 0/0, F 0/0, H 0/1" {
		t.Error(got)
	}
}

// A cup, play-offs and legs are no rows of a table.
func TestKnockOutsOfFiles(t *testing.T) {
	one := leagueOf(t, "uefa-champions-league")
	one.take(t,
		played("A B 1-0", `"round":"League, Matchday 1"`), played("C D 1-1", `"round":"League, Matchday 1"`),
		played("A C 1-0", `"round":"Playoffs, Matchday 1"`), played("C A 2-0", `"round":"Playoffs, Matchday 2"`),
		played("B D 3-3", `"round":"Playoffs, Matchday 1"`), `{"round":"Playoffs, Matchday 2","team1":"D","team2":"B","score":{"ft":[1,1],"et":[1,1],"p":[3,4]}}`,
		played("C B", `"round":"Finals, Final"`))
	if got := one.standing(t); got != ": A 3/1, D 1/1, C 1/1, B 0/1" {
		t.Error(got)
	}
	if got := one.knockOut(t); got != "3: A 1-2 C = C; 5: B 4-4 D = B; 7: C – B = " {
		t.Error(got)
	}
	// The second leg alone in a newer file; the first stays as it was.
	one.take(t, played("A C 1-0", `"round":"Playoffs, Matchday 1"`), played("C A", `"round":"Playoffs, Matchday 2"`))
	if got := one.knockOut(t); got != "1: A 1-0 C = " {
		t.Error(got)
	}
}

// The organiser's ties find their matches by number, by the name of the round, and by
// who is known to play.
func TestPlannedTiesByRound(t *testing.T) {
	tie := func(id, round string, slots ...table.Slot) table.Tie {
		return table.Tie{ID: id, Round: round, Slots: [2]table.Slot(slots)}
	}
	one := leagueOf(t, "grassroots", tie("SF1", "Semi-final", "1A", "2B"), tie("SF2", "Semi-final", "1B", "2A"), tie("F", "Final", "WSF1", "WSF2"))
	got := one.take(t,
		played("Ants Bees 1-0", `"group":"Group A"`), played("Cats Dogs 1-0", `"group":"Group B"`),
		played("Bees Cats 0-2", `"round":"Semi-finals"`), played("Ants Dogs 1-0", `"round":"Semi-finals"`),
		played("Cats Ants 3-0", `"round":"Final"`), played("Bees Dogs 1-0", `"round":"Match for third place"`))
	if got := one.knockOut(t); got != "SF1: Ants 1-0 Dogs = Ants; SF2: Bees 0-2 Cats = Cats; F: Cats 3-0 Ants = Cats" {
		t.Error(got)
	}
	if fmt.Sprint(got.Left) != "[6]" {
		t.Errorf("left %v", got.Left)
	}
	one = leagueOf(t, "grassroots", tie("1", "", "team:Bears", "team:Cats"), tie("2", "", "team:Hares", "team:Adders"), tie("3", "", "W1", "W2"))
	one.take(t, played("Bears Cats 2-1", `"num":1,"round":"x"`), `{"num":2,"round":"x","team1":"Hares","team2":"Adders","score":{"ft":[0,0],"et":[1,1],"p":[4,3]}}`, `{"num":3,"team1":"W1","team2":"W2"}`)
	if got := one.knockOut(t) + one.standing(t); got != "1: Bears 2-1 Cats = Bears; 2: Hares 1-1 Adders = Hares; 3: Bears – Hares = " {
		t.Error(got)
	}
}

// Slots of several groups are filled from the table of the rules as soon as the groups
// are played, and until then by whoever plays.
func TestThirdsOfFiles(t *testing.T) {
	one := leagueOf(t, "uefa-euro")
	file := []string{}
	for i, g := range "ABCDEF" {
		third := 3 - i%2 // the thirds of A, C and E have a goal more
		for _, m := range []string{"%[1]c1 %[1]c2 1-0", "%[1]c1 %[1]c3 4-0", fmt.Sprintf("%%[1]c2 %%[1]c3 %d-%d", third+1, third)} {
			file = append(file, played(fmt.Sprintf(m, g), fmt.Sprintf(`"group":"Group %c"`, g)))
		}
	}
	for _, slots := range []string{"1B 3A/D/E/F", "1C 3D/E/F", "1E 3A/B/C/D", "1F 3A/B/C"} {
		file = append(file, played(slots, `"round":"Round of 16"`))
	}
	one.take(t, file...)
	// A, C and E go on, and the fourth is level between B, D and F: nothing is sure.
	ties, err := one.fromFiles(nil).bracket()
	if err != nil || !ties[0].Entrants[1].Provisional {
		t.Errorf("%+v, %v", ties[0], err)
	}
	if err := one.Draw(LotsRequest{Teams: []string{"D3", "B3", "F3"}}); err != nil {
		t.Fatal(err)
	}
	if got := one.knockOut(t); got != "19: B1 – E3 = ; 20: C1 – D3 = ; 21: E1 – C3 = ; 22: F1 – A3 = " {
		t.Error(got)
	}
	one.Rules.Thirds = nil
	if got := one.knockOut(t); got != "19: B1 –  = ; 20: C1 –  = ; 21: E1 –  = ; 22: F1 –  = " {
		t.Error(got)
	}
}

// Groups that are numbered have slots, too.
func TestNumberedGroups(t *testing.T) {
	one := leagueOf(t, "fifa-2018")
	one.take(t, played("Chile Peru 1-0", `"group":"Group 1"`), played("Spain Malta 0-1", `"group":"Group 2"`), `{"team1":"11","team2":"Runner-up Group 2","round":"Final"}`)
	if got := one.standing(t) + " " + one.knockOut(t); got != "1: Chile 3/1, Peru 0/1; 2: Malta 3/1, Spain 0/1 3: Chile – Spain = " {
		t.Error(got)
	}
}

// What is shown of a competition is what is kept, after each change, whatever a reader
// did with the last one.
func TestShowAfterChanges(t *testing.T) {
	ctx, all := context.Background(), NewCompetitions(crdt.NewMemStore())
	if _, err := all.New(ctx, NewCompetition{Name: "cup", Preset: "grassroots"}); err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		one, err := all.Show("cup")
		if err != nil || len(one.Results) != n {
			t.Fatalf("%d results, %v", len(one.Results), err)
		}
		one.Name, one.Results = "other", nil
		if _, err := all.Change(ctx, "cup", func(one *Competition) error {
			one.put(Outcome{Result: table.Result{Match: fmt.Sprint(n)}})
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	if err := all.Delete(ctx, "cup"); err != nil {
		t.Fatal(err)
	}
	if _, err := all.Show("cup"); !errors.Is(err, crdt.ErrNotFound) {
		t.Errorf("a deleted one: %v", err)
	}
}
