package node

import (
	"errors"
	"fmt"
	"sync"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// fields knows which erasable record has the fields of which event ([Draft.Fields]).
// Only the author of an event says more about it.
type fields struct {
	mu      sync.Mutex
	records map[authored]crdt.Hash // guarded by mu; nil until asked for
}

// authored is an event and its author.
type authored struct {
	author crdt.Key
	event  crdt.Hash
}

// beside is what a draft has to be written in one step with it: for each audience
// that sees more of the event one record, and without those one for all.
func (r *replica) beside(d *Draft) (out []func(*crdt.Event) (crdt.Header, sealer)) {
	if len(d.Fields) == 0 {
		return nil
	}
	if len(d.Parts) == 0 {
		return append(out, r.besideFor(access.Everyone, d.Fields))
	}
	for _, p := range d.Parts {
		out = append(out, r.besideFor(p.For, d.Fields))
	}
	return out
}

func (r *replica) besideFor(a access.Audience, fields []byte) func(*crdt.Event) (crdt.Header, sealer) {
	return func(e *crdt.Event) (crdt.Header, sealer) {
		rec := access.Record{Kind: access.FieldsRecord, Subject: e.Hash.String(), Body: fields}
		return crdt.Header{Set: crdt.Records}, func(h *crdt.Header) ([]byte, error) {
			epoch, key, err := r.recordKeyFor(a)
			if err != nil {
				return nil, err
			}
			h.Epoch = epoch
			return access.SealRecord(r.log.ID(), key, &rec)
		}
	}
}

// Fields returns what an event says in its erasable record, a JSON object; nil
// if it has none, or none that can be read here, or it was erased.
func (n *Node) Fields(e *crdt.Event) ([]byte, error) {
	r, err := n.mustReplica(e.LogID())
	if err != nil {
		return nil, err
	}
	h, err := r.fields.of(r, e)
	if err != nil || h.IsZero() {
		return nil, err
	}
	rec, err := r.log.Event(h)
	if errors.Is(err, crdt.ErrGone) || errors.Is(err, crdt.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("fields of event %s: %w", e.Hash.Short(), err)
	}
	if k := r.fieldsRecord(rec); k != nil {
		return k.Body, nil
	}
	return nil, nil
}

// fieldsRecord opens a record of fields; nil if it is none or cannot be read.
func (r *replica) fieldsRecord(e *crdt.Event) *access.Record {
	key, err := r.recordKey(e.Epoch)
	if err != nil {
		return nil
	}
	rec, err := access.OpenRecord(r.log.ID(), key, e.Payload)
	if err != nil || rec.Kind != access.FieldsRecord {
		return nil
	}
	return rec
}

// of returns the record with the fields of an event; zero if there is none.
func (f *fields) of(r *replica, e *crdt.Event) (crdt.Hash, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.records == nil {
		f.records = map[authored]crdt.Hash{}
		if err := r.eachEntry(func(e *crdt.Event) { f.noteLocked(r, e) }); err != nil {
			f.records = nil
			return crdt.Hash{}, err
		}
	}
	return f.records[authored{e.Author, e.Hash}], nil
}

// note adds records that came.
func (f *fields) note(r *replica, events []*crdt.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.records == nil {
		return
	}
	for _, e := range events {
		if e.Set == crdt.Control && r.control.Sealed() {
			f.records = nil // it may bring a key for records that are here
			return
		}
		f.noteLocked(r, e)
	}
}

func (f *fields) noteLocked(r *replica, e *crdt.Event) {
	if e.Set != crdt.Records {
		return
	}
	rec := r.fieldsRecord(e)
	if rec == nil {
		return
	}
	if about, err := crdt.ParseHash(rec.Subject); err == nil {
		key := authored{e.Author, about}
		if _, known := f.records[key]; !known { // an event has one; the first stands
			f.records[key] = e.Hash
		}
	}
}

// forget makes the next question read again: records or keys have changed.
func (f *fields) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.records = nil
}
