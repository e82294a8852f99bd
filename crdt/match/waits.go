package match

import "touchline.dev/touchline/crdt"

// WaitsFor is the least role that may let an event count which came after the final
// whistle and changes nothing by itself; 0 if the event does not wait. A late report
// counts when somebody of that role, or above, confirms it; a late correction when he
// makes the same.
func (s *State) WaitsFor(h crdt.Hash) Role {
	if !s.waits(h) {
		return 0
	}
	for _, e := range s.Timeline {
		if e.Type == kindEnd && e.Counts {
			return e.Role
		}
	}
	return Organiser
}

func (s *State) waits(h crdt.Hash) bool {
	for _, c := range s.Corrections {
		if c.Hash == h && c.Status == StatusWaiting {
			return true
		}
	}
	for i := range s.Timeline { // who asks has mostly just recorded it
		if e := s.Timeline[len(s.Timeline)-1-i]; e.Hash == h {
			return e.Status == StatusWaiting
		}
	}
	return false
}
