package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"touchline.dev/touchline/crdt/match"
)

// A person's slip is questioned, with what was probably meant; --as-typed insists.
func TestSlips(t *testing.T) {
	a := &app{}
	for line, want := range map[string]string{
		"goal team=home player=7":              "",
		"goal team=badgers player=7":           "", // a team's own ID
		"note weather=rain":                    "",
		"gaol team=home":                       "did you mean goal?",
		"vuvuzela":                             "record --help lists them",
		"goal team=hoem":                       "did you mean home?",
		"goal team=home plyer=7":               "did you mean player?",
		"goal team=home player=7 perod=1":      "did you mean period?",
		"match.end":                            "",
		"match.end status=abandoned":           "",
		"match.end status=forfeit team=away":   "",
		"match.end status=forfeit":             "needs team=",
		"match.end status=walkover":            "completed, abandoned, cancelled, postponed, forfeit",
		"injury team=home private.severty=2":   "did you mean severity?",
		"injury team=home private.area=ankle ": "",
	} {
		args := strings.Fields(line)
		_, _, err := a.parseRecord(args, "", "", "", false)
		var usage usageError
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", line, err)
		case want != "" && (!errors.As(err, &usage) || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--as-typed")):
			t.Errorf("%s: %v, want %q", line, err, want)
		}
		if _, _, err := a.parseRecord(args, "", "", "", true); err != nil {
			t.Errorf("%s, as typed: %v", line, err)
		}
	}
}

// The help of record names each type of event there is.
func TestRecordHelpNamesTypes(t *testing.T) {
	a := &app{out: io.Discard, err: io.Discard}
	long := strings.NewReplacer(",", " ", "\n", " ").Replace(a.recordCommand().Long)
	for _, kind := range match.Kinds() {
		if !strings.Contains(long, " "+kind+" ") {
			t.Errorf("record --help does not name %s", kind)
		}
	}
}
