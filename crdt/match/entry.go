package match

import (
	"slices"

	"touchline.dev/touchline/crdt"
)

// Status of an entry: what people are shown.
const (
	StatusReported    = "reported"
	StatusConfirmed   = "confirmed"   // by a second author, referee, or the next kick-off
	StatusWithdrawn   = "withdrawn"   // struck through, with the reason
	StatusWaiting     = "waiting"     // told after the whistle; needs whoever may change the result
	StatusUnconfirmed = "unconfirmed" // the access layer's verdicts
	StatusVoid        = "void"
	StatusInvalid     = "invalid"    // lacks what its kind needs
	StatusSuperseded  = "superseded" // another of its kind counts
	StatusIgnored     = "ignored"    // a kind the fold does not know
	StatusDisputed    = "disputed"   // a correction without authority
	StatusEffective   = "effective"  // a correction that holds
)

// Entry is one thing that happened, or is said to have, in the timeline.
type Entry struct {
	Hash    crdt.Hash `json:"hash"`
	ID      string    `json:"id,omitempty"`
	Type    string    `json:"type"`
	Side    Side      `json:"side,omitempty"`
	Period  uint32    `json:"period"`
	ClockMs int64     `json:"clockMs"`
	Clocked bool      `json:"clocked"` // false: no play time was told
	By      crdt.Key  `json:"by"`
	Role    Role      `json:"role"`
	OwnMs   int64     `json:"ownMs"`

	Facts  *Facts `json:"facts"`
	Status string `json:"status"`
	Counts bool   `json:"counts"`
	Reason string `json:"reason,omitempty"` // why not, in a few words or the author's

	StatusBy *crdt.Hash   `json:"statusBy,omitempty"` // the correction that made the status
	Amended  []crdt.Hash  `json:"amended,omitempty"`  // weakest first
	Sources  []Source     `json:"sources,omitempty"`  // others who said the same
	Differs  []Difference `json:"differs,omitempty"`
	Flags    []string     `json:"flags,omitempty"` // sorted
	Score    *[2]int64    `json:"score,omitempty"` // after it, if it is a goal that counts
}

// PlayerSide is the side of the entry's player: that of the entry, but for an own goal
// the other.
func (e *Entry) PlayerSide() Side {
	if e.Type == kindGoal && e.Facts.How == "own_goal" {
		return e.Side.Other()
	}
	return e.Side
}

// Source is another report of the same thing, or another copy of it.
type Source struct {
	Hash    crdt.Hash `json:"hash"`
	By      crdt.Key  `json:"by"`
	Role    Role      `json:"role"`
	ClockMs int64     `json:"clockMs"`
	OwnMs   int64     `json:"ownMs"`
}

// Difference is what another report says differently.
type Difference struct {
	Field string    `json:"field"`
	Says  string    `json:"says,omitempty"`
	By    crdt.Key  `json:"by"`
	Hash  crdt.Hash `json:"hash"`
}

// Correction is a confirm, retract or amend.
type Correction struct {
	Hash   crdt.Hash   `json:"hash"`
	Type   string      `json:"type"`
	Refs   []crdt.Hash `json:"refs"`
	By     crdt.Key    `json:"by"`
	Role   Role        `json:"role"`
	OwnMs  int64       `json:"ownMs"`
	Status string      `json:"status"`
	Reason string      `json:"reason,omitempty"`
	Late   bool        `json:"late"`
}

// fillEntry shows an item in an empty entry. Only goals look at the rest of
// the match.
func (f *Folder) fillEntry(e *Entry, it *item) {
	r := it.main
	*e = Entry{
		Hash: r.ev.Hash, ID: r.ev.ID, Type: r.ev.Type, Side: r.side, Period: r.period, ClockMs: r.at, Clocked: r.clocked,
		By: r.ev.Author, Role: r.ev.Role, OwnMs: r.ev.OwnMs,
		Facts: it.facts, Amended: r.amended, Differs: it.differs,
	}
	f.setStatus(e, it)
	e.Sources = it.sources()
	if len(it.marks)+len(it.flags) > 0 || r.late {
		e.Flags = append(slices.Clone(it.marks), it.flags...)
		if r.late {
			e.Flags = append(e.Flags, FlagLate)
		}
		slices.Sort(e.Flags)
		e.Flags = slices.Compact(e.Flags)
	}
}

