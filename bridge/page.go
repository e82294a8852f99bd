package bridge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strconv"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// pageEvent is an event as pages of the first plan send it: an object whose
// fields the page chose, most of them its own. Numbers and IDs go into the log;
// all else may be words about a child and goes into an erasable record beside
// (rule R8). Together they give the object back as it came.
type pageEvent struct {
	fields map[string]json.RawMessage // all of them
	id     string
	match  string // a match's ID, or a name
	draft  Draft
}

// pageKey marks a page's event in its data; beneath it are the top-level fields
// that the log keeps, and three that say how the rest came.
const pageKey = "page"

const (
	pageType  = "#type" // which field had the type: type or kind
	pageData  = "#data" // the data of the event are the page's own
	pageTeam  = "#team" // the team, unless it was a string
	maxFields = 256     // at the top of a page's event
)

var (
	pageNumbers = map[string]bool{
		"created": true, "minute": true, "second": true, "seconds": true, "period": true, "half": true, "clock": true, "clockMs": true,
		"time": true, "timestamp": true, "extraTime": true, "addedTime": true, "stoppage": true, "homeScore": true, "awayScore": true,
	}
	pageIDs    = map[string]bool{"playerId": true, "assistId": true, "assistPlayerId": true}
	opaqueID   = regexp.MustCompile(`^"[A-Za-z0-9_.:-]{1,64}"$`)
	clockText  = regexp.MustCompile(`^"[0-9:+'. ]{1,12}"$`)
	scalarText = regexp.MustCompile(`^(-?[0-9.eE+-]{1,24}|true|false|null)$`)
)

// parsePage reads what a page sent and checks it.
func parsePage(raw []byte) (*pageEvent, error) {
	p := &pageEvent{}
	if err := json.Unmarshal(raw, &p.fields); err != nil || p.fields == nil {
		return nil, badRequest("an event is an object")
	}
	if len(p.fields) > maxFields {
		return nil, badRequest(fmt.Sprintf("an event has at most %d fields", maxFields))
	}
	c := &p.draft.Content
	var errID, errMatch, errTeam, errKind error
	p.id, errID = textField(p.fields["id"], "id", crdt.MaxID, false)
	p.match, errMatch = textField(p.fields["matchId"], "matchId", maxTeam, true)
	c.Team, errTeam = textField(p.fields["teamId"], "teamId", maxTeam, true)
	kindIn := "type"
	if p.fields[kindIn] == nil {
		kindIn = "kind"
	}
	c.Type, errKind = textField(p.fields[kindIn], kindIn, crdt.MaxType, false)
	for _, err := range []error{errID, errMatch, errTeam, errKind} {
		if err != nil {
			return nil, err
		}
	}
	switch {
	case p.id == "":
		return nil, badRequest("id is missing; the page makes one, so that an event can be sent again")
	case p.match == "":
		return nil, badRequest("matchId is missing")
	case c.Type == "":
		return nil, badRequest("type (or kind) is missing")
	}
	c.ID = p.id
	return p, p.divide(kindIn)
}

// textField reads a field that is a string or, if numbers are taken, a whole
// number.
func textField(raw json.RawMessage, name string, most int, number bool) (string, error) {
	if len(raw) == 0 || string(raw) == "null" {
		return "", nil
	}
	var s string
	var n int64
	switch {
	case json.Unmarshal(raw, &s) == nil:
	case number && json.Unmarshal(raw, &n) == nil:
		s = strconv.FormatInt(n, 10)
	default:
		return "", badRequest(name + " must be a string")
	}
	if len(s) > most {
		return "", badRequest(fmt.Sprintf("%s must have at most %d bytes", name, most))
	}
	return s, nil
}

