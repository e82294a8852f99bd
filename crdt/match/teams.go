package match

import (
	"cmp"
	"slices"
)

// sideOf is the side of a team: its name as a side, its ID in the setup, or
// what is assumed.
func (f *Folder) sideOf(team string) Side {
	switch team {
	case "":
		return NoSide
	case string(Home), string(Away):
		return Side(team)
	}
	return f.teamSides[team]
}

// assumed reports whether some team's side is a guess.
func (f *Folder) assumed() bool { return f.assumedID != [2]string{} }

// arrange reads the setup and gives sides to teams. Teams that no setup names
// get the free sides in the log's order of their first events: recordings and
// older pages have no match.setup.
func (f *Folder) arrange() {
	var setups []*report
	for _, r := range f.special[kindSetup] {
		if r.live() && !r.waits {
			setups = append(setups, r)
		}
	}
	f.setup = overlay(weakestFirst(setups))
	f.teamSides, f.assumedID = map[string]Side{}, [2]string{}
	for i, side := range sides {
		if id := f.setup.Teams[i].ID; id != "" {
			f.teamSides[id] = side
		}
	}
	f.assume()
}

// weakestFirst puts setups in the order in which they say more and more: of equal rank
// what is inherited yields to what the match says itself, and the last in the log's order
// wins. What a competition says it says as a whole: of all that is inherited the last stays.
func weakestFirst(setups []*report) []saidSetup {
	slices.SortFunc(setups, func(a, b *report) int {
		return cmp.Or(cmp.Compare(b.ev.Role, a.ev.Role), cmp.Compare(a.inherits(), b.inherits()), a.place.compare(b.place))
	})
	last := len(setups) - 1
	for last >= 0 && setups[last].inherits() == itsOwn {
		last--
	}
	said := make([]saidSetup, 0, len(setups))
	for i, r := range setups {
		if i >= last || r.inherits() == itsOwn {
			said = append(said, saidSetup{r.now.setup, opensSetup(r.ev)})
		}
	}
	return said
}

const (
	handedDown = iota
	itsOwn
)

// inherits tells a setup that a competition handed down from the match's own word.
func (r *report) inherits() int {
	if is, _ := r.now.setup[inherited].truth(); is {
		return handedDown
	}
	return itsOwn
}

func (f *Folder) assume() {
	first := map[string]*report{}
	for _, r := range f.reports {
		team := r.ev.Team
		if !r.stands() || team == "" || f.sideOf(team) != NoSide {
			continue
		}
		if q := first[team]; q == nil || r.place.compare(q.place) < 0 {
			first[team] = r
		}
	}
	order := make([]*report, 0, len(first))
	for _, r := range first {
		order = append(order, r)
	}
	slices.SortFunc(order, func(a, b *report) int { return a.place.compare(b.place) })
	for i, side := range sides {
		if f.setup.Teams[i].ID == "" && len(order) > 0 {
			f.assumedID[i], f.assumedFrom[i] = order[0].ev.Team, order[0].place
			f.teamSides[order[0].ev.Team] = side
			order = order[1:]
		}
	}
}

// sideMayMove reports whether a new report can change what is assumed.
func (f *Folder) sideMayMove(r *report) bool {
	for i := range sides {
		if f.assumedID[i] == r.ev.Team {
			return r.place.compare(f.assumedFrom[i]) < 0
		}
	}
	if f.sideOf(r.ev.Team) != NoSide {
		return false
	}
	for i := range sides { // a third team, earlier than one that has a side
		if f.setup.Teams[i].ID == "" && (f.assumedID[i] == "" || r.place.compare(f.assumedFrom[i]) < 0) {
			return true
		}
	}
	return false
}
