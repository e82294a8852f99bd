package recon_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

var errNotDone = errors.New("a side is not done")

// pair builds two replicas with n common elements and the given numbers that
// only one of them has. newest is the part of these, in percent, that is
// younger than all that is common.
func pair(rnd *rand.Rand, n, onlyA, onlyB, newest int) (a, b *replica) {
	a, b = newReplica(), newReplica()
	fill(rnd, a, b, n, onlyA, onlyB, newest)
	return a, b
}

func fill(rnd *rand.Rand, a, b *replica, n, onlyA, onlyB, newest int) {
	const base = 1_700_000_000_000
	place := func(i int, fresh bool) crdt.Element {
		ms := uint64(base + i*1000)
		if fresh {
			ms = base + uint64(n)*1000 + rnd.Uint64N(1_000_000)
		}
		return crdt.Element{Time: crdt.MakeTime(ms, 0), Hash: randomHash(rnd)}
	}
	set := func() crdt.Set { return []crdt.Set{0, 1, 1, 1, 1, 1, 1, 1, 1, 2}[rnd.IntN(10)] }
	for i := range n {
		e, s := place(i, false), set()
		a.add(s, e)
		b.add(s, e)
	}
	only := func(r *replica, count int) {
		for range count {
			r.add(set(), place(rnd.IntN(max(n, 1)), rnd.IntN(100) < newest))
		}
	}
	only(a, onlyA)
	only(b, onlyB)
}

func converged(a, b *replica) bool { return a.digests() == b.digests() }

func TestSessionTable(t *testing.T) {
	for _, c := range []struct {
		name            string
		n, a, b, newest int
		flights         int // at most
	}{
		{"empty", 0, 0, 0, 0, 2},
		{"equal", 500, 0, 0, 0, 2},
		{"nothing here", 0, 0, 300, 0, 4},
		{"nothing there", 0, 300, 0, 0, 4},
		{"one new", 1000, 1, 0, 100, 2},
		{"few anywhere", 1000, 9, 9, 0, 3},
		{"newest", 1000, 100, 100, 100, 3},
		{"uniform", 2000, 100, 100, 0, 6},
		{"disjoint", 0, 700, 800, 50, 4},
		{"large uniform", 6000, 400, 400, 0, 6},
		{"one-sided", 6000, 0, 900, 0, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(1, 2))
			a, b := pair(rnd, c.n, c.a, c.b, c.newest)
			equal := converged(a, b)
			x := reconcile(t, a, b, 1)
			if x.equal != [2]bool{equal, equal} {
				t.Errorf("equal %v, want %v", x.equal, equal)
			}
			if x.flights > c.flights {
				t.Errorf("%d flights, want at most %d", x.flights, c.flights)
			}
			deliver(&x, a, b)
			if !converged(a, b) {
				t.Error("did not converge")
			}
			t.Logf("%d bytes, %d flights", x.bytes, x.flights)
		})
	}
}

// checkConverge reconciles until digests agree and checks that no session
// sends what the other has or sends anything twice.
func checkConverge(t *rapid.T, a, b *replica, seed uint64) {
	for round := uint64(0); ; round++ {
		if round > 3 {
			t.Fatal("not equal after three sessions")
		}
		sa, sb := a.session(recon.Initiator, key(seed+round)), b.session(recon.Responder, key(seed+round))
		x := run(sa, sb, nil)
		if x.err != nil {
			t.Fatal(x.err)
		}
		if x.equal[0] != x.equal[1] || x.equal[0] != converged(a, b) {
			t.Fatalf("claims %v, truth %v", x.equal, converged(a, b))
		}
		if x.equal[0] {
			return
		}
		noRepeats(t, &x)
		deliver(&x, a, b)
		if round > 0 {
			a.level, b.level = recon.LevelFull, recon.LevelFull
		}
	}
}

func noRepeats(t *rapid.T, x *exchange) {
	seen := map[recon.Item]bool{}
	for _, items := range x.sends {
		for _, it := range items {
			if seen[it] {
				t.Fatalf("%v sent twice", it)
			}
			seen[it] = true
		}
	}
}

