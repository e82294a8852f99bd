package match

import (
	"cmp"
	"encoding/json"

	"touchline.dev/touchline/crdt"
)

// Words are what one event says beside the log ([Divide]).
type Words struct {
	By   crdt.Key // who wrote them; only an event's own author says more about it
	Data []byte   // a JSON object
}

// Told is a state with the words that lie beside the log. The fold itself knows no
// words: a state, and its digest, is the same wherever the events are, whatever
// was erased.
func Told(s *State, beside map[crdt.Hash]Words) *State {
	if len(beside) == 0 {
		return s
	}
	t := teller{beside: beside, read: map[crdt.Hash]told{}}
	for i := range s.Corrections {
		if c := &s.Corrections[i]; c.Status == StatusEffective {
			t.add(c.Hash, c.By)
		}
	}
	for _, e := range s.Timeline {
		t.add(e.Hash, e.By)
	}
	out := *s
	out.Corrections = make([]Correction, len(s.Corrections))
	for i, c := range s.Corrections {
		c.Reason = cmp.Or(t.read[c.Hash].Reason, c.Reason)
		out.Corrections[i] = c
	}
	out.Timeline = make([]*Entry, len(s.Timeline))
	ruled := false
	for i, e := range s.Timeline {
		e = t.entry(e)
		out.Timeline[i] = e
		if e.Counts && e.Facts.Reason != "" && (e.Type == kindRuling || e.Type == kindEnd && !ruled) {
			out.Result.Reason, ruled = e.Facts.Reason, e.Type == kindRuling
		}
	}
	return &out
}

// told is what an event's words say that the state shows.
type told struct {
	Text   string
	Reason string
	Set    *told // of an amendment
}

type teller struct {
	beside map[crdt.Hash]Words
	read   map[crdt.Hash]told
}

func (t *teller) add(h crdt.Hash, by crdt.Key) {
	var said told
	if w, ok := t.beside[h]; ok && w.By == by && json.Unmarshal(w.Data, &said) == nil {
		t.read[h] = said
	}
}

// entry is e with its words, and those of its amendments over them.
func (t *teller) entry(e *Entry) *Entry {
	text, reason := t.read[e.Hash].Text, t.read[e.Hash].Reason
	for _, h := range e.Amended {
		if set := t.read[h].Set; set != nil {
			text, reason = cmp.Or(set.Text, text), cmp.Or(set.Reason, reason)
		}
	}
	why := ""
	if e.Status == StatusWithdrawn && e.StatusBy != nil {
		why = t.read[*e.StatusBy].Reason
	}
	if text == "" && reason == "" && why == "" {
		return e
	}
	out, facts := *e, *e.Facts
	facts.Text, facts.Reason = cmp.Or(text, facts.Text), cmp.Or(reason, facts.Reason)
	out.Facts, out.Reason = &facts, cmp.Or(why, e.Reason)
	return &out
}
