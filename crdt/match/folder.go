package match

import (
	"slices"

	"touchline.dev/touchline/crdt"
)

// Fold is the state that a set of events says a match is in. Order and repeats
// do not matter. It keeps references to the events' data.
func Fold(events []Event) *State {
	f := NewFolder()
	f.add(events)
	return f.State()
}

// Folder folds a match as its events arrive. After any sequence of Adds its
// State equals [Fold] of all events added, byte for byte. It is not safe for
// concurrent use.
type Folder struct {
	byHash     map[crdt.Hash]*report
	byID       map[string]*report      // the last that used the ID
	waitingFor map[crdt.Hash][]*report // by the missing event
	reports    []*report               // in order of arrival: no result may depend on it
	metas      []*report               // from the last to the first in the log's order
	special    map[string][]*report    // match.setup, match.end and ruling
	corrected  []*report
	someLate   bool

	setup       Setup
	teamSides   map[string]Side
	assumedID   [2]string // teams whose side is assumed, and since which event
	assumedFrom [2]place
	end         *report // the whistle that counts
	ruling      *report

	buckets   map[bucketKey]*bucket
	items     []*item  // by key
	timeline  []*Entry // of items, at the same places
	lent      int      // entries of timeline that a State holds too
	goalItems []*item
	rosters   [2]*roster
	checks    []checkpoint
	tail      walker // after all items
	walked    int    // items that tail has seen

	told    []*Event // what an outside may know, in order of arrival; only grows
	outside *outside

	stale   bool // everything after the set is to be made again
	state   *State
	arena   arena[item]
	entries arena[Entry]
}

// checkpoint is the walk before items[at].
type checkpoint struct {
	at int
	w  walker
}

// checkEvery is how many items lie between checkpoints: what a late event
// costs beyond itself.
const checkEvery = 256

// NewFolder returns a Folder of an empty set.
func NewFolder() *Folder {
	return &Folder{
		byHash: map[crdt.Hash]*report{}, byID: map[string]*report{}, waitingFor: map[crdt.Hash][]*report{},
		special: map[string][]*report{}, stale: true,
		rosters: [2]*roster{newRoster(), newRoster()}, outside: new(outside),
	}
}

// Add takes events. An event whose hash is known already replaces the verdict
// on it (standing, reason, role, side, lateness); its content cannot differ.
func (f *Folder) Add(events ...Event) {
	if len(events) == 0 {
		return
	}
	f.add(slices.Clone(events))
}

// Take is [Folder.Add] of events that are the folder's from now on.
func (f *Folder) Take(own []Event) {
	if len(own) > 0 {
		f.add(own)
	}
}

// add keeps references to the events, which nobody changes.
func (f *Folder) add(own []Event) {
	reports := make([]report, len(own)) // in one piece, as the events are
	f.expect(len(own))
	var fresh []*report
	resolve := false
	for i := range own {
		r, effect := f.take(&own[i], &reports[i])
		if effect != effectNone {
			f.keepTold(&own[i])
		}
		switch effect {
		case effectAll:
			f.stale = true
		case effectCorrections:
			resolve = true
		case effectItself:
			fresh = append(fresh, r)
		}
	}
	switch {
	case f.stale || len(fresh) > len(f.reports)/4+8:
		f.stale = true // State makes everything again
	default:
		f.place(fresh)
		if resolve {
			f.correctAgain()
		}
	}
	f.state = nil
}

// expect makes room for n events in an empty folder.
func (f *Folder) expect(n int) {
	if len(f.reports) > 0 || n < 16 {
		return
	}
	f.reports = make([]*report, 0, n)
	f.byHash = make(map[crdt.Hash]*report, n)
	f.byID = make(map[string]*report, n)
}

// effect is how far an arriving event reaches.
type effect int

const (
	effectNone effect = iota
	effectItself
	effectCorrections
	effectAll
)

