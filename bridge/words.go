package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// wordsKey holds, among the fields beside an event, the words of its data. Fields
// of the first plan's pages have no such name.
const wordsKey = "#words"

// write makes a draft durable, its free text beside the log (rule R8). All drafts
// come this way, but those of the first plan's pages, which are divided field by
// field before.
func (s *Server) write(ctx context.Context, id crdt.LogID, d Draft) (Recorded, error) {
	if err := d.divide(); err != nil {
		return Recorded{}, err
	}
	return s.backend.Record(ctx, id, d)
}

// divide puts the words of a draft's data beside.
func (d *Draft) divide() error {
	kept, words := match.Divide(d.Content.Type, d.Content.Data)
	if words == nil {
		return nil
	}
	d.Content.Data = kept
	return d.addWords(words)
}

func (d *Draft) addWords(words json.RawMessage) error {
	own, err := marshal(map[string]json.RawMessage{wordsKey: words})
	if err == nil {
		d.Fields, err = withFields(d.Fields, own)
	}
	if err == nil && len(d.Fields) > access.MaxRecordRaw {
		err = fmt.Errorf("%w: free text of an event has at most %d bytes", crdt.ErrTooLarge, access.MaxRecordRaw)
	}
	return err
}

// wordsIn are the words of an event's data among the fields beside it; nil: none.
func wordsIn(fields []byte) []byte {
	if !bytes.Contains(fields, []byte(`"`+wordsKey+`"`)) {
		return nil
	}
	var f map[string]json.RawMessage
	if json.Unmarshal(fields, &f) != nil || len(f[wordsKey]) == 0 || f[wordsKey][0] != '{' {
		return nil
	}
	return f[wordsKey]
}

// wholeData is an event's data with the words that are left beside the log.
func (s *Server) wholeData(e *crdt.Event, data []byte) []byte {
	fields, err := s.backend.Fields(e)
	if err != nil {
		s.log.Warn("words of an event", "event", e.Hash.Short(), "err", err)
		return data
	}
	return match.Join(data, wordsIn(fields))
}

// besideOf are the words beside the events of a match, by event.
func besideOf(records []NamedRecord) map[crdt.Hash]match.Words {
	var out map[crdt.Hash]match.Words
	for _, rec := range records {
		if rec.Kind != access.FieldsRecord {
			continue
		}
		h, err := crdt.ParseHash(rec.Subject)
		words := wordsIn(rec.Body)
		if err != nil || words == nil {
			continue
		}
		if out == nil {
			out = map[crdt.Hash]match.Words{}
		}
		out[h] = match.Words{By: rec.Author, Data: words}
	}
	return out
}
