package recon_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

func TestIndexAgainstMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		spread := rapid.SampledFrom([]uint64{1, 100, 1 << 40}).Draw(t, "spread")
		x, model := recon.NewIndex(recon.SipKey{1}), map[recon.Name]bool{}
		removes := rapid.Bool().Draw(t, "removes")
		type moment struct {
			snap *recon.Snapshot
			n    int
		}
		var moments []moment
		for range rapid.IntRange(0, 6000).Draw(t, "n") {
			n := recon.Name{Time: crdt.Time(rnd.Uint64N(spread)), Prefix: [16]byte{byte(rnd.Uint32()), byte(rnd.Uint32())}}
			if x.Insert(n) == model[n] {
				t.Fatal("Insert is wrong about what is new")
			}
			model[n] = true
			if removes && rnd.IntN(3) == 0 {
				gone := n
				for gone = range model { // any
					break
				}
				if !x.Remove(gone) || x.Remove(gone) {
					t.Fatal("Remove is wrong about what is there")
				}
				delete(model, gone)
			}
			if rnd.IntN(500) == 0 {
				moments = append(moments, moment{x.Snapshot(), len(model)})
			}
		}
		for n := range model {
			if !x.Snapshot().Has(n) {
				t.Fatal("name lost")
			}
		}
		if removes {
			for n := range model {
				x.Remove(n)
			}
			if x.Snapshot().Len() != 0 || recon.CheckSnapshot(x.Snapshot()) != nil {
				t.Fatal("not empty when all is removed")
			}
			for n := range model {
				x.Insert(n)
			}
		}
		moments = append(moments, moment{x.Snapshot(), len(model)})
		for _, m := range moments[max(0, len(moments)-3):] {
			if m.snap.Len() != m.n {
				t.Fatalf("snapshot has %d names, had %d", m.snap.Len(), m.n)
			}
			if err := recon.CheckSnapshot(m.snap); err != nil {
				t.Fatal(err)
			}
		}
	})
}
