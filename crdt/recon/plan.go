package recon

import "touchline.dev/touchline/crdt"

const (
	firstRung   = 16
	firstCells  = 48
	listCost    = 42        // tenths of a byte to list one element
	sketchCost  = 9*15 + 30 // tenths of a byte to sketch one difference and ask for it
	sketchSpare = 8         // cells on top of one and a half a difference
)

// makeLadder cuts the log into ranges of 16, 32, 64 ... names of its largest
// set, newest first, and fingerprints all three sets in each.
func makeLadder(v *view, k *SipKey) *ladder {
	m := &ladder{}
	var upper *Name
	for _, bound := range rungBounds(v.largest()) {
		r := span{to: upper}
		if bound > 0 {
			r.from = &Name{Time: bound}
		}
		a := v.aggregate(r)
		m.rungs = append(m.rungs, rung{bound: bound, print: a.print(k), tug: a.tugBytes()})
		upper = r.from
	}
	return m
}

// rungBounds returns the lower ends of the rungs, descending, the last 0.
// Where many names share a time, rungs are larger.
func rungBounds(s *Snapshot) (bounds []crdt.Time) {
	last := ^crdt.Time(0)
	for size, rank := firstRung, s.Len()-firstRung; rank > 0 && len(bounds) < maxRungs-1; {
		if t := s.at(rank).Time; t > 0 && t < last {
			bounds = append(bounds, t)
			last = t
		}
		size *= 2
		rank -= size
	}
	return append(bounds, 0)
}

// plan is how the answerer of a ladder goes about the ranges that differ.
type plan struct {
	dense  []span // to be listed, newest first
	sparse int    // estimated differences in the rest
}

// differs reports whether any range differs at all.
func (p *plan) differs() bool { return len(p.dense) > 0 || p.sparse > 0 }

// makePlan compares a ladder with v.
func makePlan(v *view, k *SipKey, m *ladder) (p plan) {
	var upper *Name
	adjacent := false
	for _, g := range m.rungs {
		r := span{to: upper}
		if g.bound > 0 {
			r.from = &Name{Time: g.bound}
		}
		a := v.aggregate(r)
		upper = r.from
		d := distance(a.tugBytes(), g.tug)
		dense := false
		switch {
		case a.print(k) == g.print:
		case int(a.count)*listCost > d*sketchCost:
			p.sparse += d
		case adjacent:
			p.dense[len(p.dense)-1].from = r.from
			dense = true
		default:
			p.dense = append(p.dense, r)
			dense = true
		}
		adjacent = dense
	}
	return p
}

// sketchCells is how many cells are sent for an estimated difference.
func sketchCells(d int) int { return d + (d+1)/2 + sketchSpare }

// splitSpan cuts a span so that no part holds more than maxList items, newest
// part first, and gives each part's items.
func splitSpan(v *view, r span) (parts []span, items [][]Item) {
	all := v.items(r)
	sortByName(all)
	for len(all) > maxList {
		cut := len(all) - maxList
		for cut < len(all) && all[cut].Name == all[cut-1].Name {
			cut++ // the same name in two sets stays together
		}
		at := all[cut].Name
		parts, items = append(parts, span{&at, r.to}), append(items, all[cut:])
		r.to, all = &at, all[:cut]
	}
	return append(parts, r), append(items, all)
}
