package match

import "slices"

// overtime reports whether a period is only played when a match is level: extra time
// and the shoot-out.
func (s *Setup) overtime(period uint32) bool {
	return int64(period) > s.Periods && period < PeriodAfter
}

// regular is the state as it would be if nothing had been told of overtime, for whom
// that there was one says too much; nil if that is s, or nobody needs it. The final
// whistle is in it, whenever it was blown.
func (f *Folder) regular(s *State) *State {
	if s.Setup.Tables() || !slices.ContainsFunc(f.items, func(it *item) bool { return f.setup.overtime(it.main.period) }) {
		return nil
	}
	w := f.kickOff()
	timeline := make([]*Entry, 0, len(f.items))
	for i, it := range f.items {
		if !f.setup.overtime(it.main.period) {
			own := *it // the walk writes to it
			w.step(&own)
			e := new(Entry)
			f.fillEntry(e, &own)
			timeline = append(timeline, e)
		} else if it.main.ev.Type == kindEnd {
			timeline = append(timeline, f.timeline[i])
		}
	}
	out := f.stateAfter(&w)
	out.Timeline, out.Corrections, out.Result = timeline, s.Corrections, s.Result
	return out
}
