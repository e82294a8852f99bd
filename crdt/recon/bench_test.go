package recon_test

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// benchPair is common elements in order and two-sided differences, all in the
// events set. newest is the share younger than all that is common, in percent.
func benchPair(seed uint64, n, onlyA, onlyB, newest int) (a, b *replica) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	a, b = newReplica(), newReplica()
	a.nodigest, b.nodigest = true, true
	const base = 1_700_000_000_000
	for i := range n {
		e := crdt.Element{Time: crdt.MakeTime(uint64(base+i*1000), 0), Hash: randomHash(rnd)}
		a.add(crdt.Events, e)
		b.add(crdt.Events, e)
	}
	only := func(r *replica, count int) {
		for i := range count {
			ms := uint64(base + rnd.IntN(n)*1000 + 1)
			if i*100 < count*newest {
				ms = base + uint64(n)*1000 + rnd.Uint64N(1_000_000)
			}
			r.add(crdt.Events, crdt.Element{Time: crdt.MakeTime(ms, 0), Hash: randomHash(rnd)})
		}
	}
	only(a, onlyA)
	only(b, onlyB)
	return a, b
}

// BenchmarkSession answers: how many bytes and one-way flights until both
// sides know what to send, how long one side takes (by the wall clock, so a
// busy machine shows) once its index is
// there, and how that compares with sending all 16-byte IDs.
func BenchmarkSession(b *testing.B) {
	for _, c := range []struct {
		name            string
		n, a, b, newest int
		sync            bool
	}{
		{"met/100k/d1000", 100_000, 500, 500, 0, true},
		{"met/100k/one_silent_d1000", 100_000, 0, 1000, 0, true},
		{"cold/100k/d1000/newest", 100_000, 500, 500, 100, false},
		{"cold/100k/d1200/newest", 100_000, 600, 600, 100, false}, // 600 ends just into a rung: the unlucky case
		{"cold/100k/d1000/mixed", 100_000, 500, 500, 95, false},
		{"cold/100k/d1000/uniform", 100_000, 500, 500, 0, false},
		{"cold/100k/d20/uniform", 100_000, 10, 10, 0, false},
		{"match/2000/missing100/newest", 1900, 100, 0, 100, false},
		{"match/2000/missing100/mixed", 1900, 100, 0, 95, false},
		{"match/2000/missing100/uniform", 1900, 100, 0, 0, false},
	} {
		b.Run(c.name, func(b *testing.B) { benchSession(b, c.n, c.a, c.b, c.newest, c.sync) })
	}
}

func benchSession(b *testing.B, n, onlyA, onlyB, newest int, met bool) {
	const seeds = 8
	var pairs [seeds][2]*replica
	for i := range pairs {
		x, y := benchPair(uint64(i), n, onlyA, onlyB, newest)
		if met {
			meet(x, y)
		}
		pairs[i] = [2]*replica{x, y}
		x.session(recon.Initiator, key(0)) // takes the snapshots
		y.session(recon.Responder, key(0))
	}
	bytes, flights, worst, runs := 0, 0, 0, 0
	var spent time.Duration
	for b.Loop() {
		p := pairs[runs%seeds]
		sa, sb := p[0].session(recon.Initiator, key(uint64(runs))), p[1].session(recon.Responder, key(uint64(runs)))
		began := time.Now()
		x := run(sa, sb, nil)
		spent += time.Since(began)
		if x.err != nil {
			b.Fatal(x.err)
		}
		if got := len(x.sends[0]) + len(x.sends[1]); got != onlyA+onlyB {
			b.Fatalf("found %d of %d", got, onlyA+onlyB)
		}
		bytes, flights, worst, runs = bytes+x.bytes, flights+x.flights, max(worst, x.bytes), runs+1
	}
	mean := float64(bytes) / float64(runs)
	b.ReportMetric(mean, "bytes")
	b.ReportMetric(float64(worst), "worst_bytes")
	b.ReportMetric(float64(flights)/float64(runs), "flights")
	b.ReportMetric(mean/float64(onlyA+onlyB), "B/diff")
	b.ReportMetric(float64(16*n)/mean, "x-fewer-than-all-IDs")
	b.ReportMetric(float64(spent.Microseconds())/float64(2*runs), "wall_us/side")
}

// meet gives both replicas a sync point before their differences.
func meet(x, y *replica) {
	x.sync = &recon.SyncPoint{OwnArrival: 1, PeerArrival: 2}
	y.sync = &recon.SyncPoint{OwnArrival: 2, PeerArrival: 1}
	for e := range x.sets[crdt.Events] {
		if !y.sets[crdt.Events][e] {
			x.sync.Since[crdt.Events] = append(x.sync.Since[crdt.Events], recon.NameOf(e))
		}
	}
	for e := range y.sets[crdt.Events] {
		if !x.sets[crdt.Events][e] {
			y.sync.Since[crdt.Events] = append(y.sync.Since[crdt.Events], recon.NameOf(e))
		}
	}
}

func BenchmarkIndexAppend(b *testing.B) {
	const n = 100_000
	rnd := rand.New(rand.NewPCG(1, 1))
	names := make([]recon.Name, n)
	for i := range names {
		names[i] = recon.NameOf(crdt.Element{Time: crdt.Time(i << 16), Hash: randomHash(rnd)})
	}
	var x *recon.Index
	for b.Loop() {
		x = recon.NewIndex(recon.SipKey{1})
		for _, n := range names {
			x.Insert(n)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/insert")
	var with, without runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&with)
	runtime.KeepAlive(x)
	x = nil
	runtime.GC()
	runtime.ReadMemStats(&without)
	b.ReportMetric(float64(with.HeapAlloc-without.HeapAlloc)/n, "heap_B/name")
}
