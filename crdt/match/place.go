package match

import "slices"

// rebuild makes everything that follows from the set.
func (f *Folder) rebuild() {
	f.stale = false
	f.corrected, f.end, f.ruling, f.someLate = nil, nil, nil, false
	f.metas, f.teamSides = nil, nil
	putInOrder(f.reports)
	for _, r := range f.reports {
		r.late, r.held, r.in, r.it, r.from = false, false, nil, nil, NoSide
		r.reset()
		if r.kind.meta {
			f.metas = append(f.metas, r)
		}
	}
	f.settleSetup()
	for _, r := range f.reports {
		r.from = f.sideOf(r.ev.Team)
		r.reset()
	}
	f.resolve()
	f.chooseRuling()
	f.sortOut()
	f.checks, f.walked = nil, 0
	f.tail = f.kickOff()
	f.walkFrom(0)
}

// settleSetup reads the setup. Setups may be corrected and late like anything
// else; since they belong to no team, this needs no setup.
func (f *Folder) settleSetup() {
	if len(f.special[kindSetup]) > 0 {
		f.resolve()
	}
	f.arrange()
}

// chooseRuling takes the organiser's last word.
func (f *Folder) chooseRuling() {
	f.ruling = nil
	for _, r := range f.special[kindRuling] {
		if r.live() && r.ev.Role == Organiser && (f.ruling == nil || r.place.compare(f.ruling.place) > 0) {
			f.ruling = r
		}
	}
}

// sortOut groups all reports into items, in order.
func (f *Folder) sortOut() {
	f.buckets = map[bucketKey]*bucket{}
	f.items = make([]*item, 0, len(f.reports))
	f.arena.expect(len(f.reports) - len(f.metas))
	for _, r := range f.reports {
		if r.kind.meta {
			continue
		}
		if r.kind.merge == nil {
			f.claim(f.single(r))
			continue
		}
		b := f.bucketOf(r)
		b.members = append(b.members, r)
		r.in, r.when = b, r.mergeTime()
	}
	for _, b := range f.buckets {
		slices.SortFunc(b.members, compareInBucket)
		for at := 0; at < len(b.members); {
			run := b.run(at)
			for _, it := range b.itemsOf(run) {
				f.claim(it)
			}
			at += len(run)
		}
	}
	for _, r := range f.reports { // mostly in order already, which sorting likes
		if r.it != nil && r.it.main == r {
			f.items = append(f.items, r.it)
		}
	}
	slices.SortFunc(f.items, func(a, b *item) int { return a.key.compare(b.key) })
	f.timeline, f.lent = make([]*Entry, len(f.items)), 0
	f.entries.expect(len(f.items))
	f.goalItems = f.goalItems[:0]
	for _, it := range f.items {
		f.noteGoal(it)
	}
}

// single is the item of a report that nothing merges with.
func (f *Folder) single(r *report) *item {
	it := newItem(&f.arena, r)
	if r.ev.Type == kindEnd && r != f.end || r.ev.Type == kindRuling && r != f.ruling {
		it.counts = false
	}
	return it
}

func (f *Folder) bucketOf(r *report) *bucket {
	k := bucketKey{r.kind, r.side, r.period}
	if r.kind.merge.cross > 0 {
		k.side = NoSide // both sides'
	}
	b := f.buckets[k]
	if b == nil {
		b = &bucket{rule: r.kind.merge, arena: &f.arena}
		f.buckets[k] = b
	}
	return b
}

// claim makes it the item of its reports.
func (f *Folder) claim(it *item) {
	it.main.it = it
	for _, r := range it.others {
		r.it = it
	}
}

func (f *Folder) noteGoal(it *item) {
	if it.main.ev.Type == kindGoal {
		f.goalItems = append(f.goalItems, it)
	}
}

// find is the place of an item, or where it belongs.
func (f *Folder) find(it *item) (int, bool) {
	return slices.BinarySearchFunc(f.items, it.key, func(o *item, k itemKey) int { return o.key.compare(k) })
}

// kickOff is the walk before the first item.
func (f *Folder) kickOff() walker {
	w := walker{setup: &f.setup}
	for i := range w.teams {
		w.teams[i].names, w.teams[i].keeper = f.rosters[i], -1
	}
	return w
}

