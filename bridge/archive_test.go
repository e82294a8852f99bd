package bridge

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
)

// archiveOf is an export of the envelopes of the vectors of rights, of which some
// are refused on purpose.
func archiveOf(t testing.TB) string {
	b, err := os.ReadFile("../docs/vectors/access.json")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		Log    string
		Rights []struct{ Envelope string }
	}
	if err := json.Unmarshal(b, &v); err != nil || len(v.Rights) == 0 {
		t.Fatal(len(v.Rights), err)
	}
	var out strings.Builder
	fmt.Fprintf(&out, "{\"kind\":\"touchline-export\",\"version\":1,\"matchId\":\"%s\"}\n", v.Log)
	for _, r := range v.Rights {
		envelope, err := hex.DecodeString(r.Envelope)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(&out, base64.StdEncoding.EncodeToString(envelope))
	}
	fmt.Fprintf(&out, "{\"end\":true,\"events\":%d}\n", len(v.Rights))
	return out.String()
}

// Wherever an export is cut, what is before the cut is read, and the file is not
// taken for a whole one; no half line is taken for a broken event.
func TestCutArchive(t *testing.T) {
	text := archiveOf(t)
	whole, err := VerifyArchive(strings.NewReader(text))
	if err != nil || !whole.Whole || whole.New == 0 {
		t.Fatalf("%+v, %v", whole, err)
	}
	for _, n := range []int{len(text) - 2, len(text) - 10, len(text) / 2, len(text)/2 + 1, len(text)/2 + 2, len(text)/2 + 3, strings.Index(text, "\n") + 5} {
		r, err := VerifyArchive(strings.NewReader(text[:n]))
		if err != nil || r.Whole || r.Read > strings.Count(text[:n], "\n")-1 || r.Refused > whole.Refused {
			t.Errorf("cut at %d of %d: %+v, %v", n, len(text), r, err)
		}
	}
	var p *Problem
	if _, err := VerifyArchive(strings.NewReader(text[:20])); !errors.As(err, &p) || p.Status != 422 {
		t.Errorf("cut in the header: %v", err)
	}
}

// Whatever the file, it is refused by name, or each of its lines is accounted for.
func FuzzArchive(f *testing.F) {
	text := archiveOf(f)
	lines := strings.SplitAfter(text, "\n")
	f.Add([]byte(strings.Join(lines[:6], "")))
	f.Add([]byte(strings.Join(lines[:4], "") + `{"end":true,"events":3}`))
	f.Add([]byte(lines[0] + "\n!\n" + lines[1] + lines[1] + `{"end":true,"events":4}` + "\n"))
	f.Add([]byte("touchline backup 1\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := VerifyArchive(bytes.NewReader(b))
		if err != nil {
			var p *Problem
			if !errors.As(err, &p) || p.Type != "urn:touchline:file" {
				t.Fatal(err)
			}
			return
		}
		if sum := r.New + r.Known + r.Waiting + r.Refused; sum != r.Read && sum != r.Read+1 {
			t.Fatalf("%+v does not add up", r)
		}
		if r.Read > bytes.Count(b, []byte("\n")) || len(r.Errors) > maxReported || len(r.Errors) > r.Refused {
			t.Fatalf("%+v in %d bytes", r, len(b))
		}
		if r.OK() && (r.New == 0) != (r.Read == 0) {
			t.Fatalf("%+v is right without an event", r)
		}
	})
}
