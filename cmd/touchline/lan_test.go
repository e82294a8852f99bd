package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/node/lan"
)

// soak reports whether the long versions are wanted.
var soak = os.Getenv("TOUCHLINE_SOAK") != ""

// builtIn is the folder of the program under test; empty before it was built.
var builtIn string

// program builds the program under test once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "touchline-test")
	if err != nil {
		return "", err
	}
	builtIn = dir
	path := filepath.Join(dir, "touchline")
	cmd := exec.Command("go", "build", "-o", path, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w: %s", err, out)
	}
	return path, nil
})

// match is a fleet whose devices all record one match.
type matchOnLAN struct {
	*fleet
	t      *testing.T
	id     string
	invite string

	mu    sync.Mutex
	acked map[string]bool // guarded by mu; IDs that a node acknowledged
}

func newMatchOnLAN(t *testing.T, hosts int) *matchOnLAN {
	t.Helper()
	if err := lan.Supported(); err != nil {
		t.Skip("no network namespaces here:", err)
	}
	bin, err := program()
	if err != nil {
		t.Fatal(err)
	}
	f, err := newFleet(bin, t.TempDir(), hosts)
	if err != nil {
		t.Fatal(err)
	}
	m := &matchOnLAN{fleet: f, t: t, acked: map[string]bool{}}
	t.Cleanup(func() {
		if t.Failed() {
			m.dump()
		}
		if err := f.close(); err != nil {
			t.Error(err)
		}
	})
	out := m.must(f.run(context.Background(), 0, "match", "new", "--json"))
	var made struct {
		MatchID string            `json:"matchId"`
		Invites map[string]string `json:"invites"`
	}
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatal(err)
	}
	m.id, m.invite = made.MatchID, made.Invites["record"]
	for i := 1; i < hosts; i++ {
		m.must(f.run(context.Background(), i, "join", m.invite))
	}
	return m
}

func (m *matchOnLAN) must(out string, err error) string {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
	return out
}

func (m *matchOnLAN) ok(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *matchOnLAN) dump() {
	for _, n := range m.nodes {
		b, _ := os.ReadFile(n.data + ".log")
		lines := strings.Split(string(b), "\n")
		m.t.Logf("log of node %d:\n%s", n.host, strings.Join(lines[max(0, len(lines)-25):], "\n"))
	}
}

func (m *matchOnLAN) startAll(args ...string) {
	m.t.Helper()
	var g sync.WaitGroup
	for i := range m.nodes {
		g.Go(func() {
			if err := m.start(i, args...); err != nil {
				m.t.Error(err)
			}
		})
	}
	g.Wait()
	if m.t.Failed() {
		m.t.FailNow()
	}
}

// write records perSecond events a second at each node until ctx is done. A
// node that does not answer is no failure; an event counts once acknowledged.
func (m *matchOnLAN) write(ctx context.Context, perSecond int, nodes ...int) (wait func()) {
	var g sync.WaitGroup
	for _, i := range nodes {
		g.Go(func() {
			tick := time.NewTicker(time.Second / time.Duration(perSecond))
			defer tick.Stop()
			for k := 0; ctx.Err() == nil; k++ {
				id := fmt.Sprintf("%d-%d-%d", i, time.Now().UnixNano(), k)
				if m.record(i, m.id, id, "note") == nil {
					m.mu.Lock()
					m.acked[id] = true
					m.mu.Unlock()
				}
				<-tick.C
			}
		})
	}
	return g.Wait
}

// nothingLost demands that each node shows every acknowledged event once and
// nothing else. extra are IDs that may be there without an acknowledgement.
func (m *matchOnLAN) nothingLost(extra bool) {
	m.t.Helper()
	for i := range m.nodes {
		seen := map[string]int{}
		for after := ""; ; {
			var page struct {
				Events []struct{ ID string }
				Next   string
			}
			m.ok(m.get(i, "/v1/matches/"+m.id+"/events?limit=10000&after="+after, &page))
			for _, e := range page.Events {
				seen[e.ID]++
			}
			if len(page.Events) == 0 || page.Next == "" || page.Next == after {
				break
			}
			after = page.Next
		}
		for id := range m.acked {
			if seen[id] != 1 {
				m.t.Errorf("node %d shows %s %d times", i, id, seen[id])
			}
		}
		if len(seen) != len(m.acked) && !extra {
			m.t.Errorf("node %d shows %d events, %d were acknowledged", i, len(seen), len(m.acked))
		}
	}
}

func (m *matchOnLAN) nodesUp() []int {
	all := make([]int, len(m.nodes))
	for i := range all {
		all[i] = i
	}
	return all
}

