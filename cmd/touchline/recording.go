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
	"touchline.dev/touchline/crdt/match"
)

// demo is a short match of our own: invented, with numbers for names.
//
//go:embed demo.jsonl
var demo []byte

const (
	demoLabel = "Demo: Badgers and Otters"
	demoSetup = `{"teams":{"home":{"id":"badgers","name":"Badgers"},"away":{"id":"otters","name":"Otters"}},"age_band":"U10","period_ms":1200000,"trophy":true}`
)

// recording is one match read from a file of key events.
type recording struct {
	label  string
	names  map[string]string // of players who appear in it, by ID; all of them public
	events []recordedEvent
}

// recordedEvent is an event and its time since kick-off, breaks left out.
type recordedEvent struct {
	at    time.Duration
	event bridge.NewEvent
}

// loadRecording reads one match; number 0 means the only one in the file.
func loadRecording(file string, number int) (*recording, error) {
	if file == "" || file == "demo" {
		rec, err := parseRecording(bytes.NewReader(demo), number)
		if err != nil {
			return nil, err
		}
		rec.label = demoLabel
		rec.frame(json.RawMessage(demoSetup))
		return rec, nil
	}
	f, err := os.Open(file)
	if errors.Is(err, os.ErrNotExist) {
		err = fmt.Errorf("there is no file %s", file)
	}
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
	rec.dress(sheetBeside(file, number), number)
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
	var matches []int64
	var period uint32
	var begins, last time.Duration // of the period; since kick-off
	in := bufio.NewScanner(r)
	in.Buffer(make([]byte, 4096), 1<<20)
	for line := 1; in.Scan(); line++ {
		if len(bytes.TrimSpace(in.Bytes())) == 0 {
			continue
		}
		k, err := match.ParseKeyEvent(in.Bytes())
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if len(matches) == 0 || matches[len(matches)-1] != k.Match {
			matches = append(matches, k.Match)
		}
		if number != 0 && k.Match != int64(number) {
			continue
		}
		if k.Period != period {
			period, begins = k.Period, last
		}
		last = max(last, begins+time.Duration(k.ClockMs)*time.Millisecond)
		rec.events = append(rec.events, recordedEvent{at: last, event: keyEvent(k)})
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

// keyEvent makes an event of a key event.
func keyEvent(k match.KeyEvent) bridge.NewEvent {
	e := bridge.NewEvent{Type: k.Type, Team: k.Team, Period: k.Period, ClockMs: &k.ClockMs, Data: k.Data}
	if strings.HasPrefix(k.Type, "lineup.") {
		e.Lane = "bulk"
	}
	return e
}

// frame puts a match's setup before its events, and its end behind them.
func (r *recording) frame(setup json.RawMessage) {
	last := r.events[len(r.events)-1].at
	begin := recordedEvent{event: bridge.NewEvent{Type: "match.setup", Data: setup}}
	end := recordedEvent{at: last, event: bridge.NewEvent{Type: "match.end", Period: match.PeriodAfter, Data: json.RawMessage(`{"status":"completed"}`)}}
	r.events = append(append([]recordedEvent{begin}, r.events...), end)
}
