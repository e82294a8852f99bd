package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/crdt/crdttest/sim"
)

func (a *app) simCommand() *cobra.Command {
	var seeds, seed uint64
	var replicas int
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "Simulate many devices under loss, partitions, crashes and forks",
		Long: `Plays seeded scenarios in memory: devices write, messages are lost, doubled and
overtake each other, networks split, clocks are hours off, devices crash, a key
writes two events at one place. In the end all must be equal, with nothing lost
and nothing invented. A failure names its seed; --seed plays it again.`,
		Example: `  touchline sim                     100 scenarios of up to 50 devices
  touchline sim --replicas 1000 --seeds 5
  touchline sim --seed 17`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if replicas < 2 || seeds < 1 {
				return usagef("--replicas must be at least 2, and --seeds at least 1")
			}
			first, last := uint64(1), seeds
			if seed != 0 {
				first, last = seed, seed
			}
			start := time.Now()
			for n := first; n <= last; n++ {
				if err := cmd.Context().Err(); err != nil {
					return errors.New("interrupted")
				}
				s := sim.RandomScenario(n, replicas)
				if err := sim.Run(s, sim.Exchange); err != nil {
					return fmt.Errorf("seed %d: %w; play it again with --seed %d --replicas %d", n, err, n, replicas)
				}
			}
			if a.json {
				return a.printJSON(map[string]any{"scenarios": last - first + 1, "seconds": time.Since(start).Seconds()})
			}
			fmt.Fprintf(a.out, "%d scenarios of up to %d devices in %.1f s: all ended equal, nothing lost, nothing invented\n",
				last-first+1, replicas, time.Since(start).Seconds())
			return nil
		},
	}
	f := cmd.Flags()
	f.Uint64Var(&seeds, "seeds", 100, "`how many` scenarios")
	f.Uint64Var(&seed, "seed", 0, "play only the scenario with this `seed`")
	f.IntVar(&replicas, "replicas", 50, "most `devices` in a scenario")
	return cmd
}
