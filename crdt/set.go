package crdt

import "fmt"

// Set is one of the three sets of a log (rule R2).
type Set uint8

const (
	// Control holds founding, grants, enrolments, cuts, epochs, purges and
	// erasures: small, in clear, and first in every exchange.
	Control Set = iota
	// Events holds what happened.
	Events
	// Records holds erasable names, free text and media (rule R8).
	Records

	// NumSets is how many sets a log has.
	NumSets = 3
)

// Sets lists the sets in the order in which they travel.
var Sets = [NumSets]Set{Control, Events, Records}

// String names the set as it appears in signatures, logs and JSON.
func (s Set) String() string {
	switch s {
	case Control:
		return "control"
	case Events:
		return "events"
	case Records:
		return "records"
	}
	return fmt.Sprintf("set(%d)", uint8(s))
}

// Lane says how urgent an event is; it is the only hint of an event's kind in
// clear (rule R7).
type Lane uint8

const (
	// Live events are sent before anything else.
	Live Lane = iota
	// Bulk events wait while live ones are waiting.
	Bulk
)
