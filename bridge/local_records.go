package bridge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// Erasing is what the person at the device may do about erasable records and
// purges. Errors wrap the sentinels of package crdt.
type Erasing interface {
	PutRecord(context.Context, crdt.LogID, access.Record) (access.RecordName, error)
	// AllRecords are those that can be read here, earlier ones and those that do
	// not count among them; Records has the latest only.
	AllRecords(crdt.LogID) ([]NamedRecord, error)
	// Erase destroys records for ever, here and on every device.
	Erase(context.Context, crdt.LogID, ...access.RecordName) error
	// Purge removes events and records for ever; beneath may be zero.
	Purge(ctx context.Context, id crdt.LogID, hashes []crdt.Hash, beneath crdt.Hash, except []crdt.Hash) error
}

// NamedRecord is a record that can be read here.
type NamedRecord struct {
	access.Record
	Name   access.RecordName
	Author crdt.Key // who wrote it
}

// NameRequest gives a subject a name.
type NameRequest struct {
	Subject string `json:"subject"` // a player's opaque ID
	Text    string `json:"text"`
	Consent string `json:"consent"` // none (the default), first, full, never
}

// Named is an erasable record in JSON.
type Named struct {
	Record  access.RecordName `json:"record"`
	Kind    string            `json:"kind"` // name, text, fields
	Subject string            `json:"subject"`
	Text    string            `json:"text"`
	Consent string            `json:"consent"`
}

// NamedList lists erasable records.
type NamedList struct {
	Records []Named `json:"records"`
}

// PurgeRequest removes events. Hashes may be cut short where that is unambiguous.
type PurgeRequest struct {
	Hashes  []string `json:"hashes"`
	Beneath string   `json:"beneath"` // a right
	Except  []string `json:"except"`  // of what lies beneath it
}

// Purged says what a purge named, and how many events and records left here.
type Purged struct {
	Hashes  []crdt.Hash `json:"hashes"`
	Beneath *crdt.Hash  `json:"beneath,omitempty"`
	Gone    int         `json:"gone"`
}

var consents = map[string]access.Consent{
	"": 0, "none": 0, "first": access.ConsentFirstName, "full": access.ConsentFirstName | access.ConsentFullName, "never": access.NeverShow,
}

var recordKinds = map[access.RecordKind]string{
	access.NameRecord: "name", access.TextRecord: "text", access.FieldsRecord: "fields",
}

func consentName(c access.Consent) string {
	switch {
	case c&access.NeverShow != 0:
		return "never"
	case c&access.ConsentFullName != 0:
		return "full"
	case c&access.ConsentFirstName != 0:
		return "first"
	}
	return "none"
}

func (l local) recordRoutes(mux *http.ServeMux) {
	l.server.route(mux, http.MethodGet, "/local/matches/{id}/names", l.names)
	l.server.route(mux, http.MethodPost, "/local/matches/{id}/name", l.name)
	l.server.route(mux, http.MethodPost, "/local/matches/{id}/erase", l.erase)
	l.server.route(mux, http.MethodPost, "/local/matches/{id}/purge", l.purge)
}

// answer replies with what f makes of the match and, if in is not nil, the body.
func (l local) answer(w http.ResponseWriter, r *http.Request, in any, f func(*crdt.Log) (any, error)) {
	log, err := l.server.matchLog(r)
	if err == nil && in != nil {
		err = readBody(w, r, in)
	}
	var out any
	if err == nil {
		out, err = f(log)
	}
	if err != nil {
		l.server.fail(w, r, err)
		return
	}
	reply(w, http.StatusOK, out)
}

func (l local) names(w http.ResponseWriter, r *http.Request) {
	l.answer(w, r, nil, func(log *crdt.Log) (any, error) {
		records, err := l.admin.Records(log.ID())
		out := NamedList{Records: []Named{}}
		for _, rec := range records {
			kind, ok := recordKinds[rec.Kind]
			if !ok {
				continue
			}
			text := rec.Body
			if words := wordsIn(rec.Body); words != nil {
				text = words
			}
			out.Records = append(out.Records, Named{rec.Name, kind, rec.Subject, string(text), consentName(rec.Consent)})
		}
		return out, err
	})
}

func (l local) name(w http.ResponseWriter, r *http.Request) {
	var in NameRequest
	l.answer(w, r, &in, func(log *crdt.Log) (any, error) {
		consent, ok := consents[in.Consent]
		if !ok {
			return nil, badRequest("consent must be none, first, full or never")
		}
		rec := access.Record{Kind: access.NameRecord, Subject: in.Subject, Body: []byte(strings.TrimSpace(in.Text)), Consent: consent}
		name, err := l.admin.PutRecord(r.Context(), log.ID(), rec)
		return Named{name, recordKinds[rec.Kind], rec.Subject, string(rec.Body), consentName(consent)}, err
	})
}

func (l local) purge(w http.ResponseWriter, r *http.Request) {
	var in PurgeRequest
	l.answer(w, r, &in, func(log *crdt.Log) (any, error) {
		hashes, err := findHashes(log, in.Hashes)
		if err != nil {
			return nil, err
		}
		except, err := findHashes(log, in.Except)
		if err != nil {
			return nil, err
		}
		out := Purged{Hashes: hashes}
		var beneath crdt.Hash
		if in.Beneath != "" {
			list, err := l.rightList(log.ID())
			if err != nil {
				return nil, err
			}
			right, err := list.Find(strings.ToLower(in.Beneath))
			if err != nil {
				return nil, err
			}
			beneath, out.Beneath = right.Grant, &right.Grant
		}
		before, err := members(log)
		if err == nil {
			err = l.admin.Purge(r.Context(), log.ID(), hashes, beneath, except)
		}
		after, countErr := members(log)
		out.Gone = max(0, before-after)
		return out, errors.Join(err, countErr)
	})
}

// members counts what a purge can reach.
func members(log *crdt.Log) (int, error) {
	d, _, err := log.Digest()
	return int(d[crdt.Events].Count() + d[crdt.Records].Count()), err
}

// minPrefix is how many digits name an event at least.
const minPrefix = 8

// findHashes completes hashes that were cut short. A whole one need not be here.
func findHashes(log *crdt.Log, texts []string) ([]crdt.Hash, error) {
	out := []crdt.Hash{}
	for _, text := range texts {
		text = strings.ToLower(text)
		if h, err := crdt.ParseHash(text); err == nil {
			out = append(out, h)
			continue
		}
		if len(text) < minPrefix {
			return nil, badRequest(fmt.Sprintf("%q: give at least %d digits of an event's hash", text, minPrefix))
		}
		var found []crdt.Hash
		err := eachEntry(log, func(en crdt.Entry) error {
			if strings.HasPrefix(en.Element.Hash.String(), text) {
				found = append(found, en.Element.Hash)
			}
			return nil
		})
		switch {
		case err != nil:
			return nil, err
		case len(found) == 0:
			return nil, newProblem(http.StatusNotFound, "not-found", "Not found", "no event here begins with "+text)
		case len(found) > 1:
			return nil, badRequest("more than one event begins with " + text + "; give more of it")
		}
		out = append(out, found[0])
	}
	return out, nil
}
