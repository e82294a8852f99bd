package bridge

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
	"touchline.dev/touchline/crdt/match"
)

// Verdicts of an event (rule R1).
const (
	Counts      = "counts"
	Unconfirmed = "unconfirmed" // kept and shown, with the reason
	Void        = "void"        // says nothing that could be read
)

// Event is an event as JSON.
type Event struct {
	ID        string          `json:"id,omitempty"`
	Hash      crdt.Hash       `json:"hash"`
	Match     crdt.LogID      `json:"matchId"`
	Team      string          `json:"teamId,omitempty"`
	Type      string          `json:"type,omitempty"`
	Period    uint32          `json:"period,omitempty"`
	ClockMs   *int64          `json:"clockMs,omitempty"`
	Data      json.RawMessage `json:"data,omitempty"`
	Refs      []crdt.Hash     `json:"refs"`
	Author    string          `json:"author"`
	Role      string          `json:"role"`
	Seq       uint64          `json:"seq"`
	HLC       string          `json:"hlc"`
	CreatedAt string          `json:"createdAt"` // the author's own clock
	Lane      string          `json:"lane,omitempty"`
	Verdict   string          `json:"verdict"`
	Reason    string          `json:"reason,omitempty"` // of a verdict other than "counts", or what there is to know of one that counts
	Sealed    bool            `json:"sealed,omitempty"`
	WaitsFor  string          `json:"waitsFor,omitempty"` // in the answer to a post: the least role that may let it count, since it came after the final whistle
	Private   bool            `json:"private,omitempty"`  // only a team's staff and a child's guardians see more of it than that play was stopped
}

// render makes the JSON form of an event of the events set.
func (s *Server) render(e *crdt.Event) Event {
	out := Event{
		Hash:      e.Hash,
		Match:     e.LogID(),
		Refs:      e.Refs,
		Author:    e.Author.String(),
		Role:      s.backend.Role(e.LogID(), e.Grant).String(),
		Seq:       e.Seq,
		HLC:       e.Time.String(),
		CreatedAt: time.UnixMilli(e.OwnMs).UTC().Format("2006-01-02T15:04:05.000Z07:00"),
	}
	if v, err := s.backend.Verdict(e); err != nil {
		out.Verdict, out.Reason = access.Unconfirmed.String(), err.Error()
	} else {
		out.Verdict, out.Reason = v.State.String(), v.Why()
	}
	if out.Refs == nil {
		out.Refs = []crdt.Hash{}
	}
	if e.Lane == crdt.Bulk {
		out.Lane = "bulk"
	}
	c, private, err := openWhole(s.backend, e)
	if errors.Is(err, access.ErrNoKey) {
		out.Sealed = true
		return out
	}
	if err != nil {
		out.Verdict, out.Reason = Void, err.Error()
		return out
	}
	out.ID, out.Team, out.Type, out.Period, out.ClockMs = c.ID, c.Team, c.Type, c.Period, c.ClockMs
	out.Data, out.Private = s.wholeData(e, c.Data), private
	if len(out.Data) == 0 {
		out.Data = json.RawMessage("{}")
	}
	return out
}

// NewEvent is what a client posts.
type NewEvent struct {
	ID      string          `json:"id,omitempty"` // empty: the node makes one, and the request cannot be repeated safely
	Match   crdt.LogID      `json:"matchId"`
	Team    string          `json:"teamId,omitempty"`
	Type    string          `json:"type"`
	Period  uint32          `json:"period,omitempty"`
	ClockMs *int64          `json:"clockMs,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
	Private json.RawMessage `json:"private,omitempty"` // of an injury: more of its data, and all of it is for the team's staff and the child's guardians only
	Refs    []crdt.Hash     `json:"refs,omitempty"`
	Lane    string          `json:"lane,omitempty"` // live (also when empty) or bulk
}

// maxTeam bounds the teamId of a posted event, in bytes.
const maxTeam = 128

// draft checks what a client sent.
func (n *NewEvent) draft() (Draft, error) {
	d := Draft{
		Content: crdt.Content{ID: n.ID, Type: n.Type, Team: n.Team, Period: n.Period, ClockMs: n.ClockMs, Data: n.Data},
		Refs:    n.Refs,
	}
	switch {
	case n.Match.IsZero():
		return d, badRequest("matchId is missing")
	case n.Type == "" || len(n.Type) > crdt.MaxType:
		return d, badRequest(fmt.Sprintf("type must have 1 to %d bytes", crdt.MaxType))
	case len(n.ID) > crdt.MaxID:
		return d, badRequest(fmt.Sprintf("id must have at most %d bytes", crdt.MaxID))
	case len(n.Team) > maxTeam:
		return d, badRequest(fmt.Sprintf("teamId must have at most %d bytes", maxTeam))
	case n.ClockMs != nil && *n.ClockMs < 0:
		return d, badRequest("clockMs must not be negative")
	case len(n.Refs) > crdt.MaxRefs:
		return d, badRequest(fmt.Sprintf("refs must have at most %d hashes", crdt.MaxRefs))
	case n.Lane != "" && n.Lane != "live" && n.Lane != "bulk":
		return d, badRequest("lane must be live or bulk")
	}
	if n.Lane == "bulk" {
		d.Lane = crdt.Bulk
	}
	if string(n.Data) == "null" {
		d.Content.Data = nil
	}
	if len(d.Content.Data) > 0 && d.Content.Data[0] != '{' {
		return d, badRequest("data must be a JSON object")
	}
	if err := match.CheckSettings(n.Type, n.Data); err != nil {
		return d, badRequest(err.Error())
	}
	return d, nil
}
