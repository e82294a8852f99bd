package node

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/libp2p/go-libp2p/core/peer"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

func startNode(t *testing.T, cfg Config, work allowance) *Node {
	t.Helper()
	cfg.Store, cfg.NoMDNS, cfg.Listen = crdt.NewMemStore(), true, []string{"/ip4/127.0.0.1/tcp/0"}
	n, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	n.work = newBudget(work)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	<-n.Ready()
	return n
}

// A peer that begins exchange after exchange is told to wait, and others are
// served all the while.
func TestPeerThatAsksTooMuchWaits(t *testing.T) {
	n := startNode(t, Config{}, allowance{burst: 20, rate: 0.01, atOnce: 1000})
	m, err := n.Found(context.Background(), access.PurposeMatch, "")
	if err != nil {
		t.Fatal(err)
	}
	invite, err := n.Invite(context.Background(), m.Log, access.Terms{Role: access.Scorer, Uses: 2})
	if err != nil {
		t.Fatal(err)
	}
	hostile := startNode(t, Config{Peers: n.Addrs()}, exchangeWork)
	if _, err := hostile.Join(context.Background(), invite, ""); err != nil {
		t.Fatal(err)
	}
	awaitHolders(t, hostile, m.Log)
	id, err := peer.Decode(n.PeerID())
	if err != nil {
		t.Fatal(err)
	}
	served := 0
	exchange := func() error {
		_, err := hostile.net.Load().exchange(context.Background(), id, becauseAsked)
		return err
	}
	for err = exchange(); err == nil && served < 100; err = exchange() {
		served++
	}
	var busy busyError
	if !errors.As(err, &busy) || busy.after != longestBusy && busy.after < time.Second || served < 5 {
		t.Fatalf("after %d exchanges: %v", served, err)
	}
	honest := startNode(t, Config{Peers: n.Addrs()}, exchangeWork)
	if _, err := honest.Join(context.Background(), invite, ""); err != nil {
		t.Fatal(err)
	}
	awaitHolders(t, honest, m.Log)
}

// awaitHolders waits until a node has proof that another holds the same.
func awaitHolders(t *testing.T, n *Node, log crdt.LogID) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		s, err := n.Status(log)
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("the peer is not served: %+v %v", s, err)
		}
		if s.Holders >= 2 {
			return
		}
	}
}

// What was offered and could not be sent costs more than what was sent.
func TestEmptyPromisesCost(t *testing.T) {
	honest := &exchange{logs: map[uint64]*logExchange{0: {}}}
	honest.report.BytesIn = 400 * 100
	liar := &exchange{logs: map[uint64]*logExchange{0: {gones: 100}}}
	if h, l := honest.cost(), liar.cost(); h > 5 || l < 100*h {
		t.Errorf("a hundred events cost %v, a hundred empty promises %v", h, l)
	}
}

// The plan takes "busy" for what it is: it comes back when it was told to.
func TestPlanWaitsWhenTold(t *testing.T) {
	now := time.Unix(1000, 0)
	p := newSyncPlan(seeded())
	p.connected(now, "p", false)
	if len(p.due(now)) != 1 {
		t.Fatal("nothing due")
	}
	p.finished(now, "p", busyError{30 * time.Second}, false, false)
	if len(p.due(now.Add(29*time.Second))) != 0 || len(p.due(now.Add(31*time.Second))) != 1 {
		t.Error("it does not come back when it was told to")
	}
	for body, want := range map[string]time.Duration{"\x05": 5 * time.Millisecond, "\xff\xff\xff\xff\xff\x01": longestBusy} {
		var busy busyError
		if err := readBusy([]byte(body)); !errors.As(err, &busy) || busy.after != want {
			t.Errorf("%x: %v", body, err)
		}
	}
	if err := readBusy(nil); !errors.Is(err, crdt.ErrMalformed) {
		t.Error(err)
	}
}
