package bridge

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// EraseRequest erases all about a player: names, and the words of events that speak
// of that player; or the words of one event, by its ID or the beginning of its
// hash; or one record by its name.
type EraseRequest struct {
	What string `json:"what"`
	Ask  bool   `json:"ask,omitempty"` // only say what would be erased
}

// Erased lists the names of what was erased.
type Erased struct {
	Erased []access.RecordName `json:"erased"`
	Events int                 `json:"events"` // whose words are among them
}

func (l local) erase(w http.ResponseWriter, r *http.Request) {
	var in EraseRequest
	l.answer(w, r, &in, func(log *crdt.Log) (any, error) {
		out, err := l.about(log, in.What)
		if err != nil || in.Ask {
			return out, err
		}
		if len(out.Erased) == 0 {
			name, err := access.ParseRecordName(in.What)
			if err != nil {
				return nil, fmt.Errorf("erase: %w: no record about %q can be read here", crdt.ErrNotFound, in.What)
			}
			out.Erased = append(out.Erased, name) // it need not be readable here
		}
		return out, l.admin.Erase(r.Context(), log.ID(), out.Erased...)
	})
}

// about finds the records about a player and about events that speak of that player,
// or those about one event: all that were ever put, not only the latest.
func (l local) about(log *crdt.Log, what string) (Erased, error) {
	records, err := l.admin.AllRecords(log.ID())
	if err != nil {
		return Erased{}, err
	}
	subjects := map[string]bool{}
	out := Erased{Erased: []access.RecordName{}}
	for _, rec := range records {
		h, notEvent := crdt.ParseHash(rec.Subject)
		isEvent := notEvent == nil && l.concerns(log, h, rec.Body, what)
		if subjects[rec.Subject] || rec.Subject != what && !isEvent {
			continue
		}
		subjects[rec.Subject] = true
		if isEvent {
			out.Events++
		}
	}
	for _, rec := range records {
		if subjects[rec.Subject] && !slices.Contains(out.Erased, rec.Name) {
			out.Erased = append(out.Erased, rec.Name)
		}
	}
	return out, nil
}

// concerns reports whether what names an event or a player that the event, or its
// words, speak of.
func (l local) concerns(log *crdt.Log, h crdt.Hash, words []byte, what string) bool {
	if len(what) >= minPrefix && strings.HasPrefix(h.String(), strings.ToLower(what)) || match.SpeaksOf(words, what) {
		return true
	}
	e, err := log.Event(h)
	if err != nil {
		return false
	}
	c, _, err := openWhole(l.admin, e)
	return err == nil && (c.ID == what || match.SpeaksOf(c.Data, what))
}
