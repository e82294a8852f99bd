package badgerstore_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
)

// BenchmarkAppend measures one event an append, by many writers, beside
// badger alone and beside a bare append and fsync of the same bytes. The three
// take short turns, so that a disk busy with other work slows them all.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			f := crdttest.NewEvents(b, 1)
			ours := &contender{writers: writers, save: appender(b, f)}
			alone := &contender{writers: writers, save: badgerAlone(b)}
			bare := &contender{writers: 1, save: bareFsync(b)}
			turn(f, 64, ours, alone, bare) // makes files, not measured
			for _, c := range []*contender{ours, alone, bare} {
				c.saved, c.took = 0, 0
			}
			for b.Loop() {
				turn(f, max(100, 8*writers), ours)
				turn(f, max(100, 2*writers), alone)
				turn(f, 100, bare)
			}
			b.ReportMetric(ours.perSecond(), "events/s")
			b.ReportMetric(ours.perSecond()/alone.perSecond(), "x-badger-alone")
			b.ReportMetric(bare.perSecond()/ours.perSecond(), "x-time-of-append+fsync")
			b.ReportMetric(bare.perSecond()/alone.perSecond(), "badger-alone-x-append+fsync")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// contender is one way to save events durably.
type contender struct {
	writers int
	save    func(*crdt.Event)
	saved   int
	took    time.Duration
}

func (c *contender) perSecond() float64 { return float64(c.saved) / c.took.Seconds() }

// turn lets contenders save n events each, one after the other.
func turn(f *crdttest.Events, n int, contenders ...*contender) {
	for _, c := range contenders {
		events := make([]*crdt.Event, n)
		for i := range events {
			events[i] = f.Recorded(200)
		}
		var next atomic.Int64
		var wg sync.WaitGroup
		start := time.Now()
		for range c.writers {
			wg.Go(func() {
				for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
					c.save(events[i])
				}
			})
		}
		wg.Wait()
		c.saved, c.took = c.saved+n, c.took+time.Since(start)
	}
}

func appender(b *testing.B, f *crdttest.Events) func(*crdt.Event) {
	s := open(b, b.TempDir(), badgerstore.Options{})
	return func(e *crdt.Event) {
		if _, err := s.Append(ctx, f.Log, e); err != nil {
			b.Error(err)
		}
	}
}

func badgerAlone(b *testing.B) func(*crdt.Event) {
	db, err := badger.Open(badger.DefaultOptions(b.TempDir()).WithSyncWrites(true).WithLogger(nil))
	check(b, err)
	b.Cleanup(func() { db.Close() })
	return func(e *crdt.Event) {
		if err := db.Update(func(txn *badger.Txn) error { return txn.Set(e.Hash[:], e.Envelope()) }); err != nil {
			b.Error(err)
		}
	}
}

func bareFsync(b *testing.B) func(*crdt.Event) {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	check(b, err)
	b.Cleanup(func() { f.Close() })
	return func(e *crdt.Event) {
		if _, err := f.Write(e.Envelope()); err != nil {
			b.Error(err)
		}
		if err := f.Sync(); err != nil {
			b.Error(err)
		}
	}
}

// openGoalKB is the goal for resident memory of an idle store.
const openGoalKB = 80 << 10

// TestOpenMillions opens a store of 2,000,000 events in 4,000 logs.
func TestOpenMillions(t *testing.T) {
	logs, each := 4000, 500
	if os.Getenv(soakEnv) == "" {
		logs = 100
	}
	dir := t.TempDir()
	build(t, dir, logs, each)
	cmd := child(dir, 0)
	cmd.Env = append(cmd.Env, openEnv+"=1")
	out, err := cmd.CombinedOutput()
	check(t, err)
	var took time.Duration
	var rss int
	if _, err := fmt.Sscanf(strings.TrimSpace(string(out)), "%d %d", &took, &rss); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	t.Logf("%d events: opened in %v, %d MB resident", logs*each, took.Round(time.Millisecond), rss>>10)
	if took > 3*time.Second || rss > openGoalKB {
		t.Fatal("goals: 3 s, 80 MB")
	}
}

func build(t *testing.T, dir string, logs, each int) {
	t.Helper()
	s := open(t, dir, badgerstore.Options{})
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := w; i < logs; i += 4 {
				f := crdttest.NewEvents(t, uint64(i))
				events := make([]*crdt.Event, each)
				for j := range events {
					events[j] = f.Event(crdt.Events, 200)
				}
				append1(t, s, events)
			}
		})
	}
	wg.Wait()
	check(t, s.Close())
}

// openAndReport prints how long opening took and the resident kilobytes after.
func openAndReport(dir string) {
	start := time.Now()
	s, err := badgerstore.Open(dir, badgerstore.Options{Logger: quiet})
	if err != nil || s.Doubted() {
		fmt.Println("error", err)
		os.Exit(1)
	}
	took := time.Since(start)
	rss := 0
	// Idle: what opening and a compaction took is given back within a minute.
	for range 60 {
		time.Sleep(time.Second)
		b, _ := os.ReadFile("/proc/self/status")
		if _, after, ok := strings.Cut(string(b), "VmRSS:"); ok {
			fmt.Sscan(after, &rss)
		}
		if rss <= openGoalKB {
			break
		}
	}
	s.Close()
	fmt.Println(int64(took), rss)
}
