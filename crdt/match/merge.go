package match

import (
	"cmp"
	"slices"
	"strconv"

	"touchline.dev/touchline/crdt"
)

// bucket holds the reports among which those of the same thing are looked for.
type bucket struct {
	rule    *merge
	arena   *arena[item]
	members []*report // by when, then hash
}

// bucketKey is what reports of the same thing have in common.
type bucketKey struct {
	kind   *kind
	side   Side
	period uint32
}

// mergeTime is the time by which reports are compared: play time, or for those
// without, the author's own clock, which is never near a play time.
func (r *report) mergeTime() int64 {
	if r.clocked {
		return r.at
	}
	return r.ev.OwnMs
}

func compareInBucket(a, b *report) int {
	if c := cmp.Compare(a.when, b.when); c != 0 {
		return c
	}
	return a.ev.Hash.Compare(b.ev.Hash)
}

// run is the longest run around member at in which consecutive reports are
// near enough to influence each other: nothing outside it matters to them.
func (b *bucket) run(at int) []*report {
	if b.rule.whole || b.rule.numbered {
		return b.members
	}
	gap := b.rule.separation()
	from, to := at, at+1
	for from > 0 && b.members[from].when-b.members[from-1].when <= gap {
		from--
	}
	for to < len(b.members) && b.members[to].when-b.members[to-1].when <= gap {
		to++
	}
	return b.members[from:to]
}

// insert adds r and returns its run.
func (b *bucket) insert(r *report) []*report {
	r.in, r.when = b, r.mergeTime()
	at, _ := slices.BinarySearchFunc(b.members, r, compareInBucket)
	b.members = slices.Insert(b.members, at, r)
	return b.run(at)
}

// remove takes r out.
func (b *bucket) remove(r *report) {
	at := b.find(r)
	b.members = slices.Delete(b.members, at, at+1)
	r.in = nil
}

func (b *bucket) find(r *report) int {
	at, _ := slices.BinarySearchFunc(b.members, r, compareInBucket)
	return at
}

// pairsEach bounds how many earlier reports one is compared with, so that a
// flood costs what it weighs and no more.
const pairsEach = 32

// pair is two reports of a run that may be of the same thing.
type pair struct {
	cost int64
	i, j int
}

// pairs lists them, the likeliest first.
func (m *merge) pairs(run []*report) (out []pair) {
	for j, b := range run {
		for i := j - 1; i >= 0 && i >= j-pairsEach && b.when-run[i].when <= m.window; i-- {
			if cost, ok := m.cost(run[i], b); ok {
				out = append(out, pair{cost, i, j})
			}
		}
	}
	if m.numbered {
		out = m.pairsByNumber(run, out)
	}
	slices.SortFunc(out, func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.i, b.i), cmp.Compare(a.j, b.j))
	})
	return out
}

// clusters groups a run of reports into things that happened. Pairs are joined
// nearest first, so that a report goes to the goal it is closest to and not to
// the first within reach.
func (m *merge) clusters(run []*report) [][]*report {
	if len(run) == 1 || m.whole {
		return [][]*report{slices.Clone(run)}
	}
	groups := make([][]*report, len(run))
	for i := range run {
		groups[i] = run[i : i+1 : i+1]
	}
	pairs := m.pairs(run)
	if len(pairs) == 0 {
		return groups
	}
	in := make([]int, len(run)) // the group of each report
	for i := range in {
		in[i] = i
	}
	for _, p := range pairs {
		a, b := in[p.i], in[p.j]
		if a == b || !m.joinable(groups[a], groups[b]) {
			continue
		}
		groups[a] = append(groups[a], groups[b]...)
		groups[b] = nil
		for k := range in {
			if in[k] == b {
				in[k] = a
			}
		}
	}
	return slices.DeleteFunc(groups, func(g []*report) bool { return g == nil })
}

// cost is how unlikely it is that two reports are of the same thing; ok is
// false if they cannot be.
func (m *merge) cost(a, b *report) (cost int64, ok bool) {
	if a.separate || b.separate || !m.same(a.now, b.now) {
		return 0, false
	}
	cost = b.when - a.when
	if a.side != b.side && (cost > m.cross || eachCounted(a, b)) {
		return 0, false
	}
	if a.ev.Author == b.ev.Author && !m.anyone {
		return cost, cost <= m.tap && m.tap > 0 && a.clocked == b.clocked && !m.contradict(a, b)
	}
	if a.confirmed != nil && b.confirmed != nil {
		return 0, false // somebody says that both are real
	}
	if slices.Contains(a.about, b) || slices.Contains(b.about, a) {
		return 0, false // told in knowledge of the other, so another one
	}
	if m.numbered && a.now.N != 0 && a.now.N == b.now.N {
		cost = 0
	}
	if x, y := a.now.ScoreAfter, b.now.ScoreAfter; m.near > 0 && len(x) == 2 && len(y) == 2 && !slices.Equal(x, y) {
		if cost > m.near && oneMore(x, y, a.side) {
			return 0, false
		}
		cost += m.near // whoever missed a goal counts one less ever after
	}
	if !samePlayer(a.now, b.now) || m.contradict(a, b) {
		cost += m.window / 2
	}
	return cost, true
}

