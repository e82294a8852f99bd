package bridge

import (
	"context"
	"errors"
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
		found, err := l.about(log, in.What)
		if err != nil {
			return nil, err
		}
		name, notName := access.ParseRecordName(in.What)
		switch {
		case in.Ask:
			return Erased{found.names, found.events}, nil
		case len(found.subjects) > 0:
			return l.eraseSubjects(r.Context(), log.ID(), found)
		case notName == nil:
			return Erased{Erased: []access.RecordName{name}}, l.admin.Erase(r.Context(), log.ID(), name)
		}
		return l.eraseSubjects(r.Context(), log.ID(), eraseList{subjects: []string{in.What}})
	})
}

// eraseList is what there is to erase.
type eraseList struct {
	subjects []string
	names    []access.RecordName // of the latest record about each
	events   int                 // among the subjects
}

// about finds the records about a player and about events that speak of that player,
// or those about one event.
func (l local) about(log *crdt.Log, what string) (out eraseList, err error) {
	records, err := l.admin.Records(log.ID())
	if err != nil {
		return out, err
	}
	out.names = []access.RecordName{}
	for _, rec := range records {
		h, notEvent := crdt.ParseHash(rec.Subject)
		isEvent := notEvent == nil && l.concerns(log, h, rec.Body, what)
		if rec.Subject != what && !isEvent {
			continue
		}
		out.names = append(out.names, rec.Name)
		if !slices.Contains(out.subjects, rec.Subject) {
			out.subjects = append(out.subjects, rec.Subject)
			if notEvent == nil {
				out.events++
			}
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

func (l local) eraseSubjects(ctx context.Context, id crdt.LogID, list eraseList) (out Erased, err error) {
	out.Events = list.events
	for _, subject := range list.subjects {
		names, err := l.admin.EraseSubject(ctx, id, subject)
		if err != nil && !(errors.Is(err, crdt.ErrNotFound) && len(list.subjects) > 1) {
			return out, err
		}
		out.Erased = append(out.Erased, names...)
	}
	return out, nil
}