// take puts an event into the set.
func (f *Folder) take(e *Event, r *report) (*report, effect) {
	if q := f.byHash[e.Hash]; q != nil {
		return q, f.judgeAgain(q, e)
	}
	before := f.byID[e.ID]
	if q := f.sameLabel(before, e); q != nil {
		return q, effectAll
	}
	r.read(e)
	f.reports = append(f.reports, r)
	f.byHash[e.Hash] = r
	reach := effectItself
	switch e.Type {
	case kindSetup, kindEnd, kindRuling:
		f.special[e.Type] = append(f.special[e.Type], r)
		reach = effectAll
	}
	if e.ID != "" {
		r.before = before
		f.byID[e.ID] = r
		for q := r.before; q != nil; q = q.before {
			if q.ev.Author == e.Author {
				r.sameID, q.sameID = true, true
				reach = effectAll
			}
		}
	}
	if f.link(r) {
		reach = effectAll
	}
	r.place = placeOf(e)
	for _, q := range r.about {
		r.place.follow(q.place)
	}
	if f.stale {
		return r, effectAll
	}
	r.from = f.sideOf(e.Team)
	switch {
	case e.Team != "" && f.sideMayMove(r), e.Late, f.end != nil && r.place.held.compare(f.end.place.held) == 0:
		reach = effectAll
	case r.kind.meta && reach == effectItself:
		f.metas = append(f.metas, r)
		r.reset()
		return r, effectCorrections
	case r.kind.meta:
	case reach == effectItself:
		f.judgeLate(r)
		r.reset()
	}
	return r, reach
}

// link connects r with what it references, and with what waited for it; it
// reports whether something did.
func (f *Folder) link(r *report) bool {
	if len(r.ev.Refs) > 0 {
		r.about = f.lookUp(r.ev.Refs)
		for _, h := range r.ev.Refs {
			if f.byHash[h] == nil {
				f.waitingFor[h] = append(f.waitingFor[h], r)
			}
		}
	}
	return f.wake(r.ev.Hash)
}

// wake connects what waited for an event.
func (f *Folder) wake(h crdt.Hash) bool {
	waited := f.waitingFor[h]
	delete(f.waitingFor, h)
	for _, q := range waited {
		q.about = f.lookUp(q.ev.Refs)
	}
	return waited != nil
}

// lookUp finds the reports of the events named; copies lead to the same one.
func (f *Folder) lookUp(refs []crdt.Hash) (here []*report) {
	for _, h := range refs {
		if r := f.byHash[h]; r != nil && !slices.Contains(here, r) {
			here = append(here, r)
		}
	}
	return here
}

// sameLabel adds e as a copy of what its author said before under the same ID;
// last is the last report that used it.
func (f *Folder) sameLabel(last *report, e *Event) *report {
	for r := last; r != nil; r = r.before {
		if r.ev.Author == e.Author && sameContent(r.ev, e) {
			r.addCopy(e)
			f.byHash[e.Hash] = r
			f.wake(e.Hash)
			return r
		}
	}
	return nil
}

// judgeAgain takes a changed verdict on a known event.
func (f *Folder) judgeAgain(r *report, e *Event) effect {
	at := r.ev
	if at.Hash != e.Hash {
		i := slices.IndexFunc(r.copies, func(c *Event) bool { return c.Hash == e.Hash })
		at = r.copies[i]
	}
	if at.Standing == e.Standing && at.Reason == e.Reason && at.Role == e.Role && at.Side == e.Side && at.Late == e.Late {
		return effectNone
	}
	all := append([]*Event{r.ev}, r.copies...)
	all[slices.Index(all, at)] = e
	slices.SortFunc(all, func(a, b *Event) int {
		if better(a, b) {
			return -1
		}
		return 1
	})
	r.ev, r.copies = all[0], all[1:]
	return effectAll
}

// State is what the events say so far.
func (f *Folder) State() *State {
	if f.stale {
		f.rebuild()
	}
	if f.state == nil {
		f.state = f.snapshot()
	}
	return f.state
}
