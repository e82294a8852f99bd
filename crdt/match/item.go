package match

import (
	"cmp"
	"math"
)

// itemKey orders what happened in a match: by period, play time and rank, then
// by the log's time and hash, so that every replica walks the same way.
type itemKey struct {
	period uint32
	rank   uint8
	at     int64
	own    *Event
}

func (k itemKey) compare(o itemKey) int {
	if c := cmp.Compare(k.period, o.period); c != 0 {
		return c
	}
	if c := cmp.Compare(k.at, o.at); c != 0 {
		return c
	}
	if c := cmp.Compare(k.rank, o.rank); c != 0 {
		return c
	}
	return k.own.compare(o.own)
}

// item is one thing that happened: a report and those that say the same. Only
// its walk fields change after it was made.
type item struct {
	key     itemKey
	main    *report
	others  []*report // in the order of their authority
	facts   *Facts    // main's, or a copy whose gaps others filled
	counts  bool
	reached *report // the withdrawal of another report of the same thing
	differs []Difference
	marks   []string // flags that do not depend on the rest of the match

	// Set by the walk.
	flags   []string
	refused bool // impossible as told, so not applied
	score   [2]int64
	shown   goalView // what the goal's entry was made with
}

// arena hands out values in pieces: a match has thousands of each.
type arena[T any] struct{ free []T }

// expect makes room for n values in one piece.
func (a *arena[T]) expect(n int) {
	if len(a.free) < n {
		a.free = make([]T, n)
	}
}

// next returns a zero value.
func (a *arena[T]) next() *T {
	if len(a.free) == 0 {
		a.free = make([]T, 32)
	}
	v := &a.free[0]
	a.free = a.free[1:]
	return v
}

func newItem(a *arena[item], r *report) *item {
	it := a.next()
	*it = item{key: r.itemKey(r.now), main: r, facts: r.now}
	it.counts = r.live() && !r.waits
	if r.sameID {
		it.marks = append(it.marks, FlagSameID)
	}
	if r.odd != "" && r.wrong == "" {
		it.marks = append(it.marks, FlagField)
	}
	if flag := r.endWithout(); flag != "" {
		it.mark(flag)
	}
	return it
}

// firstTurns is how many kicks of a shoot-out go by their numbers, before those that
// have none and go by the clock.
const firstTurns = 1000

// itemKey puts what decides about the whole match last when no period is told. The
// facts are what all reports say together.
func (r *report) itemKey(facts *Facts) itemKey {
	period := r.period
	if period == 0 && (r.ev.Type == kindEnd || r.ev.Type == kindRuling) {
		period = PeriodAfter
	}
	at := r.at
	if r.ev.Type == kindPeriodEnd && !r.clocked {
		at = math.MaxInt64 // whenever it was, what is told of the period was before
	}
	if r.ev.Type == kindShootoutKick && period == PeriodShootout {
		if at += firstTurns; facts.N > 0 {
			at = min(facts.N, firstTurns)
		}
	}
	return itemKey{period: period, rank: r.kind.rank, at: at, own: r.ev}
}

// authors counts the different people who say so; who says it of the other side
// does not.
func (it *item) authors() int {
	n := 1
	for i, r := range it.others {
		fresh := r.ev.Author != it.main.ev.Author && r.side == it.main.side
		for _, q := range it.others[:i] {
			fresh = fresh && q.ev.Author != r.ev.Author
		}
		if fresh {
			n++
		}
	}
	return n
}
