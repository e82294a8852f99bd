package match_test

import (
	"bufio"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// dataDir is where real matches are, beside the project.
const dataDir = "../../../shared/data"

// sheet is what a file of matches says about one.
type sheet struct {
	Match      int64   `json:"match"`
	Label      string  `json:"label"`
	Group      string  `json:"group"`
	Duration   string  `json:"duration"`
	Winner     int64   `json:"winner"`
	Home, Away rawTeam `json:"-"`
	Kickoff    string  `json:"kickoff_utc"`
}

type rawTeam struct {
	Team    int64 `json:"team"`
	Score   int64 `json:"score"`
	ScoreHT int64 `json:"scoreHT"`
	ScoreET int64 `json:"scoreET"`
	ScoreP  int64 `json:"scoreP"`
}

// realMatch is one of them with its events.
type realMatch struct {
	sheet
	events []match.Event
}

// score is what the official score was, extra time included.
func (m *realMatch) score() [2]int64 {
	if m.Duration != "Regular" {
		return [2]int64{m.Home.ScoreET, m.Away.ScoreET}
	}
	return [2]int64{m.Home.Score, m.Away.Score}
}

var loaded sync.Map

// realMatches reads all matches of a competition, or skips the test.
func realMatches(t testing.TB, competition string) []*realMatch {
	t.Helper()
	if got, ok := loaded.Load(competition); ok {
		return got.([]*realMatch)
	}
	file := filepath.Join(dataDir, "derived", competition+".matches.json")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Skipf("real matches are not here: %v", err)
	}
	var list []*realMatch
	byID := map[int64]*realMatch{}
	var raw []json.RawMessage
	must(t, json.Unmarshal(b, &raw))
	for _, r := range raw {
		m := &realMatch{}
		must(t, json.Unmarshal(r, &m.sheet))
		var teams struct{ Home, Away rawTeam }
		must(t, json.Unmarshal(r, &teams))
		m.Home, m.Away = teams.Home, teams.Away
		m.events = append(m.events, setupOf(m))
		list = append(list, m)
		byID[m.Match] = m
	}
	readKeyEvents(t, filepath.Join(dataDir, "derived", competition+".keyevents.jsonl.gz"), byID)
	for _, m := range list {
		m.events = append(m.events, event("end", match.Referee, "match.end", "", match.PeriodAfter, 0, `{"status":"completed"}`, len(m.events)))
	}
	loaded.Store(competition, list)
	return list
}

func setupOf(m *realMatch) match.Event {
	data := fmt.Sprintf(`{"teams":{"home":{"id":"%d"},"away":{"id":"%d"}}}`, m.Home.Team, m.Away.Team)
	return event("setup", match.Organiser, "match.setup", "", 0, 0, data, 0)
}

func readKeyEvents(t testing.TB, file string, byID map[int64]*realMatch) {
	f, err := os.Open(file)
	must(t, err)
	defer f.Close()
	z, err := gzip.NewReader(f)
	must(t, err)
	in := bufio.NewScanner(z)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		k, err := match.ParseKeyEvent(in.Bytes())
		must(t, err)
		m := byID[k.Match]
		m.events = append(m.events, event("scorer", match.Scorer, k.Type, k.Team, k.Period, k.ClockMs, string(k.Data), len(m.events)))
	}
	must(t, in.Err())
}

// event is an event of an author of this name, n-th in the log's order.
func event(author string, role match.Role, kind, team string, period uint32, ms int64, data string, n int) match.Event {
	e := match.Event{
		ID: strconv.Itoa(n), Author: crdt.Key(crdt.Sum([]byte(author))), Role: role, Type: kind, Team: team, Period: period, ClockMs: &ms,
		Time: crdt.MakeTime(uint64(1_700_000_000_000+n*1000), 0), OwnMs: int64(1_700_000_000_000 + n*1000),
	}
	if data != "" {
		e.Data = []byte(data)
	}
	e.Hash = hashOf(&e)
	return e
}

// hashOf stands in for the hash of an envelope: it covers what makes it unique.
func hashOf(e *match.Event) crdt.Hash {
	b := binary.BigEndian.AppendUint64(e.Author[:], uint64(e.Time))
	b = append(b, fmt.Sprint(e.ID, e.Type, e.Team, e.Period, e.Refs, string(e.Data))...)
	if e.ClockMs != nil {
		b = binary.BigEndian.AppendUint64(b, uint64(*e.ClockMs))
	}
	return crdt.Sum(b)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
