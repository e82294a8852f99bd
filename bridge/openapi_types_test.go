package bridge_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

// described are the types that go over the wire, by the schemas that describe them.
var described = map[string]any{
	"Problem": bridge.Problem{}, "Event": bridge.Event{}, "NewEvent": bridge.NewEvent{}, "Result": bridge.Result{}, "Results": bridge.Results{},
	"EventList": bridge.EventList{}, "Match": bridge.Match{}, "MatchList": bridge.MatchList{}, "Status": bridge.Status{}, "Peer": bridge.PeerStatus{},
	"Challenge": bridge.Challenge{}, "SessionRequest": bridge.SessionRequest{}, "Session": bridge.Session{},
	"Team": match.Team{}, "Setup": match.Setup{}, "Clock": match.Clock{}, "PlayedPeriod": match.Phase{}, "Kick": match.Kick{}, "Shootout": match.Shootout{},
	"MatchResult": match.Result{}, "Cards": match.Cards{}, "Stats": match.Stats{}, "Player": match.Player{}, "TeamState": match.TeamState{},
	"Lineup": match.Lineup{}, "Facts": match.Facts{}, "Entry": match.Entry{}, "TimelineEntry": bridge.TimelineEntry{}, "Correction": match.Correction{},
	"Spell": match.Spell{}, "State": bridge.StateView{}, "Timeline": bridge.TimelineView{}, "StatsView": bridge.StatsView{}, "Insights": match.Insights{},
	"Reason": match.Reason{}, "Why": bridge.WhyView{},
	"Rules": table.Rules{}, "Fixture": bridge.Fixture{}, "Outcome": bridge.Outcome{}, "CompetitionResult": table.Result{}, "Tie": table.Tie{},
	"Competition": bridge.Competition{}, "CompetitionList": bridge.CompetitionList{}, "Row": table.Row{}, "Table": bridge.TableView{}, "Thirds": bridge.ThirdsView{},
	"Pairs": bridge.PairsView{}, "Bracket": bridge.BracketView{}, "ResolvedTie": table.Resolved{}, "Ladder": bridge.LadderView{},
}

// undescribed are objects that are no type of ours.
var undescribed = []string{"PageEvent", "PageEventStored"}

// Each schema has the fields of its type, and requires those that are never left out.
func TestOpenAPIHasEveryField(t *testing.T) {
	for name, ref := range loadDocument(t).Components.Schemas {
		v, ok := described[name]
		switch {
		case !ok && ref.Value.Type.Is("object") && !slices.Contains(undescribed, name):
			t.Errorf("%s is described, and not held against any type", name)
			continue
		case !ok:
			continue
		}
		fields := fieldsOf(reflect.TypeOf(v))
		for field, always := range fields {
			if ref.Value.Properties[field] == nil {
				t.Errorf("%s lacks %s", name, field)
			}
			if required := slices.Contains(ref.Value.Required, field); required != (always || alwaysThere[name+"."+field]) {
				t.Errorf("%s.%s: required is %v", name, field, required)
			}
		}
		for field := range ref.Value.Properties {
			if _, ok := fields[field]; !ok {
				t.Errorf("%s has %s, which %T lacks", name, field, v)
			}
		}
	}
}

// alwaysThere are fields that their types may leave out, and answers never do.
var alwaysThere = map[string]bool{"Problem.status": true}

// fieldsOf are the fields of a type as JSON; true: it is always there.
func fieldsOf(of reflect.Type) map[string]bool {
	fields := map[string]bool{}
	for i := range of.NumField() {
		f := of.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			for name, always := range fieldsOf(inner) {
				fields[name] = always
			}
		case f.IsExported() && name != "-" && name != "":
			fields[name] = !strings.Contains(options, "omitempty") && !strings.Contains(options, "omitzero")
		}
	}
	return fields
}
