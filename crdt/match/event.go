package match

import (
	"cmp"

	"touchline.dev/touchline/crdt"
)

// Role is the rank of an event's author. Smaller is mightier; the numbers are
// those of access.Role.
type Role uint8

// Roles, by rank. Those after Scorer only read.
const (
	Organiser Role = iota + 1
	Referee
	Coach
	Scorer
	Guardian
	Family
	Spectator
)

// Side is home, away, or neither (the empty Side).
type Side string

// The two sides of a match.
const (
	NoSide Side = ""
	Home   Side = "home"
	Away   Side = "away"
)

// Other is the opponent of s; of neither it is neither.
func (s Side) Other() Side {
	switch s {
	case Home:
		return Away
	case Away:
		return Home
	}
	return NoSide
}

// index is the place of a side in an array of two; callers know s is not NoSide.
func (s Side) index() int {
	if s == Away {
		return 1
	}
	return 0
}

// sides in the order of arrays of two.
var sides = [2]Side{Home, Away}

// Standing is the verdict of the access layer on an event's right to be heard.
type Standing uint8

// Only what Stands counts; the rest is kept and shown with its reason.
const (
	Stands Standing = iota
	Unconfirmed
	Void
)

// Event is what the fold knows of one event of the events set. Its fields are
// those of the envelope and of crdt.Content, and the access layer's verdict.
type Event struct {
	Hash   crdt.Hash // identity
	ID     string    // the author's label; empty means none (rule R4)
	Author crdt.Key
	Role   Role   // of the author
	Side   string // the team the author's grant is bound to; empty means all

	Type    string
	Team    string // home, away or a team's ID
	Period  uint32
	ClockMs *int64 // play time since the period began; nil when not known
	Data    []byte // a JSON object, or nothing

	Refs  []crdt.Hash
	Time  crdt.Time // the log's order
	OwnMs int64     // the author's own clock, for display

	Standing Standing
	Reason   string // why it does not stand
	Late     bool   // the access layer holds it to be later than the end
}

// compare orders events by time, ties by hash.
func (e *Event) compare(o *Event) int {
	if e == o {
		return 0
	}
	if c := cmp.Compare(e.Time, o.Time); c != 0 {
		return c
	}
	return e.Hash.Compare(o.Hash)
}
