package sim

import (
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// barred is what erasures and purges took out of the sets for ever.
type barred struct {
	hashes  map[crdt.Hash]bool
	names   map[access.RecordName]bool
	writers map[crdt.Hash]bool // by their grant
	except  map[crdt.Hash]bool // of what those writers wrote
}

func newBarred() barred {
	return barred{map[crdt.Hash]bool{}, map[access.RecordName]bool{}, map[crdt.Hash]bool{}, map[crdt.Hash]bool{}}
}

func (b *barred) has(e *crdt.Event) bool {
	switch {
	case e == nil || e.Set == crdt.Control:
		return false
	case b.hashes[e.Hash], b.writers[e.Grant] && !b.except[e.Hash]:
		return true
	}
	return e.Set == crdt.Records && b.names[access.NameOfRecord(e)]
}

// erase lets the founder erase one record, whether it has reached him or not,
// and a writer sign its ciphertext anew some time later.
func (sim *Simulation) erase() error {
	record := sim.anyWritten(crdt.Records)
	if record == nil {
		return nil
	}
	name := access.NameOfRecord(record)
	sim.barred.names[name] = true
	sim.at(sim.later(sim.Span/4), func() error { return sim.rewrap(record) })
	return sim.rule(access.NewErasure([]access.RecordName{name}))
}

// purge lets the founder purge one event, or what one writer wrote but one event.
func (sim *Simulation) purge() error {
	e := sim.anyWritten(crdt.Events)
	if e == nil {
		return nil
	}
	founder := sim.replicas[0]
	if sim.random.IntN(3) > 0 || e.Grant == founder.Member.Grant || len(sim.barred.writers) > 0 {
		sim.barred.hashes[e.Hash] = true
		return sim.rule(access.NewPurge([]crdt.Hash{e.Hash}, crdt.Hash{}, nil))
	}
	sim.barred.writers[e.Grant], sim.barred.except[e.Hash] = true, true
	return sim.rule(access.NewPurge(nil, e.Grant, []crdt.Hash{e.Hash}))
}

// rule lets the founder sign a control event.
func (sim *Simulation) rule(content []byte) error {
	founder := sim.replicas[0]
	e, err := founder.Member.SignControl(founder.clock, crdt.NewChain(), content)
	if err != nil {
		return err
	}
	if err := sim.commit(founder, e); err != nil {
		return err
	}
	sim.gossip(founder, e, 0)
	return nil
}

// rewrap lets a writer sign the ciphertext of a record under another key.
func (sim *Simulation) rewrap(record *crdt.Event) error {
	payload := append(make([]byte, crdt.RecordKeySize), record.Payload[crdt.RecordKeySize:]...)
	for i := range payload[:8] {
		payload[i] = byte(sim.random.Uint32())
	}
	r := sim.writer()
	e, err := sim.sign(r, crdt.Records, payload)
	if err != nil {
		return err
	}
	if err := sim.commit(r, e); err != nil {
		return err
	}
	r.chain.Advance(e)
	sim.gossip(r, e, 0)
	return nil
}

// anyWritten picks an event of a set, or nil.
func (sim *Simulation) anyWritten(set crdt.Set) *crdt.Event {
	var all []*crdt.Event
	for _, e := range sim.made {
		if e.Set == set {
			all = append(all, e)
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[sim.random.IntN(len(all))]
}