// contradict reports whether only different people can mean one thing by both.
func (m *merge) contradict(a, b *report) bool { return m.apart != nil && m.apart(a, b) }

// eachCounted reports whether of two goals for either side one was counted on
// top of the other.
func eachCounted(a, b *report) bool {
	x, y := a.now.ScoreAfter, b.now.ScoreAfter
	return len(x) == 2 && len(y) == 2 && (oneMore(x, y, b.side) || oneMore(y, x, a.side))
}

// oneMore reports whether y is the score after x and a goal for side.
func oneMore(x, y []int64, side Side) bool {
	i := side.index()
	return y[i] == x[i]+1 && y[1-i] == x[1-i]
}

// joinable reports whether two groups may be one thing: nobody saw both as
// different things, and they do not stretch too far.
func (m *merge) joinable(a, b []*report) bool {
	x, y := m.number(a), m.number(b)
	if x != 0 && y != 0 && x != y {
		return false
	}
	low, high := a[0].when, a[0].when
	for _, group := range [2][]*report{a, b} {
		for _, r := range group {
			low, high = min(low, r.when), max(high, r.when)
		}
	}
	if high-low > m.window*4/3 && x == 0 && y == 0 {
		return false
	}
	if m.anyone {
		return true
	}
	for _, x := range a {
		for _, y := range b {
			gap := x.when - y.when
			if x.ev.Author == y.ev.Author && (max(gap, -gap) > m.tap || m.contradict(x, y)) {
				return false
			}
			if x.confirmed != nil && y.confirmed != nil {
				return false
			}
		}
	}
	return true
}

// rank orders the reports of one thing: the first speaks, the others fill gaps.
func (m *merge) rank(a, b *report) int {
	if a.waits != b.waits {
		if a.waits {
			return 1
		}
		return -1
	}
	switch {
	case m.latest:
		return cmp.Or(cmp.Compare(a.ev.Role, b.ev.Role), b.place.compare(a.place))
	case m.whole:
		return cmp.Or(cmp.Compare(a.ev.Role, b.ev.Role), a.place.compare(b.place))
	}
	if c := cmp.Compare(a.vouched(), b.vouched()); c != 0 {
		return c
	}
	if (a.confirmed == nil) != (b.confirmed == nil) {
		if a.confirmed == nil {
			return 1
		}
		return -1
	}
	if c := cmp.Compare(a.when, b.when); c != 0 {
		return c
	}
	return a.ev.Hash.Compare(b.ev.Hash)
}

// vouched is the rank of the report's author, or of who confirmed it.
func (r *report) vouched() Role {
	if r.confirmed == nil {
		return r.ev.Role
	}
	return min(r.ev.Role, r.confirmed.ev.Role)
}

// itemsOf makes the items of one run of reports.
func (b *bucket) itemsOf(run []*report) []*item {
	if len(run) == 1 {
		return []*item{newItem(b.arena, run[0])}
	}
	var live, gone []*report
	for _, r := range run {
		if r.live() {
			live = append(live, r)
		} else {
			gone = append(gone, r)
		}
	}
	var out []*item
	if len(live) > 0 {
		for _, group := range b.rule.clusters(live) {
			out = append(out, b.rule.item(group, b.arena))
		}
	}
	for _, r := range gone {
		out = append(out, newItem(b.arena, r))
	}
	if b.rule.wide > 0 {
		b.rule.flagPerhapsSame(out)
		reachWithdrawals(b.rule, out)
	}
	return out
}

func (m *merge) item(group []*report, a *arena[item]) *item {
	if len(group) == 1 {
		return newItem(a, group[0])
	}
	slices.SortFunc(group, m.rank)
	it := newItem(a, group[0])
	it.others = group[1:]
	tapped := false
	for i, r := range it.others {
		for _, q := range group[:i+1] {
			tapped = tapped || q.ev.Author == r.ev.Author
		}
		if r.waits && !it.main.waits {
			continue // what is late changes nothing
		}
		it.fill(r)
	}
	if m.numbered {
		it.key = it.main.itemKey(it.facts)
	}
	if tapped && m.tap > 0 {
		it.marks = append(it.marks, FlagDoubleTap)
	}
	if slices.ContainsFunc(it.differs, func(d Difference) bool { return !it.settles(d.Field) }) {
		it.marks = append(it.marks, FlagConflict)
	}
	return it
}

