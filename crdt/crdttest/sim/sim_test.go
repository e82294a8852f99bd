package sim_test

import (
	"flag"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"touchline.dev/touchline/crdt/crdttest/sim"
)

var (
	seeds    = flag.Int("seeds", 60, "how many scenarios TestSim plays")
	seed     = flag.Uint64("seed", 0, "play only the scenario with this seed")
	replicas = flag.Int("replicas", 24, "most replicas of a scenario; every 250th seed takes 1,000 when 100 seeds or more are played")
)

// Replicas under loss, repeats, overtaking, partitions, crashes, wrong clocks
// and forks lose nothing, invent nothing, and end equal. A failure names its
// seed: go test -run TestSim -seed N.
func TestSim(t *testing.T) {
	if *seed != 0 {
		play(t, *seed)
		return
	}
	var next, played atomic.Uint64
	var g sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() {
			for n := next.Add(1); n <= uint64(*seeds) && !t.Failed(); n = next.Add(1) {
				play(t, n)
				played.Add(1)
			}
		})
	}
	g.Wait()
	t.Logf("%d scenarios", played.Load())
}

func play(t *testing.T, seed uint64) {
	s := sim.RandomScenario(seed, *replicas)
	if *seeds >= 100 && seed%250 == 0 {
		s.Replicas, s.Events = 1000, 20
	}
	if err := sim.Run(s, sim.Exchange); err != nil {
		t.Errorf("seed %d (%+v): %v", seed, s, err)
	}
}
