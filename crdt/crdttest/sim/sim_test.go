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
	replicas = flag.Int("replicas", 24, "most replicas of a scenario; 1,000 when 100 seeds or more are played")
)

// Replicas under loss, repeats, overtaking, partitions, crashes, wrong clocks
// and forks lose nothing, invent nothing, and end equal. A failure names its
// seed and how to play it again.
func TestSim(t *testing.T) {
	if *seed != 0 {
		play(t, *seed)
		return
	}
	var next, played, all atomic.Uint64
	var g sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		g.Go(func() {
			for n := next.Add(1); n <= uint64(*seeds) && !t.Failed(); n = next.Add(1) {
				all.Add(uint64(play(t, n)))
				played.Add(1)
			}
		})
	}
	g.Wait()
	t.Logf("%d scenarios of %d replicas together", played.Load(), all.Load())
}

// play returns how many replicas took part.
func play(t *testing.T, seed uint64) int {
	most := *replicas
	if *seeds >= 100 {
		most = 1000
	}
	s := sim.RandomScenario(seed, most)
	if most == 1000 && seed%250 == 0 {
		s.Replicas = most
	}
	if err := sim.Run(s, sim.Exchange); err != nil {
		t.Errorf("seed %d (%+v): %v; play it again with -run TestSim -seed %d -seeds %d", seed, s, err, seed, *seeds)
	}
	return s.Replicas
}
