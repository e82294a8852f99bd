package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The secret of a namespace lets everything be done: it need not be an argument.
func TestSecretOf(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"one": "\ntouchline:names:1#x \n", "two": "a\nb\n", "none": "\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for arg, want := range map[string]string{
		"": "", "touchline:names:1#y": "touchline:names:1#y", "@" + filepath.Join(dir, "one"): "touchline:names:1#x",
	} {
		if got, err := secretOf(arg); got != want || err != nil {
			t.Errorf("%q: %q, %v", arg, got, err)
		}
	}
	for _, arg := range []string{"two", "none", "missing"} {
		if got, err := secretOf("@" + filepath.Join(dir, arg)); err == nil {
			t.Errorf("%s: %q, not refused", arg, got)
		}
	}
}

// Invites come from standard input or a file, so that they need not be arguments.
func TestFollowed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "invites")
	if err := os.WriteFile(file, []byte("touchline:1#three\r\n\n  U10 final\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		given []string
		stdin string
		want  []string // nil: refused
	}{
		{[]string{"touchline:1#one", "m"}, "not read", []string{"touchline:1#one", "m"}},
		{[]string{"m", "-", "@" + file}, "touchline:1#two\n", []string{"m", "touchline:1#two", "touchline:1#three", "U10 final"}},
		{[]string{"-", "-"}, "touchline:1#two\n", nil},
		{[]string{"-"}, " \n", nil},
		{[]string{"@" + empty}, "", nil},
		{[]string{"@" + empty + "2"}, "", nil},
	} {
		a := &app{in: strings.NewReader(c.stdin)}
		got, err := a.followed(c.given)
		if !slices.Equal(got, c.want) || (err == nil) != (c.want != nil) {
			t.Errorf("%q: %q, %v", c.given, got, err)
		}
	}
}
