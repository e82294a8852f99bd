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
// badger alone and beside a bare append and fsync, in the same run.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			n := max(b.N, 64*writers)
			ours := perSecond(writers, n, appender(b, n+writers))
			alone := perSecond(writers, min(n, 8000), badgerAlone(b))
			bare := perSecond(1, min(n, 3000), bareFsync(b))
			b.ReportMetric(ours, "events/s")
			b.ReportMetric(alone, "badger-alone/s")
			b.ReportMetric(bare, "bare-fsync/s")
			b.ReportMetric(ours/alone, "x-badger-alone")
			b.ReportMetric(bare/ours, "bare-fsyncs-per-event")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// perSecond calls f(i) for i < n from many goroutines.
func perSecond(writers, n int, f func(int)) float64 {
	var next atomic.Int64
	var wg sync.WaitGroup
	start := time.Now()
	for range writers {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				f(i)
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(start).Seconds()
}

func appender(b *testing.B, n int) func(int) {
	s := open(b, b.TempDir(), badgerstore.Options{})
	f := crdttest.NewEvents(b, 1)
	events := make([]*crdt.Event, n)
	for i := range events {
		events[i] = f.Event(crdt.Events, 200)
	}
	append1(b, s, events[n-1:])
	return func(i int) {
		if _, err := s.Append(ctx, f.Log, events[i]); err != nil {
			b.Error(err)
		}
	}
}

func badgerAlone(b *testing.B) func(int) {
	db, err := badger.Open(badger.DefaultOptions(b.TempDir()).WithSyncWrites(true).WithLogger(nil))
	check(b, err)
	b.Cleanup(func() { db.Close() })
	value := make([]byte, 512)
	return func(i int) {
		check(b, db.Update(func(txn *badger.Txn) error { return txn.Set(fmt.Appendf(nil, "%032d", i), value) }))
	}
}

func bareFsync(b *testing.B) func(int) {
	f, err := os.Create(filepath.Join(b.TempDir(), "log"))
	check(b, err)
	b.Cleanup(func() { f.Close() })
	value := make([]byte, 512)
	return func(int) {
		f.Write(value)
		check(b, f.Sync())
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
