package node_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node"
	"touchline.dev/touchline/node/badgerstore"
)

const (
	clubEnv    = "TOUCHLINE_TEST_CLUB"
	clubGoalKB = 80 << 10
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(clubEnv); dir != "" {
		runClub(dir)
		return
	}
	os.Exit(crdttest.RunLeavingNothing(m))
}

// clubReport is what the process of a club's node says of itself.
type clubReport struct {
	Ready   time.Duration
	RSS     int // kilobytes
	Members int
	Err     string
}

// A club's device is a member of the matches of ten seasons: 2,000,000 events.
// Its node is up within 3 s and takes at most 80 MB when idle, with the indexes
// of all live matches in memory.
func TestClub(t *testing.T) {
	soak := os.Getenv("TOUCHLINE_SOAK") != ""
	matches, each := 4000, 500
	if !soak {
		matches, each = 250, 20
	}
	dir := t.TempDir()
	fillClub(t, dir, matches, each)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), clubEnv+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	var rep clubReport
	if err == nil {
		err = json.Unmarshal(out, &rep)
	}
	if err != nil || rep.Err != "" || rep.Members != matches {
		t.Fatalf("%v %q %+v", err, out, rep)
	}
	t.Logf("%d events in %d matches: ready in %v, %d MB resident", matches*each, matches, rep.Ready.Round(time.Millisecond), rep.RSS>>10)
	// Figures are for the soak: the race detector alone takes more memory.
	if soak && (rep.Ready > 3*time.Second || rep.RSS > clubGoalKB) {
		t.Error("goals: 3 s, 80 MB")
	}
}

// fillClub writes memberships and events as a device would have, but for the
// signatures' owners: the store trusts its caller.
func fillClub(t *testing.T, dir string, matches, each int) {
	t.Helper()
	st, err := badgerstore.Open(dir, badgerstore.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := w; i < matches && !t.Failed(); i += 4 {
				if err := fillMatch(st, each); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
}

func fillMatch(st crdt.Store, each int) error {
	ctx := context.Background()
	clock := crdt.NewClock(nil)
	m, founding, err := access.Found(clock, access.PurposeMatch)
	if err != nil {
		return err
	}
	events := []*crdt.Event{founding}
	chain, key := crdt.NewChain(), m.Key()
	payload, err := crdt.Pad(make([]byte, 200))
	if err != nil {
		return err
	}
	for range each {
		h := crdt.Header{Set: crdt.Events, Log: m.Log, Grant: m.Grant}
		h.Time, h.OwnMs = clock.Now()
		chain.Place(&h)
		e, err := crdt.Sign(key, h, payload)
		if err != nil {
			return err
		}
		chain.Advance(e)
		events = append(events, e)
	}
	if _, err := st.Append(ctx, m.Log, events...); err != nil {
		return err
	}
	return st.SetMeta(ctx, "member/"+m.Log.String(), m.Encode())
}

// runClub is the process that is measured.
func runClub(dir string) {
	rep, err := measureClub(dir)
	if err != nil {
		rep.Err = err.Error()
	}
	b, _ := json.Marshal(rep)
	fmt.Println(string(b))
}

func measureClub(dir string) (rep clubReport, err error) {
	debug.SetGCPercent(40) // as touchline node does
	quiet := slog.New(slog.DiscardHandler)
	start := time.Now()
	st, err := badgerstore.Open(dir, badgerstore.Options{Logger: quiet})
	if err != nil {
		return rep, err
	}
	defer st.Close()
	n, err := node.New(node.Config{Store: st, NoMDNS: true, Listen: []string{"/ip4/127.0.0.1/tcp/0"}})
	if err != nil {
		return rep, err
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	select {
	case <-n.Ready():
	case err := <-done:
		stop()
		return rep, fmt.Errorf("not up: %w", err)
	}
	rep.Ready, rep.Members = time.Since(start), len(n.Members())
	err = n.IndexLive()
	// Idle: what starting took is given back within a minute.
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(time.Second) {
		if rep.RSS = residentKB(); rep.RSS <= clubGoalKB || time.Now().After(deadline) {
			break
		}
	}
	stop()
	if e := <-done; err == nil {
		err = e
	}
	return rep, err
}

func residentKB() (kb int) {
	b, _ := os.ReadFile("/proc/self/status")
	if _, after, ok := strings.Cut(string(b), "VmRSS:"); ok {
		fmt.Sscan(after, &kb)
	}
	return kb
}