// place brings new or changed reports into their items and walks on from the
// first item that moved.
func (f *Folder) place(reports []*report) {
	from := len(f.items)
	for _, r := range reports {
		from = min(from, f.placeOne(r))
	}
	f.walkFrom(from)
}

// placeOne returns the place from which items changed.
func (f *Folder) placeOne(r *report) int {
	from := len(f.items)
	if r.kind.merge == nil {
		if r.it != nil {
			from = f.drop(r.it, from)
		}
		return min(from, f.insert(f.single(r)))
	}
	if b := r.in; b != nil {
		run := slices.Clone(b.run(b.find(r)))
		from = f.dropAll(run, from)
		b.remove(r)
		for _, q := range run {
			if q != r && q.it == nil {
				from = min(from, f.regroup(b.run(b.find(q)), b))
			}
		}
	}
	b := f.bucketOf(r)
	run := b.insert(r)
	from = f.dropAll(run, from)
	return min(from, f.regroup(run, b))
}

// regroup makes the items of a run, whose members have none.
func (f *Folder) regroup(run []*report, b *bucket) int {
	from := len(f.items)
	for _, it := range b.itemsOf(run) {
		from = min(from, f.insert(it))
	}
	return from
}

func (f *Folder) dropAll(run []*report, from int) int {
	for _, r := range run {
		if r.it != nil {
			from = f.drop(r.it, from)
		}
	}
	return from
}

func (f *Folder) drop(it *item, from int) int {
	it.main.it = nil
	for _, r := range it.others {
		r.it = nil
	}
	at, found := f.find(it)
	if found {
		f.items = slices.Delete(f.items, at, at+1)
		f.takeBack(at)
		f.timeline = slices.Delete(f.timeline, at, at+1)
		f.goalItems = slices.DeleteFunc(f.goalItems, func(g *item) bool { return g == it })
	}
	return min(from, at)
}

// takeBack copies the timeline before its entries from at on change, if a State
// holds them: what only grows at the end need not be copied for every State.
func (f *Folder) takeBack(at int) {
	if at < f.lent {
		f.timeline, f.lent = slices.Clone(f.timeline), 0
	}
}

func (f *Folder) insert(it *item) int {
	f.claim(it)
	at, _ := f.find(it)
	f.items = slices.Insert(f.items, at, it)
	f.takeBack(at)
	f.timeline = slices.Insert(f.timeline, at, nil)
	f.noteGoal(it)
	return at
}

// correctAgain settles all corrections after one arrived and moves what they
// touch or touched.
func (f *Folder) correctAgain() {
	before := slices.Clone(f.corrected)
	end := f.end
	f.resolve()
	if f.end != end || touchesAll(before) || touchesAll(f.corrected) {
		f.stale = true
		return
	}
	f.chooseRuling()
	for _, r := range f.corrected {
		if !slices.Contains(before, r) {
			before = append(before, r)
		}
	}
	f.place(slices.DeleteFunc(before, func(r *report) bool { return r.kind.meta }))
}

// touchesAll reports whether one of the reports decides about all others.
func touchesAll(reports []*report) bool {
	return slices.ContainsFunc(reports, func(r *report) bool { return r.kind.whole })
}

// walkFrom walks again from the item at the given place, or from the nearest
// checkpoint before it.
func (f *Folder) walkFrom(from int) {
	if from < f.walked {
		for len(f.checks) > 0 && f.checks[len(f.checks)-1].at > from {
			f.checks = f.checks[:len(f.checks)-1]
		}
		f.walked, f.tail = 0, f.kickOff()
		if n := len(f.checks); n > 0 {
			f.walked, f.tail = f.checks[n-1].at, f.checks[n-1].w.clone()
		}
	}
	w := &f.tail
	for ; f.walked < len(f.items); f.walked++ {
		if f.walked%checkEvery == 0 && f.walked > 0 && (len(f.checks) == 0 || f.checks[len(f.checks)-1].at < f.walked) {
			f.checks = append(f.checks, checkpoint{f.walked, w.clone()})
		}
		it := f.items[f.walked]
		flags, refused := it.flags, it.refused
		w.step(it)
		if f.timeline[f.walked] == nil || refused != it.refused || !slices.Equal(flags, it.flags) {
			f.takeBack(f.walked)
			f.timeline[f.walked] = f.entries.next()
			f.fillEntry(f.timeline[f.walked], it)
			it.shown = goalView{}
		}
	}
}
