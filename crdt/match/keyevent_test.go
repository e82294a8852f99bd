package match

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

func TestParseKeyEvent(t *testing.T) {
	for line, want := range map[string]KeyEvent{
		`{"match":3,"period":5,"t_ms":1000,"type":"goal","team":"home","player":7}`: {3, "goal", "home", PeriodShootout, 1000, []byte(`{"player":7}`)},
		`{"match":3,"period":1,"t_ms":0,"type":"period.start","team":null}`:         {3, "period.start", "", 1, 0, []byte(`{}`)},
		`{"match":3,"period":1,"t_ms":0,"type":"goal","team":"M\u00fcnchen \"A\""}`: {3, "goal", `München "A"`, 1, 0, []byte(`{}`)},
		`{"match":3,"period":1,"t_ms":0,"type":"goal","team":1609}`:                 {3, "goal", "1609", 1, 0, []byte(`{}`)},
	} {
		got, err := ParseKeyEvent([]byte(line))
		if err != nil || got.Match != want.Match || got.Type != want.Type || got.Team != want.Team || got.Period != want.Period ||
			got.ClockMs != want.ClockMs || string(got.Data) != string(want.Data) {
			t.Errorf("%s: %+v, %v", line, got, err)
		}
	}
	for _, line := range []string{``, `[]`, `null`, `{"type":""}`, `{"type":"goal","period":6}`, `{"type":"goal","t_ms":-1}`, `{"type":"goal","team":["home"]}`, `{"type":"goal","team":{}}`} {
		if k, err := ParseKeyEvent([]byte(line)); !errors.Is(err, ErrKeyEvent) {
			t.Errorf("%q: %+v, %v", line, k, err)
		}
	}
}

// A line is refused by name, or is the key event that its own fields make again.
func FuzzKeyEvent(f *testing.F) {
	demo, err := os.ReadFile("../../cmd/touchline/demo.jsonl")
	if err != nil {
		f.Fatal(err)
	}
	for line := range strings.Lines(string(demo)) {
		f.Add([]byte(line))
	}
	f.Add([]byte(`{"type":"goal","team":null,"Team":"\u0022","TYPE":"card"}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		k, err := ParseKeyEvent(line)
		if err != nil {
			if !errors.Is(err, ErrKeyEvent) {
				t.Fatal(err)
			}
			return
		}
		fields := map[string]any{}
		if err := json.Unmarshal(k.Data, &fields); err != nil {
			t.Fatalf("data %s: %v", k.Data, err)
		}
		data := map[string]json.RawMessage{}
		if err := json.Unmarshal(k.Data, &data); err != nil {
			t.Fatal(err)
		}
		period := k.Period
		if period == PeriodShootout {
			period = 5
		}
		for name, v := range map[string]any{"match": k.Match, "period": period, "t_ms": k.ClockMs, "type": k.Type, "team": k.Team} {
			if data[name] != nil {
				t.Fatalf("%s is in the data, too: %s", name, k.Data)
			}
			b, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			data[name] = b
		}
		b, err := json.Marshal(data)
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseKeyEvent(b)
		if err != nil || again.Match != k.Match || again.Type != k.Type || again.Team != k.Team || again.Period != k.Period || again.ClockMs != k.ClockMs || string(again.Data) != string(k.Data) {
			t.Fatalf("%s reads as %+v (%v), not %+v", b, again, err, k)
		}
	})
}
