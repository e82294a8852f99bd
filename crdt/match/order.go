package match

import "slices"

// place is where an event is in the log's order (rule R11), which is
// topological over references with ties by (time, hash). An event that
// references one with a later time is held back to that time and follows it;
// after is how many such steps lie between.
type place struct {
	held  *Event
	after int
	own   *Event
}

func (p place) compare(o place) int {
	if c := p.held.compare(o.held); c != 0 {
		return c
	}
	if p.after != o.after {
		return p.after - o.after
	}
	return p.own.compare(o.own)
}

func placeOf(e *Event) place { return place{held: e, own: e} }

// follow moves p after q, which it references.
func (p *place) follow(q place) {
	switch c := q.held.compare(p.held); {
	case c > 0:
		p.held, p.after = q.held, q.after+1
	case c == 0:
		p.after = max(p.after, q.after+1)
	}
}

// putInOrder gives every report its place. Only those with references need
// more than their own time. In a cycle, which only forged hashes can make, the
// smallest by (time, hash) goes first.
func putInOrder(reports []*report) {
	var waiting []*report
	for _, r := range reports {
		r.place = placeOf(r.ev)
		if len(r.about) > 0 {
			waiting = append(waiting, r)
		}
	}
	if len(waiting) == 0 {
		return
	}
	slices.SortFunc(waiting, func(a, b *report) int { return a.place.own.compare(b.place.own) })
	unplaced := make(map[*report]bool, len(waiting))
	for _, r := range waiting {
		unplaced[r] = true
	}
	for len(waiting) > 0 {
		rest := waiting[:0:0]
		for _, r := range waiting {
			if slices.ContainsFunc(r.about, func(q *report) bool { return unplaced[q] }) {
				rest = append(rest, r)
				continue
			}
			for _, q := range r.about {
				r.place.follow(q.place)
			}
			delete(unplaced, r)
		}
		if len(rest) == len(waiting) { // a cycle
			delete(unplaced, rest[0])
			rest = rest[1:]
		}
		waiting = rest
	}
}