func drawPair(t *rapid.T) (a, b *replica, seed uint64) {
	seed = rapid.Uint64().Draw(t, "seed")
	size := rapid.SampledFrom([]int{0, 1, 20, 300, 1500})
	diff := rapid.SampledFrom([]int{0, 1, 5, 40, 400})
	rnd := rand.New(rand.NewPCG(seed, 0))
	a, b = newReplica(), newReplica()
	newest := rapid.IntRange(0, 100).Draw(t, "newest")
	fill(rnd, a, b, size.Draw(t, "common"), diff.Draw(t, "a"), diff.Draw(t, "b"), newest)
	return a, b, seed
}

func TestConvergence(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, seed := drawPair(t)
		if rapid.Bool().Draw(t, "full") {
			a.level = recon.LevelFull
		}
		checkConverge(t, a, b, seed)
	})
}

func TestLossThenNewSession(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, seed := drawPair(t)
		rnd := rand.New(rand.NewPCG(seed, 9))
		for round := range uint64(3) {
			sa, sb := a.session(recon.Initiator, key(round)), b.session(recon.Responder, key(round))
			x := run(sa, sb, func() bool { return rnd.IntN(3) == 0 })
			deliver(&x, a, b)
		}
		checkConverge(t, a, b, seed)
	})
}

func TestManyAtOneTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		rnd := rand.New(rand.NewPCG(seed, 0))
		a, b := newReplica(), newReplica()
		times := rapid.SampledFrom([]uint64{1, 2, 5}).Draw(t, "times")
		for range rapid.IntRange(0, 3000).Draw(t, "n") {
			e := crdt.Element{Time: crdt.Time(rnd.Uint64N(times)), Hash: randomHash(rnd)}
			side := rnd.IntN(10)
			if side != 0 {
				a.add(crdt.Events, e)
			}
			if side != 1 {
				b.add(crdt.Events, e)
			}
		}
		checkConverge(t, a, b, seed)
	})
}

func syncPair(rnd *rand.Rand, n, onlyA, onlyB, newest int) (a, b *replica) {
	a, b = newReplica(), newReplica()
	fill(rnd, a, b, n, 0, 0, 0)
	before := [2]*replica{newReplica(), newReplica()}
	for i, r := range []*replica{a, b} {
		for set := range r.sets {
			for e := range r.sets[set] {
				before[i].sets[set][e] = true
			}
		}
	}
	fillOnly(rnd, a, n, onlyA, newest)
	fillOnly(rnd, b, n, onlyB, newest)
	a.sync = &recon.SyncPoint{Own: crdt.StoreID{1}, Peer: crdt.StoreID{2}, OwnArrival: 7, PeerArrival: 9}
	b.sync = &recon.SyncPoint{Own: crdt.StoreID{2}, Peer: crdt.StoreID{1}, OwnArrival: 9, PeerArrival: 7}
	for i, r := range []*replica{a, b} {
		for set := range r.sets {
			for e := range r.sets[set] {
				if !before[i].sets[set][e] {
					r.sync.Since[set] = append(r.sync.Since[set], recon.NameOf(e))
				}
			}
		}
	}
	return a, b
}

func fillOnly(rnd *rand.Rand, r *replica, n, count, newest int) {
	other := newReplica()
	other.nodigest = true
	fill(rnd, r, other, 0, 0, 0, 0)
	for range count {
		ms := uint64(1_700_000_000_000) + uint64(rnd.IntN(max(n, 1)))*1000 + 1
		if rnd.IntN(100) < newest {
			ms += uint64(n) * 1000
		}
		r.add(crdt.Events, crdt.Element{Time: crdt.MakeTime(ms, 0), Hash: randomHash(rnd)})
	}
}

