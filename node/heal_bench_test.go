//go:build unix

package node_test

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"syscall"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/node"
	"touchline.dev/touchline/node/badgerstore"
)

// healed is how many events each side of a partition has that no other has: five
// minutes at 50 a second.
const healed = 15_000

// BenchmarkHeal joins devices that each recorded events of one match while they were
// apart: real hosts over loopback, stores on disk. What is received is counted, so
// that three sides have 3 × 2 × 15,000.
func BenchmarkHeal(b *testing.B) {
	for _, sides := range []int{2, 3} {
		b.Run(fmt.Sprintf("sides=%d", sides), func(b *testing.B) {
			defer debug.SetGCPercent(debug.SetGCPercent(40)) // as touchline node does
			p := diverge(b, sides)
			var wall, cpu time.Duration
			var carried float64
			for b.Loop() {
				b.StopTimer()
				stores := p.stores(b)
				b.StartTimer()
				from, used := time.Now(), processorTime(b)
				devices := join(b, stores)
				equal(b, p.log, devices...)
				wall, cpu = wall+time.Since(from), cpu+processorTime(b)-used
				b.StopTimer()
				for _, d := range devices {
					carried += d.Metrics()["touchline_sync_bytes_in_total"]
					d.stop()
					d.store.Close()
				}
				b.StartTimer()
			}
			received := float64(b.N * sides * (sides - 1) * healed)
			b.ReportMetric(wall.Seconds()/float64(b.N), "s/heal")
			b.ReportMetric(received/wall.Seconds(), "events/s")
			b.ReportMetric(float64(cpu.Microseconds())/received, "cpu-µs/event")
			b.ReportMetric(carried/received, "B/event")
		})
	}
}

// partition is a match whose sides went apart: what all have, and what each has alone.
type partition struct {
	log   crdt.LogID
	sides []side
}

type side struct {
	member []byte // as its store has it
	events []*crdt.Event
}

// diverge records a partition's events on devices that never met.
func diverge(b *testing.B, sides int) (p partition) {
	b.Helper()
	a := newDevice(b, nil)
	p.log = a.found()
	invite := a.invite(p.log, access.Scorer)
	for i := range sides {
		d := a
		if i > 0 {
			d = newDevice(b, nil)
			d.join(invite)
		}
		for range healed {
			d.record(p.log, "goal")
		}
		entries, err := d.store.Since(p.log, 0, healed+100)
		if err != nil {
			b.Fatal(err)
		}
		s := side{}
		if s.member, err = d.store.Meta("member/" + p.log.String()); err != nil {
			b.Fatal(err)
		}
		for _, e := range entries {
			s.events = append(s.events, e.Event)
		}
		p.sides = append(p.sides, s)
	}
	return p
}

// stores are the sides' as they are when the link comes back.
func (p *partition) stores(b *testing.B) (all []crdt.Store) {
	b.Helper()
	ctx := context.Background()
	for _, s := range p.sides {
		st, err := badgerstore.Open(b.TempDir(), badgerstore.Options{Logger: slog.New(slog.DiscardHandler)})
		if err == nil {
			_, err = st.Append(ctx, p.log, s.events...)
		}
		if err == nil {
			err = st.SetMeta(ctx, "member/"+p.log.String(), s.member)
		}
		if err != nil {
			b.Fatal(err)
		}
		all = append(all, st)
	}
	return all
}

// join starts a device for each store, all of them linked.
func join(b *testing.B, stores []crdt.Store) (all []*device) {
	b.Helper()
	for _, st := range stores {
		all = append(all, newDevice(b, func(c *node.Config) {
			c.Store = st
			for _, d := range all {
				c.Peers = append(c.Peers, d.Addrs()...)
			}
		}).run())
	}
	return all
}

// processorTime is what this process has used of all processors.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
