package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// openWhole is what an event says to this device: for an event that is private and
// whose keys are here, what lies behind its stub. private says that it is such a one,
// seen or not.
func openWhole(b Backend, e *crdt.Event) (c *crdt.Content, private bool, err error) {
	c, err = b.Open(e)
	if err != nil || len(c.Boxes) == 0 {
		return c, false, err
	}
	for _, p := range b.Parts(e, c) {
		if match.Private(p.Type) {
			whole := *c
			whole.Type, whole.Team, whole.Data = p.Type, p.Team, p.Data
			return &whole, true, nil
		}
	}
	return c, c.Type == match.Stopped, nil
}

// conceal says for whom a posted event is, if it is of a private kind. Who names
// private fields wants them sealed or not recorded; else the match decides.
func (s *Server) conceal(n *NewEvent, d *Draft) error {
	if n.Type == amendKind && s.speaksOfPrivate(n) {
		return badRequest("what is sealed for a few is not amended for all to read; record injury.update with ref and private fields, or retract it and record it anew")
	}
	must := len(n.Private) > 0 && string(n.Private) != "null"
	switch {
	case !match.Private(n.Type) && must:
		return badRequest(fmt.Sprintf("private fields are for injuries; all who read the match see a %s", n.Type))
	case !match.Private(n.Type) || n.Team == "" && !must:
		return nil
	case n.Team == "":
		return badRequest("say whose player it is: teamId is missing")
	}
	if must {
		data, err := withFields(d.Content.Data, n.Private)
		if err != nil {
			return err
		}
		d.Content.Data = data
	}
	d.Private = &Private{Teams: s.teamNames(n.Match, n.Team), Child: playerIn(d.Content.Data), Stub: match.Stopped, Must: must}
	return nil
}

const amendKind = "amend"

// speaksOfPrivate reports whether an event refers to one that is sealed for a few.
func (s *Server) speaksOfPrivate(n *NewEvent) bool {
	log, err := s.backend.Log(n.Match)
	if err != nil {
		return false
	}
	for _, ref := range n.Refs {
		if e, err := log.Event(ref); err == nil {
			if _, private, err := openWhole(s.backend, e); err == nil && private {
				return true
			}
		}
	}
	return false
}

// withFields is a JSON object with the fields of another over its own.
func withFields(object, more []byte) ([]byte, error) {
	fields := map[string]json.RawMessage{}
	for _, part := range [][]byte{object, more} {
		if len(part) > 0 && json.Unmarshal(part, &fields) != nil || fields == nil {
			return nil, badRequest("data and private must be JSON objects")
		}
	}
	return json.Marshal(fields)
}

// playerIn is the ID of the player that an event speaks of; a number is one, too.
func playerIn(data []byte) string {
	var said struct{ Player any }
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if dec.Decode(&said) != nil {
		return ""
	}
	switch id := said.Player.(type) {
	case string:
		return id
	case json.Number:
		return id.String()
	}
	return ""
}

// teamNames are the names that rights may call a team by: its side and its ID, as far
// as the match says.
func (s *Server) teamNames(id crdt.LogID, team string) []string {
	names := []string{team}
	log, err := s.backend.Log(id)
	if err != nil {
		return names
	}
	folded, err := s.folds.Of(log)
	if err != nil {
		return names
	}
	for _, side := range [2]match.Side{match.Home, match.Away} {
		if known := folded.State.Side(side).Team.ID; team == string(side) || team == known {
			names = []string{string(side)}
			if known != "" && known != string(side) {
				names = append(names, known)
			}
		}
	}
	return names
}
