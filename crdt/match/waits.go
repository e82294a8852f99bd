package match

import "touchline.dev/touchline/crdt"

// WaitsFor is the least role that may let an event count which came after the final
// whistle and changes nothing by itself; 0 if the event does not wait. A late report
// counts when somebody of that role, or above, confirms it; a late correction when he
// makes the same.
func (s *State) WaitsFor(h crdt.Hash) Role {
	waits := false
	for _, c := range s.Corrections {
		waits = waits || c.Hash == h && c.Status == StatusWaiting
	}
	for _, e := range s.Timeline {
		waits = waits || e.Hash == h && e.Status == StatusWaiting
	}
	if !waits {
		return 0
	}
	for _, e := range s.Timeline {
		if e.Type == kindEnd && e.Counts {
			return e.Role
		}
	}
	return Organiser
}
