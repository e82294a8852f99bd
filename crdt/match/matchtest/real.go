// Package matchtest gives tests the events of matches: real ones from beside the
// project, where they are, and made ones. Only tests import it.
package matchtest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// Data is a file of real matches. They lie beside the project and are never
// copied into it; where they are missing the test is skipped, with the reason.
func Data(t testing.TB, path string) []byte {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	root := filepath.Join(filepath.Dir(here), "..", "..", "..")
	b, err := os.ReadFile(filepath.Join(root, "..", "shared", "data", path))
	if err != nil {
		t.Skipf("skipped 1 test: real matches are not here: %v", err)
	}
	return b
}

// Real is a real match: its sheet, and its events with a setup and an end.
type Real struct {
	Match    int64  `json:"match"`
	Label    string `json:"label"`
	Group    string `json:"group"`
	Duration string `json:"duration"` // Regular | ExtraTime | Penalties
	Winner   int64  `json:"winner"`
	Home     Team   `json:"home"`
	Away     Team   `json:"away"`

	Events []match.Event `json:"-"`
}

// Team is one side of a sheet; its scores are those of the source.
type Team struct {
	Team    int64 `json:"team"`
	Score   int64 `json:"score"`
	ScoreHT int64 `json:"scoreHT"`
	ScoreET int64 `json:"scoreET"`
	ScoreP  int64 `json:"scoreP"`
}

// Score is what the official score was, extra time included.
func (m *Real) Score() [2]int64 {
	if m.Duration != "Regular" {
		return [2]int64{m.Home.ScoreET, m.Away.ScoreET}
	}
	return [2]int64{m.Home.Score, m.Away.Score}
}

var loaded sync.Map

// Matches reads all matches of a competition: wc2018 or epl2017-18.
func Matches(t testing.TB, competition string) []*Real {
	t.Helper()
	if got, ok := loaded.Load(competition); ok {
		return got.([]*Real)
	}
	var list []*Real
	must(t, json.Unmarshal(Data(t, "derived/"+competition+".matches.json"), &list))
	byID := map[int64]*Real{}
	for _, m := range list {
		m.Events = append(m.Events, setupOf(m))
		byID[m.Match] = m
	}
	readKeyEvents(t, Data(t, "derived/"+competition+".keyevents.jsonl.gz"), byID)
	for _, m := range list {
		m.Events = append(m.Events, Event("end", match.Referee, "match.end", "", match.PeriodAfter, 0, `{"status":"completed"}`, len(m.Events)))
	}
	loaded.Store(competition, list)
	return list
}

func setupOf(m *Real) match.Event {
	data := fmt.Sprintf(`{"teams":{"home":{"id":"%d"},"away":{"id":"%d"}}}`, m.Home.Team, m.Away.Team)
	return Event("setup", match.Organiser, "match.setup", "", 0, 0, data, 0)
}

func readKeyEvents(t testing.TB, file []byte, byID map[int64]*Real) {
	z, err := gzip.NewReader(bytes.NewReader(file))
	must(t, err)
	in := bufio.NewScanner(z)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		k, err := match.ParseKeyEvent(in.Bytes())
		must(t, err)
		m := byID[k.Match]
		m.Events = append(m.Events, Event("scorer", match.Scorer, k.Type, k.Team, k.Period, k.ClockMs, string(k.Data), len(m.Events)))
	}
	must(t, in.Err())
}

// Event is an event of an author of this name, n-th in the log's order.
func Event(author string, role match.Role, kind, team string, period uint32, ms int64, data string, n int) match.Event {
	e := match.Event{
		ID: strconv.Itoa(n), Author: crdt.Key(crdt.Sum([]byte(author))), Role: role, Type: kind, Team: team, Period: period, ClockMs: &ms,
		Time: crdt.MakeTime(uint64(1_700_000_000_000+n*1000), 0), OwnMs: int64(1_700_000_000_000 + n*1000),
	}
	if data != "" {
		e.Data = []byte(data)
	}
	e.Hash = HashOf(&e)
	return e
}

// HashOf stands in for the hash of an envelope: it covers what makes it unique.
func HashOf(e *match.Event) crdt.Hash {
	b := binary.BigEndian.AppendUint64(e.Author[:], uint64(e.Time))
	b = append(b, fmt.Sprint(e.ID, e.Type, e.Team, e.Period, e.Refs, string(e.Data), e.OwnMs)...)
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
