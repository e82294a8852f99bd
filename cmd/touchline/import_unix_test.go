//go:build unix

package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"syscall"
	"testing"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
	"touchline.dev/touchline/node/badgerstore"
)

const imported100k = 100_000

// BenchmarkImport imports a file of 100,000 events into an empty store, on one
// processor and on two.
func BenchmarkImport(b *testing.B) {
	archive, invite := exported(b, imported100k)
	for _, cores := range []int{1, 2} {
		b.Run(fmt.Sprintf("cores=%d", cores), func(b *testing.B) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			var wall, cpu time.Duration
			for b.Loop() {
				b.StopTimer()
				store, err := badgerstore.Open(b.TempDir(), badgerstore.Options{Logger: slog.New(slog.DiscardHandler)})
				ok(b, err)
				n, err := node.New(node.Config{Store: store})
				ok(b, err)
				_, err = n.Join(context.Background(), invite, "")
				ok(b, err)
				b.StartTimer()
				from, used := time.Now(), processorTime(b)
				report, err := bridge.ImportArchive(context.Background(), bytes.NewReader(archive), &backend{node: n, store: store})
				wall, cpu = wall+time.Since(from), cpu+processorTime(b)-used
				if err != nil || !report.OK() || report.New < imported100k {
					b.Fatalf("%+v, %v", report, err)
				}
				b.StopTimer()
				ok(b, store.Close())
				b.StartTimer()
			}
			b.ReportMetric(float64(b.N*imported100k)/wall.Seconds(), "events/s")
			b.ReportMetric(cpu.Seconds()/wall.Seconds(), "cpu-s/s")
			b.ReportMetric(float64(cpu.Microseconds())/float64(b.N*imported100k), "cpu-µs/event")
		})
	}
}

// exported is a file with so many events of a match, and an invite to it.
func exported(b *testing.B, events int) ([]byte, *access.Invite) {
	store := crdt.NewMemStore()
	n, err := node.New(node.Config{Store: store})
	ok(b, err)
	m, err := n.Found(context.Background(), access.PurposeMatch, "imported")
	ok(b, err)
	invite, err := n.Invite(context.Background(), m.Log, access.Terms{Role: access.Scorer, Uses: 1000})
	ok(b, err)
	for range events {
		_, err := n.Record(context.Background(), m.Log, benchDraft())
		ok(b, err)
	}
	log, err := n.Log(m.Log)
	ok(b, err)
	var out bytes.Buffer
	ok(b, bridge.WriteArchive(&out, log))
	return out.Bytes(), invite
}

// processorTime is what this process has used of all processors.
func processorTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	ok(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
