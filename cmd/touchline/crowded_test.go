package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Long names, many goals, a goal that waits, a table with a knock-out and a
// shoot-out fit a phone and work. The steps are in bridge/web/test/crowded.mjs.
func TestAppCrowded(t *testing.T) {
	at, match, run := startHTTP(t)
	const home, away = "Sportgemeinschaft Oberhintertupfingen-Süd 1898 II", "Spielvereinigung Donaudampfschifffahrtsgesellschaft e. V."
	setup := fmt.Sprintf(`--data={"teams":{"home":{"name":%q},"away":{"name":%q}},"periods":2}`, home, away)
	file := filepath.Join(t.TempDir(), "cup.json")
	if err := os.WriteFile(file, []byte(cupWith(home, away)), 0o600); err != nil {
		t.Fatal(err)
	}
	const cup = "District cup of the savings bank, girls under 11, 2026"
	run("competition", "new", cup, "--preset", "fifa-2018")
	run("competition", "import", cup, file)
	run("match", "new", "--label", "kicks")
	for _, m := range []string{"m", "kicks"} {
		run("record", m, "match.setup", setup)
	}
	for _, period := range []string{"1", "2"} {
		run("record", "kicks", "period.start", "period="+period, "clock=0:00")
		run("record", "kicks", "period.end", "period="+period, "clock=45:00")
	}
	coach, kicks := run("token", "m", "--role", "coach"), run("token", "kicks", "--role", "record")
	run("record", "m", "period.start", "period=1", "clock=0:00")
	for i := range 17 {
		run("record", "m", "goal", "team="+[]string{"home", "away"}[i%2], "player="+fmt.Sprint(i+1), "period=1", fmt.Sprintf("clock=%d:00", i+1))
	}
	run("record", "m", "corner", "team=home", "period=1", "clock=75:30")
	run("record", "m", "match.end", `--data={"status":"completed"}`)
	run("competition", "add", cup, "m", "--group", "A")
	late := fmt.Sprintf(`{"matchId":%q,"id":"late","type":"goal","teamId":"home","period":1,"clockMs":1440000}`, match)
	if code, body := request(t, "POST", at+"/v1/events", run("token", "m", "--role", "record"), late); code != 201 {
		t.Fatal(code, body)
	}
	browse(t, []string{"COACH=" + coach, "KICKS=" + kicks, "WATCH=" + run("token", "kicks")}, "test/crowded.mjs", at)
}

// cupWith is a group and the knock-out after it, in openfootball's form.
func cupWith(a, b string) string {
	return fmt.Sprintf(`{"name":"Cup","matches":[
{"round":"Matchday 1","team1":%[1]q,"team2":"Greens","score":{"ft":[9,8]},"group":"Group A"},
{"round":"Matchday 2","team1":%[2]q,"team2":%[1]q,"score":{"ft":[0,1]},"group":"Group A"},
{"round":"Matchday 3","team1":%[2]q,"team2":"Greens","score":{"ft":[13,0]},"group":"Group A"},
{"round":"Semi-final","team1":%[1]q,"team2":%[2]q,"score":{"ft":[1,1],"et":[1,1],"p":[4,3]}},
{"round":"Final","team1":"W4","team2":"3A"}]}`, a, b)
}