func TestSyncPoint(t *testing.T) {
	for _, c := range []struct {
		name    string
		a, b    int
		spoil   func(a, b *replica)
		flights int
	}{
		{"agreed", 100, 100, nil, 2},
		{"one silent", 0, 100, nil, 2},
		{"restored store", 50, 50, func(a, b *replica) { b.sync.Own = crdt.StoreID{9} }, 6},
		{"forgotten there", 50, 50, func(a, b *replica) { b.sync = nil }, 6},
		{"forgotten here", 50, 50, func(a, b *replica) { a.sync = nil }, 5},
		{"full there", 50, 50, func(a, b *replica) { b.level = recon.LevelFull }, 8},
		{"full here", 50, 50, func(a, b *replica) { a.level = recon.LevelFull }, 8},
		{"full both", 50, 50, func(a, b *replica) { a.level, b.level = recon.LevelFull, recon.LevelFull }, 8},
		{"full there, new here", 50, 50, func(a, b *replica) { a.sync, b.level = nil, recon.LevelFull }, 8},
		{"too long ago", 2500, 0, nil, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, b := syncPair(rand.New(rand.NewPCG(3, 4)), 3000, c.a, c.b, 0)
			if c.spoil != nil {
				c.spoil(a, b)
			}
			x := reconcile(t, a, b, 5)
			if x.flights > c.flights {
				t.Errorf("%d flights", x.flights)
			}
			deliver(&x, a, b)
			if !converged(a, b) {
				t.Error("did not converge")
			}
			t.Logf("%d bytes, %d flights", x.bytes, x.flights)
		})
	}
}

func TestGotLowersMissing(t *testing.T) {
	for _, level := range []recon.Level{recon.LevelAuto, recon.LevelFull} {
		a, b := pair(rand.New(rand.NewPCG(5, 6)), 2000, 60, 60, 30)
		a.level = level
		sa, sb := a.session(recon.Initiator, key(1)), b.session(recon.Responder, key(1))
		x := run(sa, sb, nil)
		if x.err != nil || x.missing[0]+x.missing[1] == 0 {
			t.Fatalf("%v, missing %v", x.err, x.missing)
		}
		for _, it := range x.sends[0] {
			sb.Got(it)
		}
		for _, it := range x.sends[1] {
			sa.Got(it)
		}
		if sa.Missing()+sb.Missing() != 0 {
			t.Errorf("level %d: still missing %d and %d", level, sa.Missing(), sb.Missing())
		}
	}
}

// TestCollisionsAreHealed gives all elements few keyed sums, so that ranges
// look equal and sketches lie; only digests and the full listing help.
func TestCollisionsAreHealed(t *testing.T) {
	for _, values := range []uint64{1, 2, 64} {
		rnd := rand.New(rand.NewPCG(7, values))
		a, b := newReplica(), newReplica()
		for _, r := range []*replica{a, b} {
			for i := range r.index {
				r.index[i] = recon.NewIndexWithSum(func(n *recon.Name) uint64 { return uint64(n.Prefix[0]) % values << 40 })
			}
		}
		fill(rnd, a, b, 1000, 50, 50, 0)
		x := reconcile(t, a, b, 1)
		if x.equal != [2]bool{} {
			t.Fatal("claimed equality")
		}
		deliver(&x, a, b)
		a.level = recon.LevelFull
		x = reconcile(t, a, b, 2)
		deliver(&x, a, b)
		if !converged(a, b) {
			t.Errorf("%d sums: not healed", values)
		}
		x = reconcile(t, a, b, 3)
		if x.equal != [2]bool{true, true} {
			t.Error("equality not noticed")
		}
	}
}

func TestSharedNameSendsBoth(t *testing.T) {
	a, b := newReplica(), newReplica()
	e := crdt.Element{Time: 5, Hash: crdt.Hash{1}}
	twin := e
	twin.Hash[31] = 9
	a.add(crdt.Events, e)
	b.add(crdt.Events, twin)
	x := reconcile(t, a, b, 1) // names agree: only the full listing sees it
	deliver(&x, a, b)
	if !converged(a, b) {
		t.Error("twins were not exchanged")
	}
}
