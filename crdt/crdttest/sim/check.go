package sim

import (
	"fmt"

	"touchline.dev/touchline/crdt"
)

// converge lets everybody exchange around a ring, twice: then all must hold
// everything, if each exchange makes its two sides equal.
func (sim *Simulation) converge(reconcile Reconciler) error {
	sim.heal()
	for round := range 2 {
		for i, r := range sim.replicas {
			next := sim.replicas[(i+1)%len(sim.replicas)]
			if err := reconcile(r, next, func() bool { return false }); err != nil {
				return fmt.Errorf("round %d, replicas %d and %d: %w", round, r.ID, next.ID, err)
			}
			if equal, err := sameDigest(r, next); err != nil || !equal {
				return fmt.Errorf("round %d, replicas %d and %d differ after an exchange (%v)", round, r.ID, next.ID, err)
			}
		}
	}
	return nil
}

func sameDigest(a, b *Replica) (bool, error) {
	da, _, err := a.Log.Digest()
	if err != nil {
		return false, err
	}
	db, _, err := b.Log.Digest()
	return da == db, err
}

// check demands that every replica holds exactly what was written and is not
// erased or purged.
func (sim *Simulation) check() error {
	for _, r := range sim.replicas {
		held := map[crdt.Hash]bool{}
		for _, set := range crdt.Sets {
			err := r.Store.Elements(sim.log, set, crdt.Element{}, func(e crdt.Element) bool {
				held[e.Hash] = true
				return true
			})
			if err != nil {
				return err
			}
		}
		for h := range sim.written {
			if !held[h] && !sim.barred.has(sim.events[h]) {
				return fmt.Errorf("replica %d lost event %s", r.ID, h.Short())
			}
		}
		for h := range held {
			if sim.barred.has(sim.events[h]) {
				return fmt.Errorf("replica %d still holds %s, which is erased", r.ID, h.Short())
			}
			if !sim.written[h] {
				return fmt.Errorf("replica %d holds %s, which nobody wrote", r.ID, h.Short())
			}
		}
		for h := range r.acked {
			if !held[h] && !sim.barred.has(sim.events[h]) {
				return fmt.Errorf("replica %d acknowledged %s and lost it", r.ID, h.Short())
			}
		}
	}
	return nil
}
