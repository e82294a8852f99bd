package node_test

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
)

// device is a running node over maps, on loopback TCP.
type device struct {
	*node.Node
	t      testing.TB
	store  crdt.Store
	cancel context.CancelFunc
	done   chan struct{}
	once   sync.Once
}

func newDevice(t testing.TB, change func(*node.Config)) *device {
	t.Helper()
	cfg := node.Config{Store: crdt.NewMemStore(), NoMDNS: true, Listen: []string{"/ip4/127.0.0.1/tcp/0"}}
	if os.Getenv("TOUCHLINE_TEST_LOG") != "" {
		cfg.Log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	if change != nil {
		change(&cfg)
	}
	n, err := node.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	d := &device{Node: n, t: t, store: cfg.Store}
	t.Cleanup(d.stop)
	return d
}

// run takes part in the network and returns when the node is ready.
func (d *device) run() *device {
	ctx, cancel := context.WithCancel(context.Background())
	d.cancel, d.done = cancel, make(chan struct{})
	go func() {
		defer close(d.done)
		if err := d.Run(ctx); err != nil {
			d.t.Errorf("run: %v", err)
		}
	}()
	select {
	case <-d.Ready():
	case <-d.done:
		d.t.Fatal("node did not start")
	}
	return d
}

func (d *device) stop() {
	d.once.Do(func() {
		if d.cancel != nil {
			d.cancel()
			<-d.done
		}
	})
}

func (d *device) found() crdt.LogID {
	d.t.Helper()
	m, err := d.Found(context.Background(), access.PurposeMatch, "test")
	if err != nil {
		d.t.Fatal(err)
	}
	return m.Log
}

func (d *device) invite(id crdt.LogID, role access.Role) *access.Invite {
	d.t.Helper()
	i, err := d.Invite(context.Background(), id, access.Terms{Role: role, Uses: 100})
	if err != nil {
		d.t.Fatal(err)
	}
	return i
}

func (d *device) join(i *access.Invite) {
	d.t.Helper()
	if _, err := d.Join(context.Background(), i, ""); err != nil {
		d.t.Fatal(err)
	}
}

func (d *device) record(id crdt.LogID, typ string) *crdt.Event {
	d.t.Helper()
	r, err := d.Record(context.Background(), id, node.Draft{Content: crdt.Content{Type: typ}})
	if err != nil {
		d.t.Fatal(err)
	}
	return r.Event
}

func (d *device) status(id crdt.LogID) node.Status {
	d.t.Helper()
	s, err := d.Status(id)
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// eventually waits for a condition; what is waited for is bounded, never timed.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not reached: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func equal(t testing.TB, id crdt.LogID, devices ...*device) {
	t.Helper()
	eventually(t, "equal digests", func() bool {
		want := devices[0].status(id).Digest
		for _, d := range devices[1:] {
			if d.status(id).Digest != want {
				return false
			}
		}
		return true
	})
}
