package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The script for bash offers what fits, with labels as a shell must read them.
func TestBashCompletion(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash here")
	}
	dir := t.TempDir()
	// The program's place is taken by one that says what it was asked.
	program := "#!/bin/sh\necho \"$@\" >> " + dir + "/asked\nprintf '%s' \"$ANSWER\"\n"
	if err := os.WriteFile(filepath.Join(dir, "touchline"), []byte(program), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "final.touchline"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, words, answer, asked, want string }{
		{"command", "touchline sta", "status\tSay\n:4", "__complete sta", "status"},
		{"label with a space", "touchline watch U", "U10 final\tabc\n:4", "__complete watch U", `U10\ final`},
		{"quoted", `touchline watch \"U10\ f`, "U10 final\tabc\n:4", "__complete watch U10 f", "U10 final"},
		{"escaped", `touchline watch U10\\\ f`, "U10 final\tabc\n:4", "__complete watch U10 f", `U10\ final`},
		{"value", "touchline record m goal team = h", "team=home\n:6", "__complete record m goal team=h", "home"},
		{"value not begun", "touchline record m goal team =", "team=home\nteam=away\n:6", "__complete record m goal team=", "home|away"},
		{"nothing typed", "touchline record m ''", "goal\nnote\n:4", "__complete record m ", "goal|note"},
		{"file", "touchline import fi", ":0", "__complete import fi", "final.touchline"},
		{"no file where none fits", "touchline peers fi", ":4", "__complete peers fi", ""},
		{"a program that fails", "touchline peers x", "", "__complete peers x", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			os.Remove(filepath.Join(dir, "asked"))
			cmd := exec.Command(bash, "--norc", "-c", `compopt() { :; }; eval "$SCRIPT"; eval "COMP_WORDS=($WORDS)"; COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _touchline; IFS='|'; echo "${COMPREPLY[*]}"`)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"), "SCRIPT="+bashCompletion, "WORDS="+tt.words, "ANSWER="+tt.answer)
			out, err := cmd.CombinedOutput()
			if got := strings.TrimSpace(string(out)); err != nil || got != tt.want {
				t.Errorf("offers %q, want %q (%v)", got, tt.want, err)
			}
			asked, err := os.ReadFile(filepath.Join(dir, "asked"))
			if got := strings.TrimSuffix(string(asked), "\n"); err != nil || got != tt.asked {
				t.Errorf("asked %q, want %q (%v)", got, tt.asked, err)
			}
		})
	}
}