func (it *item) sources() (out []Source) {
	add := func(e *Event, clock int64) {
		out = append(out, Source{Hash: e.Hash, By: e.Author, Role: e.Role, ClockMs: clock, OwnMs: e.OwnMs})
	}
	for _, c := range sortedCopies(it.main) {
		add(c, it.main.at)
	}
	for _, r := range it.others {
		add(r.ev, r.at)
		for _, c := range sortedCopies(r) {
			add(c, r.at)
		}
	}
	return out
}

// sortedCopies are in order of time and hash, whatever the order of arrival.
func sortedCopies(r *report) []*Event {
	if len(r.copies) < 2 {
		return r.copies
	}
	out := slices.Clone(r.copies)
	slices.SortFunc(out, func(a, b *Event) int { return a.compare(b) })
	return out
}

func (f *Folder) setStatus(e *Entry, it *item) {
	r := it.main
	by := r.withdrawn
	if by == nil {
		by = it.reached
	}
	switch {
	case r.ev.Standing == Void:
		e.Status, e.Reason = StatusVoid, r.ev.Reason
	case r.ev.Standing == Unconfirmed:
		e.Status, e.Reason = StatusUnconfirmed, r.ev.Reason
	case by != nil:
		e.Status, e.Reason, e.StatusBy = StatusWithdrawn, by.base.Reason, by.hash()
	case r.wrong != "":
		e.Status, e.Reason = StatusInvalid, r.wrong
	case r.kind == unknownKind:
		e.Status = StatusIgnored
	case r.waits:
		e.Status, e.Reason = StatusWaiting, "told after the final whistle"
	case r.ev.Type == kindEnd && r != f.end || r.ev.Type == kindRuling && r != f.ruling:
		e.Status = StatusSuperseded
	case it.refused && contains(it.flags, FlagPerhapsSame):
		e.Status, e.Reason = StatusReported, "perhaps told already"
	case it.refused:
		e.Status, e.Reason = StatusReported, "impossible as told"
	default:
		e.Counts = true
		e.Status = StatusReported
		if r.confirmed != nil {
			e.StatusBy = r.confirmed.hash()
		}
		if r.confirmed != nil || r.ev.Role <= Referee || f.confirms(it) {
			e.Status = StatusConfirmed
		}
	}
}

// confirms reports whether the rest of the match bears the item out.
func (f *Folder) confirms(it *item) bool {
	if it.authors() > 1 {
		return true
	}
	return it.main.ev.Type == kindGoal && (f.tail.kickoff > it.main.period || f.end != nil && !it.main.late)
}

// hash is a copy that does not keep the event.
func (r *report) hash() *crdt.Hash {
	h := r.ev.Hash
	return &h
}

// goalView is what a goal's entry takes from the rest of the match.
type goalView struct {
	made      bool
	confirmed bool
	several   bool // people record
	score     [2]int64
}

// goalEntry is an entry with what only goals have.
func (f *Folder) goalEntry(it *item, recorders int) *Entry {
	e := new(Entry)
	f.fillEntry(e, it)
	if !e.Counts {
		return e
	}
	score := it.score
	e.Score = &score
	if recorders > 1 && it.authors() == 1 {
		e.Flags = append(e.Flags, FlagOneOfSeveral)
		slices.Sort(e.Flags)
	}
	return e
}

// correctionOf shows a correction.
func correctionOf(m *report) Correction {
	c := Correction{
		Hash: m.ev.Hash, Type: m.ev.Type, Refs: m.ev.Refs, By: m.ev.Author, Role: m.ev.Role, OwnMs: m.ev.OwnMs,
		Late: m.late, Reason: m.base.Reason,
	}
	switch {
	case m.ev.Standing == Void:
		c.Status, c.Reason = StatusVoid, m.ev.Reason
	case m.ev.Standing == Unconfirmed:
		c.Status, c.Reason = StatusUnconfirmed, m.ev.Reason
	case m.wrong != "":
		c.Status, c.Reason = StatusInvalid, m.wrong
	case m.withdrawn != nil:
		c.Status, c.Reason = StatusWithdrawn, m.withdrawn.base.Reason
	case m.waits:
		c.Status, c.Reason = StatusWaiting, "told after the final whistle"
	case m.disputed != "":
		c.Status, c.Reason = StatusDisputed, m.disputed
	default:
		c.Status = StatusEffective
	}
	return c
}
