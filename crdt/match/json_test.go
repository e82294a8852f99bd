package match

import (
	"encoding/json"
	"math"
	"testing"
)

// FuzzMembers holds the reader of payloads against encoding/json: the same
// objects, the same last value of each key, and never a panic.
func FuzzMembers(f *testing.F) {
	for _, s := range []string{
		`{}`, `{"a":1}`, ` { "a" : [1,{"b":"]}"}] , "é\u00e9":null}`, `{"a":1,"a":-2.50e1}`, `{"a":tru}`, `{"a":01}`, `[]`, `{"a":"\ud800"}`, `{"a":}`, `{"a":1}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got := map[string]string{}
		ok := members(b, func(key []byte, v value) {
			got[string(key)] = string(v)
			v.text(64)
			v.whole()
			var list []string
			v.intoList(&list)
			var squad []Shirt
			v.intoSquad(&squad)
			var pair []int64
			v.intoPair(&pair)
		})
		var want map[string]json.RawMessage
		if json.Unmarshal(b, &want) != nil || want == nil {
			return // crdt.Content lets no other through; what we make of it must only be harmless
		}
		if !ok || len(got) != len(want) {
			t.Fatalf("%q: %v %v, want %v", b, ok, got, want)
		}
		for k, v := range want {
			if got[k] != string(v) {
				t.Fatalf("%q: %q is %q, want %q", b, k, got[k], v)
			}
			checkWhole(t, value(v))
		}
	})
}

func checkWhole(t *testing.T, v value) {
	var f float64
	if json.Unmarshal(v, &f) != nil || v.isNull() {
		return
	}
	n, ok := v.whole()
	if want := f == math.Trunc(f) && math.Abs(f) <= 1<<53; ok != want || ok && float64(n) != f {
		t.Fatalf("%s is read as %d, %v", v, n, ok)
	}
}

// FuzzFold: no payload makes the fold panic, and no float gets into a state.
func FuzzFold(f *testing.F) {
	for kind, data := range map[string]string{
		kindSetup: `{"age_band":"U10","teams":{"home":{"id":"a"}},"power_play":[4,6],"subs":3}`, kindLineup: `{"on":["a"],"squad":[{"id":"a","no":1}],"gk":"a"}`,
		kindGoal: `{"scorer":"a","score_after":[1,0]}`, kindAmend: `{"set":{"team":"away","clockMs":5}}`, kindInjury: `{"player":"a","area":"head"}`,
		kindRuling: `{"awarded":[3,0]}`, kindSubstitution: `{"out":["a"],"in":[7]}`, kindCard: `{"player":"a","colour":"sin_bin","minutes":99999999999}`,
	} {
		f.Add(kind, []byte(data))
	}
	f.Fuzz(func(t *testing.T, kind string, data []byte) {
		at := int64(5)
		e := Event{Hash: [32]byte{1}, Role: Organiser, Type: kind, Team: "home", Period: 1, ClockMs: &at, Data: data}
		again := e
		again.Hash, again.Refs = [32]byte{2}, append(again.Refs, e.Hash)
		s := Fold([]Event{e, again})
		s.Canonical()
		Explain(View(s, Viewer{Role: Spectator}, nil))
		Insight(s, Home, nil)
	})
}