// Three hosts find each other with nothing but the LAN, and what one records
// is soon committed and shown on the others.
func TestLANDiscoveryAndLatency(t *testing.T) {
	m := newMatchOnLAN(t, 3)
	begin := time.Now()
	m.startAll()
	for {
		up := 0
		for i := range 3 {
			var peers []bridge.Peer
			m.ok(m.peers(i, &peers))
			for _, p := range peers {
				if p.Connected {
					up++
				}
			}
		}
		if up == 6 {
			break
		}
		if time.Since(begin) > 20*time.Second {
			t.Fatalf("only %d of 6 links after %v", up, time.Since(begin))
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Logf("all connected %.2f s after start", time.Since(begin).Seconds())

	events := 100
	if soak {
		events = 1200
	}
	latencies := m.latencies(events, 50*time.Millisecond, []int{0}, 1, 2)
	if len(latencies) != 2*events {
		t.Fatalf("%d of %d shown", len(latencies), 2*events)
	}
	p99 := latencies[len(latencies)*99/100]
	t.Logf("recorded to shown elsewhere: p50 %v, p99 %v", latencies[len(latencies)/2], p99)
	if p99 > 2*time.Second {
		t.Errorf("p99 %v: live delivery does not work, only reconciliation", p99)
	}
}

// latencies records events one by one, in turn at the writers, and returns how
// long each took until each reader showed it, sorted. What is not shown within
// two minutes is not among them.
func (m *matchOnLAN) latencies(events int, every time.Duration, writers []int, readers ...int) (all []time.Duration) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	var mu sync.Mutex
	recorded := map[string]time.Time{}
	var g sync.WaitGroup
	for _, i := range readers {
		lines, stop := m.follow(ctx, i)
		defer stop()
		g.Go(func() {
			for range events {
				select {
				case id := <-lines:
					now := time.Now()
					mu.Lock()
					all = append(all, now.Sub(recorded[id]))
					mu.Unlock()
				case <-ctx.Done():
					return
				}
			}
		})
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for k := range events {
		id := fmt.Sprint("live-", k)
		mu.Lock()
		recorded[id] = time.Now()
		mu.Unlock()
		m.ok(m.record(writers[k%len(writers)], m.id, id, "goal"))
		m.acked[id] = true
		<-tick.C
	}
	g.Wait()
	slices.Sort(all)
	return all
}

// peers reads what a node knows of others.
func (m *matchOnLAN) peers(i int, into *[]bridge.Peer) error {
	out, err := m.run(context.Background(), i, "peers", "--json")
	if err != nil {
		return err
	}
	var v struct{ Peers []bridge.Peer }
	if err := json.Unmarshal([]byte(out), &v); err == nil && v.Peers != nil {
		*into = v.Peers
		return nil
	}
	return json.Unmarshal([]byte(out), into)
}

// follow streams the IDs of events that node i shows.
func (m *matchOnLAN) follow(ctx context.Context, i int) (<-chan string, func()) {
	c := (&app{data: m.nodes[i].data}).dialNode()
	if c == nil {
		m.t.Fatalf("node %d is not running", i)
	}
	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://localhost/v1/matches/"+m.id+"/live", nil)
	resp, err := c.http.Do(req)
	if err != nil {
		m.t.Fatal(err)
	}
	out := make(chan string, 4096)
	go func() {
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			data, ok := strings.CutPrefix(lines.Text(), "data:")
			if !ok {
				continue
			}
			var e struct{ ID string }
			if json.Unmarshal([]byte(data), &e) == nil && e.ID != "" {
				out <- e.ID
			}
		}
	}()
	return out, func() { resp.Body.Close(); c.close() }
}

// cut is one way of breaking a network.
type cut struct {
	name  string
	hosts int
	sever func(*matchOnLAN) error
	heal  func(*matchOnLAN) error
}

var cuts = []cut{
	{"one of three", 3, func(m *matchOnLAN) error { return m.lan.Cut(2) }, func(m *matchOnLAN) error { return m.lan.Heal(2) }},
	{"three ways", 3, func(m *matchOnLAN) error { return m.lan.Cut(0, 1, 2) }, func(m *matchOnLAN) error { return m.lan.Heal(0, 1, 2) }},
	{"one way", 3, func(m *matchOnLAN) error { return m.lan.CutTo(0, 2) }, func(m *matchOnLAN) error { return m.lan.HealTo(0, 2) }},
}

// While the network is broken every side goes on acknowledging; when it is
// whole again all become equal, and nothing is lost, doubled or invented.
func TestPartitions(t *testing.T) {
	lengths := []time.Duration{5 * time.Second}
	if soak {
		lengths = []time.Duration{5 * time.Second, 15 * time.Second, 60 * time.Second, 300 * time.Second}
	}
	for _, c := range cuts {
		for _, length := range lengths {
			t.Run(fmt.Sprintf("%s for %v", c.name, length), func(t *testing.T) {
				m := newMatchOnLAN(t, c.hosts)
				m.startAll()
				if _, err := m.waitEqual(m.id, 20*time.Second, m.nodesUp()...); err != nil {
					t.Fatal(err)
				}
				ctx, stop := context.WithCancel(context.Background())
				wait := m.write(ctx, 50, m.nodesUp()...)
				time.Sleep(time.Second)
				m.ok(c.sever(m))
				time.Sleep(length)
				stop()
				wait()
				m.ok(c.heal(m))
				took, err := m.waitEqual(m.id, 30*time.Second, m.nodesUp()...)
				if err != nil {
					t.Fatal(err)
				}
				if soak && took > 2*time.Second && length < time.Minute || took > 5*time.Second {
					t.Errorf("equal only after %v", took)
				}
				t.Logf("%d events acknowledged; equal %.2f s after the link was back", len(m.acked), took.Seconds())
				m.nothingLost(false)
			})
		}
	}
}

// A link that comes and goes does not keep anyone from becoming equal.
func TestFlappingLink(t *testing.T) {
	m := newMatchOnLAN(t, 3)
	m.startAll()
	ctx, stop := context.WithCancel(context.Background())
	wait := m.write(ctx, 20, m.nodesUp()...)
	for range 5 {
		m.ok(m.lan.Cut(1))
		time.Sleep(700 * time.Millisecond)
		m.ok(m.lan.Heal(1))
		time.Sleep(700 * time.Millisecond)
	}
	stop()
	wait()
	took, err := m.waitEqual(m.id, 30*time.Second, m.nodesUp()...)
	m.ok(err)
	t.Logf("equal %.2f s after the last flap", took.Seconds())
	m.nothingLost(false)
}

// Clocks hours apart, and all in one group, in the same order everywhere.
func TestWrongClocks(t *testing.T) {
	m := newMatchOnLAN(t, 3)
	for i, offset := range []string{"-3h", "0s", "3h"} {
		m.ok(m.start(i, "--clock-offset", offset))
	}
	ctx, stop := context.WithCancel(context.Background())
	wait := m.write(ctx, 20, 0, 1, 2)
	time.Sleep(2 * time.Second)
	stop()
	wait()
	_, err := m.waitEqual(m.id, 30*time.Second, 0, 1, 2)
	m.ok(err)
	m.nothingLost(false)
}

// kill -9 while writing: what was acknowledged is there, everywhere.
func TestKillWhileWriting(t *testing.T) {
	rounds := 3
	if soak {
		rounds = 20
	}
	m := newMatchOnLAN(t, 3)
	m.startAll()
	for round := range rounds {
		ctx, stop := context.WithCancel(context.Background())
		wait := m.write(ctx, 50, 0, 1, 2)
		time.Sleep(500 * time.Millisecond)
		victims := []int{round % 3}
		if round%2 == 1 {
			victims = []int{0, 1, 2}
		}
		for _, i := range victims {
			m.kill(i)
		}
		stop()
		wait()
		for _, i := range victims {
			m.ok(m.start(i))
		}
		_, err := m.waitEqual(m.id, 30*time.Second, 0, 1, 2)
		m.ok(err)
		m.nothingLost(true) // one under way may have been stored and not answered
	}
}

// A device that comes late, to neighbours that have never met the author.
func TestLateJoiner(t *testing.T) {
	m := newMatchOnLAN(t, 3)
	m.ok(m.start(0))
	m.ok(m.start(1))
	ctx, stop := context.WithCancel(context.Background())
	wait := m.write(ctx, 100, 0)
	time.Sleep(time.Second)
	stop()
	wait()
	_, err := m.waitEqual(m.id, 20*time.Second, 0, 1)
	m.ok(err)
	m.ok(m.stop(0))
	m.ok(m.start(2))
	took, err := m.waitEqual(m.id, 20*time.Second, 1, 2)
	m.ok(err)
	t.Logf("%d events in %.2f s after its start", len(m.acked), took.Seconds())
	m.ok(m.start(0))
	_, err = m.waitEqual(m.id, 20*time.Second, 0, 1, 2)
	m.ok(err)
	m.nothingLost(false)
}