// divide puts each field into the log or into the record.
func (p *pageEvent) divide(kindIn string) error {
	c := &p.draft.Content
	page := map[string]json.RawMessage{pageType: quoted(kindIn)}
	data := map[string]json.RawMessage{}
	rest := map[string]json.RawMessage{}
	for name, raw := range p.fields {
		switch {
		case name == wordsKey:
			return badRequest("a field cannot be named " + wordsKey)
		case name == "id" || name == kindIn:
		case name == "matchId":
			page[name] = raw
		case name == "teamId":
			if raw[0] != '"' || string(raw) == `""` {
				page[pageTeam] = raw
			}
		case name == "data" && ownData(raw, &data):
			page[pageData] = json.RawMessage("true")
		case pageNumbers[name] && (scalarText.Match(raw) || clockText.Match(raw)),
			(pageIDs[name] || name == "kind") && opaqueID.Match(raw):
			page[name] = raw
		default:
			rest[name] = raw
		}
	}
	var words json.RawMessage
	if page[pageData] != nil {
		if err := p.divideData(&data, &words); err != nil {
			return err
		}
	}
	if page[pageData] == nil && page["playerId"] != nil {
		data["playerId"] = page["playerId"] // where the state of the match looks for it
	}
	var n uint32
	if json.Unmarshal(page["period"], &n) == nil && n < 100 {
		c.Period = n
	}
	var ms int64
	if json.Unmarshal(page["clockMs"], &ms) == nil && ms >= 0 {
		c.ClockMs = &ms
	}
	var err error
	if data[pageKey], err = marshal(page); err != nil {
		return badRequest(err.Error())
	}
	if c.Data, err = marshal(data); err == nil && len(rest) > 0 {
		p.draft.Fields, err = marshal(rest)
	}
	if err == nil && words != nil {
		err = p.draft.addWords(words)
	}
	if err != nil {
		return badRequest(err.Error())
	}
	return nil
}

// divideData takes the words out of a page's own data.
func (p *pageEvent) divideData(data *map[string]json.RawMessage, words *json.RawMessage) error {
	own, err := marshal(*data)
	if err != nil {
		return badRequest(err.Error())
	}
	kept, beside := match.Divide(p.draft.Content.Type, own)
	if beside == nil {
		return nil
	}
	*data, *words = map[string]json.RawMessage{}, beside
	return json.Unmarshal(kept, data)
}

// ownData reads the page's own data, unless they use the name that marks ours.
func ownData(raw json.RawMessage, into *map[string]json.RawMessage) bool {
	var own map[string]json.RawMessage
	if json.Unmarshal(raw, &own) != nil || own == nil || own[pageKey] != nil {
		return false
	}
	*into = own
	return true
}

func quoted(s string) json.RawMessage {
	b, err := marshal(s)
	if err != nil {
		panic(err) // a string is always JSON
	}
	return b
}

// pageFields gives back the fields of a page's event: those in the log and, of
// the erasable ones, those that are left. Nil: no page sent it.
func pageFields(c *crdt.Content, erasable []byte) map[string]json.RawMessage {
	if !bytes.Contains(c.Data, []byte(`"`+pageType+`"`)) {
		return nil
	}
	var data, page map[string]json.RawMessage
	if json.Unmarshal(c.Data, &data) != nil || json.Unmarshal(data[pageKey], &page) != nil || page[pageType] == nil {
		return nil
	}
	delete(data, pageKey)
	out := map[string]json.RawMessage{}
	_ = json.Unmarshal(erasable, &out) // empty when erased
	words := out[wordsKey]
	delete(out, wordsKey)
	for name, raw := range page {
		if name[:1] != "#" {
			out[name] = raw
		}
	}
	out["id"] = quoted(c.ID)
	kindIn := "type"
	if string(page[pageType]) == `"kind"` {
		kindIn = "kind"
	}
	out[kindIn] = quoted(c.Type)
	if page[pageTeam] != nil {
		out["teamId"] = page[pageTeam]
	} else if c.Team != "" {
		out["teamId"] = quoted(c.Team)
	}
	if page[pageData] != nil {
		own, err := marshal(data)
		if err != nil {
			panic(err) // it was JSON a moment ago
		}
		out["data"] = match.Join(own, words)
	}
	return out
}

// sameFields reports whether a page says again what it said, or sends back what
// it was answered.
func sameFields(said, answered, again map[string]json.RawMessage) bool {
	for name, raw := range again {
		if !sameJSON(raw, answered[name]) {
			return false
		}
	}
	for name := range said {
		if again[name] == nil {
			return false
		}
	}
	return true
}

func sameJSON(a, b json.RawMessage) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// asPage reports whether a posted event is meant as a page's: its match has a
// name instead of an ID, or it has a field that only those have.
func asPage(raw []byte) bool {
	var probe struct {
		Match   json.RawMessage `json:"matchId"`
		Created json.RawMessage `json:"created"`
		Kind    json.RawMessage `json:"kind"`
	}
	if json.Unmarshal(raw, &probe) != nil {
		return false
	}
	name, err := textField(probe.Match, "matchId", maxTeam, true)
	if err != nil || name == "" {
		return false
	}
	_, err = crdt.ParseLogID(name)
	return err != nil || probe.Created != nil || probe.Kind != nil
}
