package node

import "touchline.dev/touchline/crdt"

// findID returns the author's event with the given ID, or nil. For a client, which
// has no key of its own, an event of anybody's with the ID will do.
func (r *replica) findID(own ownID, client bool) (*crdt.Event, error) {
	keys := r.keys.Load()
	h, ok, err := r.ids.get(own, client, r.node.store.ID(), func(after crdt.Arrival, add func(ownID, crdt.Hash)) (crdt.Arrival, error) {
		return r.eachEntryAfter(after, func(e *crdt.Event) {
			if e.Set != crdt.Events {
				return
			}
			if c, err := keys.Open(e); err == nil {
				add(ownID{e.Author, c.ID}, e.Hash)
			}
		})
	})
	if err != nil || !ok {
		return nil, err
	}
	return r.log.Event(h)
}

func (r *replica) eachEvent(f func(*crdt.Event)) error {
	return r.eachEntry(func(e *crdt.Event) {
		if e.Set == crdt.Events {
			f(e)
		}
	})
}

// eachEntry calls f for all events of all sets that have their bytes, in this
// store's order of arrival.
func (r *replica) eachEntry(f func(*crdt.Event)) error {
	_, err := r.eachEntryAfter(0, f)
	return err
}

// eachEntryAfter is eachEntry behind a place. It returns the last place.
func (r *replica) eachEntryAfter(after crdt.Arrival, f func(*crdt.Event)) (crdt.Arrival, error) {
	for {
		entries, err := r.log.Since(after, 1000)
		if err != nil || len(entries) == 0 {
			return after, err
		}
		for _, en := range entries {
			after = en.Arrival
			if en.Event != nil {
				f(en.Event)
			}
		}
	}
}
