package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
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

	time.Sleep(20 * time.Second) // until the machine is done with starting fifty programs
	latencies := m.latencies(events, 200*time.Millisecond, m.nodesUp(), 7, 19, 28, 36, 49)
	_, err = m.waitEqual(m.id, 60*time.Second, m.nodesUp()...)
	m.ok(err)
	m.nothingLost(false)
	if len(latencies) == 0 {
		t.Fatal("nothing was shown")
	}
	t.Logf("%d of %d shown; p50 %v, p99 %v", len(latencies), 5*events, percentile(latencies, 50), percentile(latencies, 99))
	t.Logf("largest resident size %d MB", m.largestKB()>>10)
	if p99 := percentile(latencies, 99); p99 > 500*time.Millisecond {
		t.Errorf("p99 %v", p99)
	}
	if m.largestKB()>>10 > 60 {
		t.Error("more than 60 MB resident")
	}
}

// largestKB is the resident size of the largest node.
func (m *matchOnLAN) largestKB() (largest int) {
	for _, n := range m.nodes {
		largest = max(largest, residentKB(n.cmd.Process.Pid))
	}
	return largest
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

// processorMs is what a process has used of all processors, in steps of 10 ms.
func processorMs(pid int) int {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // what is before may have spaces
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return 10 * (user + system)
}

// A tournament: eight matches at once, each device follows one to three of
// them. No event gets into a wrong match, and no follower of any match is left
// out, though a device has far fewer links than the LAN has devices.
func TestTournament(t *testing.T) {
	const matches, events = 8, 25
	devices, every := 12, 50*time.Millisecond
	if soak {
		devices, every = 24, 250*time.Millisecond // more programs than that, two processors do not carry
	}
	m := newHosts(t, devices)
	followers := make([][]int, matches)
	for i := range devices {
		for j := range 1 + i%3 {
			followers[(i+3*j)%matches] = append(followers[(i+3*j)%matches], i)
		}
	}
	ids := make([]string, matches)
	for k, who := range followers {
		var invite string
		ids[k], invite = m.found(who[0])
		for _, i := range who[1:] {
			m.must(m.run(context.Background(), i, "join", invite))
		}
	}
	m.startAll()
	var g sync.WaitGroup
	for k, id := range ids {
		g.Go(func() {
			for e := range events {
				if err := m.record(followers[k][e%len(followers[k])], id, fmt.Sprintf("%d-%d", k, e), "note"); err != nil {
					t.Error(err)
				}
				time.Sleep(every)
			}
		})
	}
	g.Wait()
	ended := time.Now()
	for k, id := range ids {
		_, err := m.waitEqual(id, 30*time.Second, followers[k]...)
		m.ok(err)
		t.Logf("match %d: its %d followers equal %.2f s after the last event", k, len(followers[k]), time.Since(ended).Seconds())
		for i := range devices {
			m.showsOnly(i, id, fmt.Sprint(k, "-"), events, slices.Contains(followers[k], i))
		}
	}
	t.Logf("largest resident size %d MB", m.largestKB()>>10)
}

// showsOnly demands that a follower shows so many events of a match and none
// of others, and that nobody else has the match.
func (m *matchOnLAN) showsOnly(i int, id, prefix string, events int, follows bool) {
	m.t.Helper()
	shown := 0
	_, err := m.eventsAfter(i, id, "", func(e bridge.Event) {
		shown++
		if !strings.HasPrefix(e.ID, prefix) {
			m.t.Errorf("a match of events %s… shows %s", prefix, e.ID)
		}
	})
	if follows && (err != nil || shown != events) || !follows && (err == nil || shown > 0) {
		m.t.Errorf("device %d, follows %v: %d events %s…, %v", i, follows, shown, prefix, err)
	}
}
