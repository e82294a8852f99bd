package bridge

import (
	"encoding/json"
	"strings"
	"testing"
	"touchline.dev/touchline/crdt"

	"pgregory.net/rapid"
)

// What a page sends comes back as it went in, and what may be words about a
// child is not in the log.
func TestPageFieldsComeBack(t *testing.T) {
	for _, tt := range []struct {
		in     string
		inLog  string // words that the log has
		beside string // words that only the record has
	}{
		{`{"id":"a","matchId":"match1","type":"goal","created":1700000000000,"teamId":"lions","playerId":"p7","minute":12}`, "p7", ""},
		{`{"id":"a","matchId":7,"kind":"goal","teamId":3,"period":1,"clockMs":61000,"clock":"12:34"}`, "12:34", ""},
		{`{"id":"a","matchId":"m","type":"goal","kind":"header","notes":"Tom's first"}`, "header", "first"},
		{`{"id":"a","matchId":"m","type":"goal","playerId":"Tom Baker","clock":"Tom scored it"}`, "", "Tom"},
		{`{"id":"a","matchId":"m","type":"goal","minute":"45+2","created":null,"half":{"of":"Tom"}}`, "45+2", "Tom"},
		{`{"id":"a","matchId":"m","type":"goal","data":{"player":"p7","x":[1,2.50]},"teamId":""}`, "p7", ""},
		{`{"id":"a","matchId":"m","type":"goal","data":{"page":1},"page":"Tom","#type":"x"}`, "", "Tom"},
		{`{"id":"<&>","matchId":"m","type":"goal","html":"<b>&</b>","role":"striker","verdict":"x","hash":"y"}`, "", "striker"},
	} {
		p, err := parsePage([]byte(tt.in))
		if err != nil {
			t.Errorf("%s: %v", tt.in, err)
			continue
		}
		log := string(p.draft.Content.Data)
		if tt.inLog != "" && !strings.Contains(log, tt.inLog) {
			t.Errorf("%s: the log has %s", tt.in, log)
		}
		if tt.beside != "" && (strings.Contains(log, tt.beside) || !strings.Contains(string(p.draft.Fields), tt.beside)) {
			t.Errorf("%s: the log has %s, the record %s", tt.in, log, p.draft.Fields)
		}
		comesBack(t, p, tt.in)
	}
}

func comesBack(t interface{ Errorf(string, ...any) }, p *pageEvent, in string) {
	got := pageFields(&p.draft.Content, p.draft.Fields)
	var want map[string]json.RawMessage
	if err := json.Unmarshal([]byte(in), &want); err != nil {
		t.Errorf("%s: %v", in, err)
	}
	if !sameFields(want, got, want) || len(got) != len(want) {
		b, _ := json.Marshal(got)
		t.Errorf("%s came back as %s", in, b)
	}
}

func TestPagesThatAreRefused(t *testing.T) {
	for _, in := range []string{
		``, `null`, `7`, `[]`, `{}`, `{"id":"a","matchId":"m"}`, `{"id":"a","type":"goal"}`, `{"matchId":"m","type":"goal"}`,
		`{"id":1,"matchId":"m","type":"goal"}`, `{"id":"a","matchId":1.5,"type":"goal"}`, `{"id":"a","matchId":"m","type":1}`,
		`{"id":"a","matchId":"m","type":"goal","teamId":{}}`, `{"id":"` + strings.Repeat("a", 129) + `","matchId":"m","type":"goal"}`,
	} {
		if p, err := parsePage([]byte(in)); err == nil {
			t.Errorf("%s was taken as %+v", in, p)
		}
	}
}

func TestAnyFieldsComeBack(t *testing.T) {
	names := rapid.SampledFrom([]string{"created", "minute", "clock", "playerId", "kind", "notes", "data", "page", "#type", "teamId", "extra", "role", "period", "clockMs"})
	values := rapid.SampledFrom([]string{`1`, `-1.50`, `"x"`, `"12:34"`, `"Tom Baker"`, `null`, `true`, `{"a":[1]}`, `[]`, `{}`, `"<&\u2028>"`, `99999999999999999999`})
	rapid.Check(t, func(t *rapid.T) {
		in := map[string]json.RawMessage{"id": quoted("e"), "matchId": quoted("m"), "type": quoted("goal")}
		for name, v := range rapid.MapOf(names, values).Draw(t, "fields") {
			in[name] = json.RawMessage(v)
		}
		b, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		p, err := parsePage(b)
		if err != nil {
			return
		}
		comesBack(t, p, string(b))
		if a, err := parsePage(b); err != nil || !sameContent(&a.draft.Content, &p.draft.Content) {
			t.Errorf("%s says two things: %v", b, err)
		}
	})
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(`{"id":"a","matchId":"match1","type":"goal","notes":"n","data":{"x":1}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := parsePage(b); err == nil {
			pageFields(&p.draft.Content, p.draft.Fields)
		}
	})
}

func FuzzOffset(f *testing.F) {
	f.Add(encodeOffset("mmatch1,tlions", map[crdt.LogID]place{{1}: {at: 7, order: orderName{2}}}))
	f.Fuzz(func(t *testing.T, s string) { parseOffset(s) })
}
