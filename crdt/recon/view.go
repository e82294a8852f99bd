package recon

import "touchline.dev/touchline/crdt"

// view is the three sets of a log as one: ranges cut through all of them, and
// sums and sketches add up, because each set's index has its own key.
type view [crdt.NumSets]*Snapshot

// span is a range of names, from (inclusive) to (exclusive); nil is open.
type span struct{ from, to *Name }

func (r span) has(n *Name) bool {
	return (r.from == nil || n.Compare(*r.from) >= 0) && (r.to == nil || n.Compare(*r.to) < 0)
}

func (v *view) aggregate(r span) (total aggregate) {
	for _, s := range v {
		upper := s.below(r.to)
		total.add(&upper)
		if r.from != nil {
			lower := s.below(r.from)
			total.sub(&lower)
		}
	}
	return total
}

func (v *view) items(r span) (items []Item) {
	for set, s := range v {
		s.each(r.from, r.to, func(n *Name) { items = append(items, Item{crdt.Set(set), *n}) })
	}
	return items
}

// sketch returns the first n cells over everything outside the given spans.
func (v *view) sketch(n int, without []span) sketch {
	out := make(sketch, n)
	for _, s := range v {
		s.addTo(out, 1)
		for _, r := range without {
			s.each(r.from, r.to, func(n *Name) { out.add(symbolOf(s.sum(n)), -1) })
		}
	}
	return out
}

// find returns the items whose sketch IDs are asked for (distinct), and whether
// all were found. It is one pass over four bytes a name; few names are hashed.
func (v *view) find(ids []uint64) (items []Item, all bool) {
	if len(ids) == 0 {
		return nil, true
	}
	var maybe idFilter
	found := make(map[uint64]bool, len(ids))
	for _, id := range ids {
		maybe.add(uint32(id))
		found[id] = false
	}
	for set, s := range v {
		s.eachMaybe(&maybe, func(n *Name) {
			id := symbolOf(s.sum(n)).id()
			if _, asked := found[id]; asked {
				found[id] = true
				items = append(items, Item{crdt.Set(set), *n})
			}
		})
	}
	for _, ok := range found {
		if !ok {
			return items, false
		}
	}
	return items, true
}

// largest returns the longest of the three snapshots.
func (v *view) largest() *Snapshot {
	best := v[0]
	for _, s := range v[1:] {
		if s.Len() > best.Len() {
			best = s
		}
	}
	return best
}
