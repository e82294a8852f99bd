package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// Fifty devices on one LAN: everything everywhere, soon, in little memory.
// A soak test: it keeps both cores busy for a minute.
func TestFiftyDevices(t *testing.T) {
	if !soak {
		t.Skip("a soak test: set TOUCHLINE_SOAK=1")
	}
	const devices, events = 50, 150
	m := newMatchOnLAN(t, devices)
	m.startAll()
	took, err := m.waitEqual(m.id, 60*time.Second, m.nodesUp()...)
	m.ok(err)
	t.Logf("50 devices equal %.1f s after all were up", took.Seconds())

	latencies := m.latencies(events, 200*time.Millisecond, m.nodesUp(), 7, 19, 28, 36, 49)
	_, err = m.waitEqual(m.id, 60*time.Second, m.nodesUp()...)
	m.ok(err)
	m.nothingLost(false)
	if len(latencies) == 0 {
		t.Fatal("nothing was shown")
	}
	t.Logf("%d of %d shown; p50 %v, p99 %v", len(latencies), 5*events, latencies[len(latencies)/2], latencies[len(latencies)*99/100])
	var largest int
	for _, n := range m.nodes {
		largest = max(largest, residentKB(n.cmd.Process.Pid))
	}
	t.Logf("largest resident size %d MB", largest>>10)
	if largest>>10 > 60 {
		t.Error("more than 60 MB resident")
	}
}

func residentKB(pid int) int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kb, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kb
		}
	}
	return 0
}

// Several matches at once on the same devices: no event in a wrong match, no
// match starved.
func TestManyMatches(t *testing.T) {
	devices, matches := 4, 8
	if soak {
		devices = 24
	}
	m := newMatchOnLAN(t, devices)
	ids := []string{m.id}
	for k := 1; k < matches; k++ {
		out := m.must(m.run(context.Background(), k%devices, "match", "new", "--json"))
		var made struct {
			MatchID string            `json:"matchId"`
			Invites map[string]string `json:"invites"`
		}
		m.ok(json.Unmarshal([]byte(out), &made))
		ids = append(ids, made.MatchID)
		for i := range devices {
			if i != k%devices {
				m.must(m.run(context.Background(), i, "join", made.Invites["record"]))
			}
		}
	}
	m.startAll()
	var g sync.WaitGroup
	for k, id := range ids {
		g.Go(func() {
			for e := range 25 {
				if err := m.record((k+e)%devices, id, fmt.Sprintf("%d-%d", k, e), "note"); err != nil {
					t.Error(err)
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	g.Wait()
	for k, id := range ids {
		_, err := m.waitEqual(id, 30*time.Second, m.nodesUp()...)
		m.ok(err)
		for i := range devices {
			var page struct{ Events []struct{ ID string } }
			m.ok(m.get(i, "/v1/matches/"+id+"/events", &page))
			if len(page.Events) != 25 {
				t.Errorf("match %d at device %d: %d events", k, i, len(page.Events))
			}
			for _, e := range page.Events {
				if !strings.HasPrefix(e.ID, fmt.Sprint(k, "-")) {
					t.Errorf("match %d shows event %s", k, e.ID)
				}
			}
		}
	}
}