// settles reports whether somebody confirmed what the item says of a field: that
// it was this and not what another report says.
func (it *item) settles(field string) bool {
	return (field == "colour" || field == "team" || field == "scored") && it.main.confirmed != nil
}

// fill takes from r what the item does not know yet, and notes what differs.
func (it *item) fill(r *report) {
	if r.side != it.main.side { // its players are not this team's
		it.differs = append(it.differs, Difference{Field: "team", Says: string(r.side), By: r.ev.Author, Hash: r.ev.Hash})
		return
	}
	if it.facts == it.main.now {
		own := *it.main.now
		it.facts = &own
	}
	for _, p := range []struct {
		name string
		to   *string
		from string
	}{
		{"player", &it.facts.Player, r.now.Player},
		{"assist", &it.facts.Assist, r.now.Assist},
		{"how", &it.facts.How, r.now.How},
	} {
		switch {
		case *p.to == "" || p.name == "how" && *p.to == "unknown":
			*p.to = p.from
		case p.from != "" && p.from != *p.to && p.name != "how":
			it.differs = append(it.differs, Difference{Field: p.name, Says: p.from, By: r.ev.Author, Hash: r.ev.Hash})
		}
	}
	if it.main.ev.Type == kindCard && it.facts.Colour != r.now.Colour {
		it.differs = append(it.differs, Difference{Field: "colour", Says: r.now.Colour, By: r.ev.Author, Hash: r.ev.Hash})
	}
	if it.main.ev.Type == kindShootoutKick {
		it.facts.N = cmp.Or(it.facts.N, r.now.N)
		if it.facts.Scored != r.now.Scored {
			it.differs = append(it.differs, Difference{Field: "scored", Says: strconv.FormatBool(r.now.Scored), By: r.ev.Author, Hash: r.ev.Hash})
		}
	}
	if it.main.ev.Type == kindLineup && !sameSet(it.facts.Lineup.On, r.now.Lineup.On) {
		it.differs = append(it.differs, Difference{Field: "on", By: r.ev.Author, Hash: r.ev.Hash})
	}
}

// flagPerhapsSame marks pairs of things that nobody saw both of and that are
// near: they may be one.
func (m *merge) flagPerhapsSame(items []*item) {
	for i, a := range items {
		for _, b := range items[:i] {
			gap := a.main.when - b.main.when
			if a.counts && b.counts && a.main.side == b.main.side && max(gap, -gap) <= m.wide && !sharedAuthor(a, b) {
				a.mark(FlagPerhapsSame)
				b.mark(FlagPerhapsSame)
			}
		}
	}
}

// reachWithdrawals carries a withdrawal by somebody in authority over to what
// others had reported of the same thing before it: whoever withdraws a goal
// sees one goal, not its reports.
func reachWithdrawals(m *merge, items []*item) {
	for _, w := range items {
		by := w.main.withdrawn
		if by == nil || !w.main.reach || !w.main.stands() {
			continue
		}
		var best *item
		bestGap := m.window + 1
		for _, it := range items {
			gap := it.main.when - w.main.when
			gap = max(gap, -gap)
			if !it.counts || it.main.side != w.main.side || gap > m.window || !m.same(it.main.now, w.main.now) {
				continue
			}
			if !it.allBefore(by) || it.main.confirmed != nil && it.main.confirmed.place.compare(by.place) > 0 {
				it.mark(FlagAgain)
				continue
			}
			if gap < bestGap || gap == bestGap && best != nil && it.key.compare(best.key) < 0 {
				best, bestGap = it, gap
			}
		}
		if best != nil {
			best.counts, best.reached = false, by
		}
	}
}

func (it *item) allBefore(by *report) bool {
	for _, r := range append([]*report{it.main}, it.others...) {
		if r.place.compare(by.place) > 0 {
			return false
		}
	}
	return true
}

func (it *item) mark(flag string) {
	if !contains(it.marks, flag) {
		it.marks = append(it.marks, flag)
	}
}

func sharedAuthor(a, b *item) bool {
	return a.toldBy(b.main.ev.Author) || slices.ContainsFunc(b.others, func(r *report) bool { return a.toldBy(r.ev.Author) })
}

func (it *item) toldBy(author crdt.Key) bool {
	return it.main.ev.Author == author || slices.ContainsFunc(it.others, func(r *report) bool { return r.ev.Author == author })
}
