package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"touchline.dev/touchline/crdt/crdttest"
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

// matchOnLAN is a fleet whose devices all record one match.
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
	m := newHosts(t, hosts)
	m.id, m.invite = m.found(0)
	for i := 1; i < hosts; i++ {
		m.must(m.run(context.Background(), i, "join", m.invite))
	}
	return m
}

// newHosts lays out a LAN; its devices follow no match yet.
func newHosts(t *testing.T, hosts int) *matchOnLAN {
	t.Helper()
	if err := lan.Supported(); err != nil {
		crdttest.Lacking(t, "no network namespaces here:", err)
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
	return m
}

// found makes a match on a device and returns it and an invite to record.
func (m *matchOnLAN) found(i int) (id, invite string) {
	m.t.Helper()
	var made struct {
		MatchID string            `json:"matchId"`
		Invites map[string]string `json:"invites"`
	}
	m.ok(json.Unmarshal([]byte(m.must(m.run(context.Background(), i, "match", "new", "--json"))), &made))
	return made.MatchID, made.Invites["record"]
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

func (m *matchOnLAN) nodesUp() []int {
	all := make([]int, len(m.nodes))
	for i := range all {
		all[i] = i
	}
	return all
}

// Three hosts find each other with nothing but the LAN, and what one records
// is committed and shown on the others: soon, as a soak demands, which has the machine
// to itself.
func TestLANDiscoveryAndLatency(t *testing.T) {
	m := newMatchOnLAN(t, 3)
	begin := time.Now()
	m.startAll()
	for {
		up := 0
		for i := range 3 {
			up += m.links(i)
		}
		if up == 6 {
			break
		}
		if time.Since(begin) > time.Minute {
			t.Fatalf("only %d of 6 links after %v", up, time.Since(begin))
		}
		time.Sleep(10 * time.Millisecond)
	}
	met := time.Since(begin)
	t.Logf("all connected %.2f s after start", met.Seconds())
	if soak && met > 2*time.Second {
		t.Errorf("connected only after %v", met)
	}

	events := 100
	if soak {
		events = 1200
	}
	latencies := m.latencies(events, 50*time.Millisecond, []int{0}, 1, 2)
	if len(latencies) != 2*events {
		t.Fatalf("%d of %d shown", len(latencies), 2*events)
	}
	p99 := percentile(latencies, 99)
	t.Logf("recorded to shown elsewhere: p50 %v, p99 %v", percentile(latencies, 50), p99)
	if soak && p99 > 50*time.Millisecond {
		t.Errorf("p99 %v from recorded to shown", p99)
	}
}
