package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// Wherever a command takes a match or a role, the TAB key offers them.
func TestCompletionIsEverywhere(t *testing.T) {
	t.Setenv("TOUCHLINE_DATA", t.TempDir())
	a := &app{out: io.Discard, err: io.Discard}
	root := a.rootCommand()
	root.SetArgs([]string{"match", "new", "--label", "cup"})
	if err := root.Execute(); err != nil {
		t.Fatal(err)
	}
	offered := func(c *cobra.Command, complete completer, have []string) (words []string) {
		if complete == nil {
			return nil
		}
		list, _ := complete(c, have, "")
		for _, w := range list {
			word, _, _ := strings.Cut(w, "\t")
			words = append(words, word)
		}
		return words
	}
	var visit func(*cobra.Command)
	visit = func(c *cobra.Command) {
		for i, arg := range strings.Fields(c.Use)[1:] {
			if strings.Contains(arg, "--") {
				break
			}
			have := slices.Repeat([]string{"x"}, i)
			if (strings.Contains(arg, "MATCH") || arg == "TEAM") && !slices.Contains(offered(c, c.ValidArgsFunction, have), "cup") {
				t.Errorf("%s offers no matches as argument %d", c.CommandPath(), i+1)
			}
		}
		for flag, want := range map[string]string{"role": "watch", "team": "home", "consent": "first", "match": "cup", "into": "cup", "follow": "cup", "type": "goal"} {
			f := c.Flags().Lookup(flag)
			if f == nil || f.Value.Type() == "int" { // a match of a file is a number
				continue
			}
			complete, _ := c.GetFlagCompletionFunc(flag)
			if words := offered(c, complete, nil); !slices.Contains(words, want) {
				t.Errorf("%s --%s offers %q, not %q", c.CommandPath(), flag, words, want)
			}
		}
		for _, sub := range c.Commands() {
			visit(sub)
		}
	}
	visit(root)
	token, _, _ := root.Find([]string{"token"})
	complete, _ := token.GetFlagCompletionFunc("role")
	if words := offered(token, complete, nil); slices.Contains(words, "admin") {
		t.Errorf("touchline token --role offers %q, which it would refuse", words)
	}
}

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
