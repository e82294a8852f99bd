package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"touchline.dev/touchline/bridge"
)

// demo is a short match of our own: invented, with numbers for names.
//
//go:embed demo.jsonl
var demo []byte

const demoLabel = "Demo: Badgers and Otters"

// recording is one match read from a file of key events.
type recording struct {
	label  string
	events []recordedEvent
}

// recordedEvent is an event and its time since kick-off, breaks left out.
type recordedEvent struct {
	at    time.Duration
	event bridge.NewEvent
}

// keyEvent is what every line of a file of key events has.
type keyEvent struct {
	Match  int             `json:"match"`
	Period uint32          `json:"period"`
	Ms     int64           `json:"t_ms"`
	Type   string          `json:"type"`
	Team   json.RawMessage `json:"team"` // a number, or home or away
}

// loadRecording reads one match; number 0 means the only one in the file.
func loadRecording(file string, number int) (*recording, error) {
	if file == "" || file == "demo" {
		rec, err := parseRecording(bytes.NewReader(demo), number)
		if rec != nil {
			rec.label = demoLabel
		}
		return rec, err
	}
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("replay: %w; without a file, an invented match is played", err)
	}
	defer f.Close()
	in, err := maybeGzip(f)
	if err != nil {
		return nil, fmt.Errorf("replay %s: %w", file, err)
	}
	rec, err := parseRecording(in, number)
	if err != nil {
		return nil, fmt.Errorf("replay %s: %w", file, err)
	}
	rec.label = labelBeside(file, number)
	return rec, nil
}

// maybeGzip looks at the first bytes to see whether r is compressed.
func maybeGzip(r io.Reader) (io.Reader, error) {
	in := bufio.NewReader(r)
	if magic, err := in.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		return gzip.NewReader(in)
	}
	return in, nil
}

func parseRecording(r io.Reader, number int) (*recording, error) {
	rec := &recording{}
	var matches []int
	var period uint32
	var begins, last time.Duration // of the period; since kick-off
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 4096), 1<<20)
	for line := 1; in.Scan(); line++ {
		if len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		k, event, err := parseKeyEvent(in.Bytes())
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if len(matches) == 0 || matches[len(matches)-1] != k.Match {
			matches = append(matches, k.Match)
		}
		if number != 0 && k.Match != number {
			continue
		}
		if k.Period != period {
			period, begins = k.Period, last
		}
		last = max(last, begins+time.Duration(k.Ms)*time.Millisecond)
		rec.events = append(rec.events, recordedEvent{at: last, event: event})
	}
	switch {
	case in.Err() != nil:
		return nil, in.Err()
	case len(matches) == 0:
		return nil, errors.New("no events in it")
	case len(rec.events) == 0:
		return nil, fmt.Errorf("no match %d in it", number)
	case number == 0 && len(matches) > 1:
		return nil, usagef("%d matches are in it; choose one with --match, such as %d", len(matches), matches[len(matches)-1])
	}
	return rec, nil
}

// parseKeyEvent makes an event of a line: what is not in a field of its own
// becomes data.
func parseKeyEvent(line []byte) (k keyEvent, e bridge.NewEvent, err error) {
	if err := json.Unmarshal(line, &k); err != nil {
		return k, e, err
	}
	fields := map[string]json.RawMessage{}
	if err := json.Unmarshal(line, &fields); err != nil {
		return k, e, err
	}
	if k.Type == "" || k.Ms < 0 {
		return k, e, errors.New("not a key event: type or t_ms is wrong")
	}
	for _, name := range []string{"match", "period", "t_ms", "type", "team"} {
		delete(fields, name)
	}
	e = bridge.NewEvent{Type: k.Type, Team: strings.Trim(string(k.Team), `"`), Period: k.Period, ClockMs: &k.Ms}
	if strings.HasPrefix(k.Type, "lineup.") {
		e.Lane = "bulk"
	}
	e.Data, err = json.Marshal(fields)
	return k, e, err
}

// labelBeside looks for the match's name in the file of matches beside it.
func labelBeside(file string, number int) string {
	prefix, _, ok := strings.Cut(file, ".keyevents.")
	label := fmt.Sprintf("Match %d", number)
	if !ok {
		return label
	}
	b, err := os.ReadFile(prefix + ".matches.json")
	if err != nil {
		return label // a nicer name is all that is lost
	}
	var list []struct {
		Match int    `json:"match"`
		Label string `json:"label"`
	}
	if json.Unmarshal(b, &list) != nil {
		return label
	}
	for _, m := range list {
		if m.Match == number && m.Label != "" {
			teams, _, _ := strings.Cut(m.Label, ", ") // the score would spoil it
			return teams
		}
	}
	return label
}
