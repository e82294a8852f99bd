package bridge_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"touchline.dev/touchline/bridge"
)

// What is wrong with a body is said in words: no Go type, no EOF.
func TestMalformedBodiesAreExplained(t *testing.T) {
	f := newFake(t)
	s := documented(t, bridge.New(bridge.Config{Guests: bridge.GuestsRecord, Backend: f}))
	match := f.member.Log.String()
	event := func(fields string) string { return `{"matchId":"` + match + `","type":"goal",` + fields + `}` }
	jargon := regexp.MustCompile(`EOF|json:|Go |bridge\.|crdt\.|int64|uint|struct|invalid character|Unmarshal`)
	for body, want := range map[string]string{
		"":                         "there is no JSON in the body: it is empty",
		" \n":                      "there is no JSON in the body: it is empty",
		"{":                        "the JSON breaks off before its end",
		`{"type":"goal"`:           "the JSON breaks off before its end",
		"goal":                     `this is not JSON: see byte 1, near "goal"`,
		`{"type":goal}`:            `this is not JSON: see byte 9, near`,
		event(`"period":1,}`):      "this is not JSON",
		`5`:                        "the JSON must be an object, not a number",
		`"x"`:                      "the JSON must be an object, not a string",
		`null`:                     "matchId is missing",
		`[5]`:                      "the JSON must be an object, not a number",
		`[`:                        "the JSON breaks off before its end",
		event(`"period":"one"`):    "period must be a whole number from 0 to 4294967295, not a string",
		event(`"period":-1`):       "period must be a whole number from 0 to 4294967295, not -1",
		event(`"period":1.5`):      "period must be a whole number from 0 to 4294967295, not 1.5",
		event(`"clockMs":"12:30"`): "clockMs must be a whole number, not a string",
		event(`"clockMs":1e99`):    "clockMs must be a whole number, not 1e99",
		event(`"refs":"3fa9"`):     "refs must be a list, not a string",
		event(`"refs":["3fa9"]`):   `"3fa9" is not a hash of 64 hexadecimal digits`,
		event(`"refs":[7]`):        "refs must be a string, not a number",
		event(`"teamId":[]`):       "teamId must be a string, not a list",
		event(`"lane":{}`):         "lane must be a string, not an object",
		event(`"clokMs":1`):        `no field is named "clokMs" here`,
		event(`"data":7`):          "data must be a JSON object",
		event(`"type":"match.setup","data":{"age_band":"U99"}`): `age_band cannot be "U99"; it is an age up to U23`,
		`{"matchId":"3fa9","type":"goal"}`:                      "",
		event(`"period":1`) + "x":                               "there is more after the JSON value",
		`{"id":"e","matchId":"match1","type":"goal"} {}`:        "there is more after the JSON value",
	} {
		w := do(s, "POST", "/v1/events", body)
		var p bridge.Problem
		text := w.Body.String()
		if strings.HasPrefix(body, "[5") {
			var out bridge.Results
			if err := json.Unmarshal(w.Body.Bytes(), &out); err == nil && len(out.Results) == 1 && out.Results[0].Problem != nil {
				p = *out.Results[0].Problem
			}
		} else if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		if p.Status != 400 && p.Status != 404 || !strings.Contains(p.Detail, want) || p.Detail == "" || jargon.MatchString(text) {
			t.Errorf("%s: %s, want %q", body, text, want)
		}
	}
}
