package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// hostile moves the cursor, sets the title and turns text around, in the one-byte
// form that terminals take as well as the other.
const hostile = "M\x1b[2Jia\x1b]0;x\a \u009b31m\u202e\u2066\x7fMuster <&>"

// What others wrote is only shown by a terminal: as JSON, where a program reads the
// same, and in what went wrong.
func TestNothingCommandsTheTerminal(t *testing.T) {
	for _, indent := range []string{"", "  "} {
		var out bytes.Buffer
		if err := writeJSON(&out, map[string]string{"name": hostile}, indent); err != nil {
			t.Fatal(err)
		}
		var back map[string]string
		if err := json.Unmarshal(out.Bytes(), &back); err != nil || back["name"] != hostile {
			t.Errorf("%q, %v", back["name"], err)
		}
		onlyShown(t, out.String())
	}
	for _, asJSON := range []bool{false, true} {
		var out bytes.Buffer
		a := &app{err: &out, json: asJSON, started: true}
		a.complain(errors.New("no player " + hostile + "\nand a second line"))
		onlyShown(t, out.String())
	}
}

func onlyShown(t *testing.T, s string) {
	t.Helper()
	if i := strings.IndexFunc(s, func(r rune) bool { return r != '\n' && commands(r) }); i >= 0 {
		t.Errorf("a terminal acts on %q", s[i:])
	}
}
