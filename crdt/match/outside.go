package match

import (
	"slices"
	"sync"
)

// outside folds what those may know of a match who may not know its result: all but the
// events that tell of goals. Beside a [Folder], it grows with it, when somebody asks.
type outside struct {
	mu     sync.Mutex
	folder *Folder // guarded by mu; nil: nobody has asked
	fed    int     // guarded by mu; events that folder has
}

// outsideAt is the outside of one State.
type outsideAt struct {
	of   *outside
	told []*Event // in order of arrival, later verdicts on the same event included
}

// state is what was told by then.
func (at *outsideAt) state() *State {
	o := at.of
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.folder == nil || o.fed > len(at.told) { // the last who asked had a later State
		o.folder, o.fed = NewFolder(), 0
	}
	fresh := make([]Event, 0, len(at.told)-o.fed)
	for _, e := range at.told[o.fed:] {
		fresh = append(fresh, *e)
	}
	o.folder.add(fresh)
	o.fed = len(at.told)
	return o.folder.levelled()
}

// overtime reports whether a period is only played when a match is level: extra time
// and the shoot-out.
func (s *Setup) overtime(period uint32) bool {
	return int64(period) > s.Periods && period < PeriodAfter
}

// levelled is the state in which nothing tells who leads, or that nobody does: there is
// no overtime, and no more players come on than leave, as in a power play. The final
// whistle is in it, whenever it was blown.
func (f *Folder) levelled() *State {
	s := f.State()
	w := f.kickOff()
	timeline := make([]*Entry, 0, len(f.items))
	for i, it := range f.items {
		if f.setup.overtime(it.main.period) {
			if it.main.ev.Type == kindEnd {
				timeline = append(timeline, f.timeline[i])
			}
			continue
		}
		own := *it // the walk writes to it
		if own.counts && w.outnumbers(&own) {
			continue
		}
		w.step(&own)
		if own.refused && changesPlayers(own.main.ev.Type) {
			continue // it follows from one that is not told
		}
		e := new(Entry)
		f.fillEntry(e, &own)
		timeline = append(timeline, e)
	}
	out := f.stateAfter(&w)
	out.Timeline, out.Result = timeline, s.Result
	return out
}

// changesPlayers reports whether events of a kind are about who is on the pitch.
func changesPlayers(kind string) bool {
	switch kind {
	case kindLineup, kindSubstitution, kindPlayerOff, kindPlayerOn, kindKeeper:
		return true
	}
	return false
}

// outnumbers reports whether a change is not one for one. What a team begins with is no
// change: nobody has scored then.
func (w *walker) outnumbers(it *item) bool {
	f := it.facts
	switch it.main.ev.Type {
	case kindSubstitution:
		return len(f.Out) != len(f.In)
	case kindPlayerOff, kindPlayerOn:
		return true
	case kindLineup:
		if it.main.side == NoSide || f.Lineup == nil || w.played == 0 && it.main.period <= 1 {
			return false
		}
		t := w.of(it.main.side)
		return len(f.Lineup.On) > max(t.limit(w), t.on)
	}
	return false
}

// tellsScore reports whether events of a kind give the score away. Kinds that
// the fold does not know might.
func tellsScore(kind string) bool {
	switch kind {
	case kindGoal, kindPenalty, kindShootoutKick, kindShot, kindSave, kindRuling, kindPowerPlay, kindNote, kindReaction, kindAward, kindClip:
		return true
	}
	return kinds[kind] == nil
}

// Outward reports whether events of a kind may be shown to those who may not see a
// result: whatever else they say, others never are.
func Outward(kind string) bool {
	return !tellsScore(kind) && !Corrects(kind) && kind != kindPlayerOn && kind != kindPlayerOff
}

// keepTold notes an event that an outside may know.
func (f *Folder) keepTold(e *Event) {
	if !tellsScore(e.Type) {
		f.told = append(f.told, e)
	}
}

// outsideNow is the outside of the present state.
func (f *Folder) outsideNow() *outsideAt {
	return &outsideAt{of: f.outside, told: slices.Clip(f.told)}
}
