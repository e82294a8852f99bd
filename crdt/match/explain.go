package match

import (
	"fmt"
	"strings"

	"touchline.dev/touchline/crdt"
)

// Explanation says in sentences why the score is what it is: what counts, and
// what does not, why, and by whom.
type Explanation struct {
	Score   [2]int64 `json:"score"`
	Result  Result   `json:"result"`
	Goals   []Reason `json:"goals"`   // in order of play, those that count
	Not     []Reason `json:"not"`     // goals that do not
	Other   []Reason `json:"other"`   // other entries that do not count or are flagged
	Changes []Reason `json:"changes"` // corrections, in the log's order
}

// Reason is one of its sentences.
type Reason struct {
	Hash   crdt.Hash   `json:"hash"`
	Minute string      `json:"minute,omitempty"`
	Type   string      `json:"type"`
	Side   Side        `json:"side,omitempty"`
	Status string      `json:"status"`
	Flags  []string    `json:"flags,omitempty"`
	By     []crdt.Key  `json:"by"`              // who says it, the speaker first
	From   []crdt.Hash `json:"from,omitempty"`  // the other reports that were merged, or what a correction is about
	Judge  *crdt.Key   `json:"judge,omitempty"` // who withdrew, confirmed or ruled
	Score  *[2]int64   `json:"score,omitempty"`
	Text   string      `json:"text"` // in English, for a terminal
}

// Explain answers why a state is what it is. It is a function of the state.
func Explain(s *State) Explanation {
	out := Explanation{Score: s.Score, Result: s.Result, Goals: []Reason{}, Not: []Reason{}, Other: []Reason{}, Changes: []Reason{}}
	judges := map[crdt.Hash]*Correction{}
	for i := range s.Corrections {
		c := &s.Corrections[i]
		judges[c.Hash] = c
		out.Changes = append(out.Changes, changeReason(c))
	}
	for _, e := range s.Timeline {
		r := s.reason(e, judges)
		switch {
		case e.Type == kindGoal && e.Counts:
			out.Goals = append(out.Goals, r)
		case e.Type == kindGoal:
			out.Not = append(out.Not, r)
		case e.Status != StatusIgnored && (!e.Counts || len(e.Flags) > 0):
			out.Other = append(out.Other, r)
		}
	}
	return out
}

func (s *State) reason(e *Entry, judges map[crdt.Hash]*Correction) Reason {
	r := Reason{
		Hash: e.Hash, Minute: s.Setup.Minute(e.Period, e.ClockMs), Type: e.Type, Side: e.Side, Status: e.Status, Flags: e.Flags,
		By: []crdt.Key{e.By}, Score: e.Score,
	}
	for _, src := range e.Sources {
		r.By, r.From = append(r.By, src.By), append(r.From, src.Hash)
	}
	if e.StatusBy != nil && judges[*e.StatusBy] != nil {
		r.Judge = &judges[*e.StatusBy].By
	}
	r.Text = sentence(&r, e)
	return r
}

// sentence is the reason for people at a terminal.
func sentence(r *Reason, e *Entry) string {
	var b strings.Builder
	if r.Minute != "" {
		fmt.Fprintf(&b, "%s' ", r.Minute)
	}
	b.WriteString(e.Type)
	if e.Side != NoSide {
		fmt.Fprintf(&b, " for %s", e.Side)
	}
	switch e.Status {
	case StatusReported, StatusConfirmed:
		if e.Counts {
			b.WriteString(" counts")
		} else {
			b.WriteString(" is not applied")
		}
	case StatusInvalid:
		fmt.Fprintf(&b, " does not count: %s", Lacking(e.Reason))
	default:
		fmt.Fprintf(&b, " is %s", e.Status)
	}
	if r.Judge != nil {
		fmt.Fprintf(&b, " by %s", r.Judge.Short())
	}
	if e.Reason != "" && e.Status != StatusInvalid {
		fmt.Fprintf(&b, " (%s)", e.Reason)
	}
	fmt.Fprintf(&b, ": told by %s", e.By.Short())
	for _, src := range e.Sources {
		fmt.Fprintf(&b, ", %s", src.By.Short())
	}
	for _, d := range e.Differs {
		fmt.Fprintf(&b, "; %s says %s", d.By.Short(), d.words())
	}
	if len(e.Amended) > 0 {
		fmt.Fprintf(&b, "; amended %s", times(len(e.Amended)))
	}
	if len(e.Flags) > 0 {
		fmt.Fprintf(&b, "; %s", strings.Join(e.Flags, ", "))
	}
	if e.Score != nil {
		fmt.Fprintf(&b, "; makes it %d-%d", e.Score[0], e.Score[1])
	}
	return b.String()
}

// words are what is said differently. A line-up is too long for them, and a
// viewer may not see every player.
func (d *Difference) words() string {
	switch {
	case d.Says != "":
		return d.Field + " " + d.Says
	case d.Field == "on":
		return "another line-up"
	}
	return "another " + d.Field
}

// times writes how often: once, or so many times.
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// Lacking says, for people, what is wrong with an invalid entry or correction;
// field is its reason.
func Lacking(field string) string { return "its " + field + " is missing or cannot be" }

func changeReason(c *Correction) Reason {
	text := fmt.Sprintf("%s of", c.Type)
	for _, h := range c.Refs {
		text += " " + h.Short()
	}
	text += fmt.Sprintf(" by %s is %s", c.By.Short(), c.Status)
	switch {
	case c.Reason == "":
	case c.Status == StatusInvalid:
		text += fmt.Sprintf(" (%s)", Lacking(c.Reason))
	default:
		text += fmt.Sprintf(" (%s)", c.Reason)
	}
	if c.Late {
		text += "; late"
	}
	return Reason{Hash: c.Hash, Type: c.Type, Status: c.Status, By: []crdt.Key{c.By}, From: c.Refs, Text: text}
}
