package match_test

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// wordsCase is one of docs/vectors/words.json, which the TypeScript half reads, too.
type wordsCase struct {
	Type  string          `json:"type"`
	Data  json.RawMessage `json:"data"`
	Kept  json.RawMessage `json:"kept"`
	Words json.RawMessage `json:"words"` // null: none
}

// What is free text goes beside the log; together both say what was said.
func TestDivide(t *testing.T) {
	b, err := os.ReadFile("../../docs/vectors/words.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []wordsCase
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		kept, words := match.Divide(c.Type, c.Data)
		want := c.Words
		if string(want) == "null" {
			want = nil
		}
		if !sameJSON(kept, c.Kept) || !sameJSON(words, want) {
			t.Errorf("%s %s:\nkept  %s\nwords %s", c.Type, c.Data, kept, words)
		}
		if words == nil && string(kept) != string(c.Data) {
			t.Errorf("%s %s: changed without need to %s", c.Type, c.Data, kept)
		}
		if joined := match.Join(kept, words); !sameJSON(joined, c.Data) {
			t.Errorf("%s: %s joined is %s", c.Type, c.Data, joined)
		}
		if again, more := match.Divide(c.Type, kept); more != nil || !sameJSON(again, kept) {
			t.Errorf("%s: %s still has words %s", c.Type, kept, more)
		}
	}
}

// A name said twice hides nothing from the eye, and nothing that is no object is lost.
func TestDivideOddData(t *testing.T) {
	kept, words := match.Divide("note", []byte(`{"text":"Mia","text":null,"player":"Mia M","player":7}`))
	if string(kept) != `{"text":null,"player":7}` || words == nil {
		t.Errorf("twice: %s beside %s", kept, words)
	}
	for _, data := range []string{``, `{}`, `[1]`, `7`} {
		if kept, words := match.Divide("goal", []byte(data)); string(kept) != data || words != nil {
			t.Errorf("%q: %q beside %q", data, kept, words)
		}
	}
	if got := match.Join(nil, []byte(`{"text":"x"}`)); string(got) != `{"text":"x"}` {
		t.Errorf("joined to nothing: %s", got)
	}
}

func FuzzDivide(f *testing.F) {
	f.Add("note", `{"text":"Mia cried","n":1}`)
	f.Add("lineup.set", `{"squad":[{"id":"7","name":"Mia"},8],"on":["7"]}`)
	f.Fuzz(func(t *testing.T, kind, data string) {
		var said map[string]any
		if json.Unmarshal([]byte(data), &said) != nil || said == nil {
			return
		}
		kept, words := match.Divide(kind, []byte(data))
		if !json.Valid(kept) || words != nil && !json.Valid(words) {
			t.Fatalf("%s beside %s", kept, words)
		}
		if again, more := match.Divide(kind, kept); more != nil || string(again) != string(kept) {
			t.Fatalf("%s still has words %s", kept, more)
		}
		if joined := match.Join(kept, words); !json.Valid(joined) {
			t.Fatalf("joined: %s", joined)
		}
	})
}

func sameJSON(a, b []byte) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
