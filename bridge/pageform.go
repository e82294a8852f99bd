package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

// pageForm is an event as pages of the first plan get it, and what it says: nil
// if this node cannot read it.
func (s *Server) pageForm(e *crdt.Event) ([]byte, *crdt.Content, error) {
	c, err := s.backend.Open(e)
	if err != nil {
		if !errors.Is(err, access.ErrNoKey) {
			return nil, nil, err
		}
		body, err := pageJSON(s.render(e), e, nil)
		return body, nil, err
	}
	var erasable []byte
	if pageFields(c, nil) != nil {
		if erasable, err = s.backend.Fields(e); err != nil {
			return nil, nil, err
		}
	}
	_, body, err := s.pageObject(e, c, erasable)
	return body, c, err
}

// pageObject is an event as a page gets it: an event as JSON, under the fields
// that a page sent, if one did.
func (s *Server) pageObject(e *crdt.Event, c *crdt.Content, erasable []byte) (map[string]json.RawMessage, []byte, error) {
	body, err := pageJSON(s.render(e), e, pageFields(c, erasable))
	if err != nil {
		return nil, nil, err
	}
	var object map[string]json.RawMessage
	return object, body, json.Unmarshal(body, &object)
}

// pageJSON puts the fields that a page sent, if one did, over those of an event.
func pageJSON(shown Event, e *crdt.Event, fields map[string]json.RawMessage) ([]byte, error) {
	object, err := eventObject(shown, e)
	if err != nil {
		return nil, err
	}
	if fields != nil {
		for _, name := range []string{"data", "type", "teamId", "period", "clockMs"} {
			delete(object, name) // as the page sent it, or not at all
		}
	}
	for name, raw := range fields {
		object[name] = raw
	}
	return marshal(object)
}

// eventObject is an event as an object with the one field that all pages know.
func eventObject(shown Event, e *crdt.Event) (map[string]json.RawMessage, error) {
	b, err := marshal(shown)
	if err != nil {
		return nil, err
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(b, &object); err != nil {
		return nil, err
	}
	object["created"] = strconv.AppendInt(nil, e.OwnMs, 10)
	return object, nil
}

// marshal is JSON without HTML escapes.
func marshal(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSuffix(buf.Bytes(), []byte{'\n'}), err
}
