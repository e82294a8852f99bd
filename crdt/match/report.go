package match

import (
	"bytes"

	"touchline.dev/touchline/crdt"
)

// report is one event as the fold sees it: all copies of it (rule R4), what it
// says, and what corrections made of it.
type report struct {
	ev     *Event   // the copy that speaks: of those that stand, the first
	copies []*Event // the others; nearly always none
	kind   *kind
	base   *Facts
	odd    string  // a field that cannot be and was ignored
	sameID bool    // its author used the ID for something else too
	before *report // another report with the same ID, whoever its author

	place place     // in the log's order
	about []*report // what it references, as far as it is here

	// Set by resolve.
	from    Side   // the event's own team
	side    Side   // after amendments, as are the next four
	now     *Facts // base, or a copy that amendments changed
	period  uint32
	at      int64 // play time since the period began
	clocked bool
	wrong   string // why it means nothing; empty when it does
	late    bool   // later than the final whistle
	held    bool   // late, and its author cannot change the result
	waits   bool   // held, and nobody who can has confirmed it
	*corrections

	in   *bucket
	when int64 // by which it is sorted in its bucket
	it   *item
}

// corrections are what others made of a report: nearly always nothing, so that
// most reports share [untouched].
type corrections struct {
	metas     []*report // that speak about it and hold
	amended   []crdt.Hash
	withdrawn *report // the retraction that counts
	confirmed *report // the confirmation that counts
	separate  bool    // confirmed as a goal of its own
	reach     bool    // its withdrawal reaches other reports of the same thing
	disputed  string  // meta: why it is ignored
}

// untouched is nobody's to write to: see touch.
var untouched corrections

// touch returns the report's own corrections, to be changed.
func (r *report) touch() *corrections {
	if r.corrections == &untouched {
		r.corrections = new(corrections)
	}
	return r.corrections
}

// stands reports whether some copy has the right to be heard.
func (r *report) stands() bool { return r.ev.Standing == Stands }

// live reports whether the report says something that may count.
func (r *report) live() bool {
	return r.stands() && r.wrong == "" && r.withdrawn == nil && !r.kind.meta
}

// nothing is what an event without a payload says. Nobody writes to it.
var nothing Facts

// read fills an empty report from its event.
func (r *report) read(e *Event) {
	r.kind, r.ev, r.base = kindOf(e.Type), e, &nothing
	if r.kind != unknownKind && len(e.Data) > 0 {
		r.base = new(Facts)
		r.odd = readFacts(r.base, e.Type, e.Data)
	}
}

// reset is the report without any correction.
func (r *report) reset() {
	r.now, r.side, r.period, r.at, r.clocked = r.base, r.from, r.ev.Period, 0, r.ev.ClockMs != nil
	if r.clocked {
		r.at = *r.ev.ClockMs
	}
	r.corrections = &untouched
	r.waits = r.held
	r.judge()
}

// judge says whether the report means something.
func (r *report) judge() {
	switch {
	case r.odd == "data":
		r.wrong = "data"
	case r.period > PeriodAfter:
		r.wrong = "period"
	case r.at < 0 || r.at > maxClockMs:
		r.wrong = "clock"
	case r.kind.team && r.side == NoSide:
		r.wrong = "team"
	default:
		r.wrong = r.now.missing(r.ev.Type)
	}
}

// addCopy takes one more event that says the same under the same ID.
func (r *report) addCopy(e *Event) {
	if better(e, r.ev) {
		e, r.ev = r.ev, e
	}
	r.copies = append(r.copies, e)
}

func better(a, b *Event) bool {
	if a.Standing != b.Standing {
		return a.Standing < b.Standing
	}
	return a.compare(b) < 0
}

// sameContent reports whether two events of one author and ID say the same.
func sameContent(a, b *Event) bool {
	if a.Type != b.Type || a.Team != b.Team || a.Period != b.Period || !bytes.Equal(a.Data, b.Data) || len(a.Refs) != len(b.Refs) {
		return false
	}
	if (a.ClockMs == nil) != (b.ClockMs == nil) || a.ClockMs != nil && *a.ClockMs != *b.ClockMs {
		return false
	}
	for i := range a.Refs {
		if a.Refs[i] != b.Refs[i] {
			return false
		}
	}
	return true
}
