package bridge

import (
	"math"
	"strings"
	"time"

	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

// followed is what the log of a followed match makes of it in a competition.
type followed struct {
	group, tie string
	result     table.Result
	kickoff    int64 // milliseconds since 1970 by the author's clock; 0: not told
}

// once leaves each match of a table with one result where it is followed and known from
// elsewhere, too. A match is told by its group and its teams, home first; where these two
// meet more than once, by the nearest date. A ruling stands; else the log counts as soon
// as it is final, or nothing else is. It returns which of the results from elsewhere to
// leave out.
func (one *Competition) once(played []followed) (kept []followed, leave map[int]bool) {
	kept, leave = make([]followed, 0, len(played)), map[int]bool{}
	seen := map[int]bool{}
	for _, f := range played {
		i := one.elsewhere(f, seen)
		if i < 0 {
			kept = append(kept, f)
			continue
		}
		seen[i] = true
		if o := &one.Results[i]; o.How == match.HowForfeit || o.Final && !f.result.Final {
			continue
		}
		leave[i] = true
		kept = append(kept, f)
	}
	return kept, leave
}

// elsewhere is the place of the result from elsewhere of a followed match that no other
// was seen to be; -1 if there is none. Ties have an identity of their own.
func (one *Competition) elsewhere(f followed, seen map[int]bool) int {
	best, nearest := -1, int64(math.MaxInt64)
	for i := range one.Results {
		o := &one.Results[i]
		if seen[i] || f.tie != "" || o.Tie != "" || o.Teams != f.result.Teams || groupName(o.Group) != groupName(f.group) {
			continue
		}
		if far := f.from(o.Date); best < 0 || far < nearest {
			best, nearest = i, far
		}
	}
	return best
}

// from is how far a match was kicked off from a date, in milliseconds; the largest
// number where one of them is not known.
func (f followed) from(date string) int64 {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil || f.kickoff == 0 {
		return math.MaxInt64
	}
	far := f.kickoff - day.UnixMilli()
	return max(far, -far)
}

// groupName is a group as tables name it.
func groupName(group string) string { return strings.TrimPrefix(group, "Group ") }
