package main

import (
	"slices"
	"testing"

	"touchline.dev/touchline/crdt/match"
)

func TestNearest(t *testing.T) {
	for word, want := range map[string][]string{
		"gaol":      {"goal"},
		"Goal":      {"goal"},
		"goals":     {"goal"},
		"crad":      {"card"},
		"sub":       {"substitution"},
		"penalty":   {"penalty.missed"},
		"start":     {"period.start"},
		"freekick":  {"free_kick"},
		"periodend": {"period.end"},
		"vuvuzela":  nil,
		"x":         nil,
		"":          nil,
	} {
		if got := nearest(word, match.Kinds()); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", word, got, want)
		}
	}
}

func TestSlipDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"", "abc", 3}, {"goal", "goal", 0}, {"gaol", "goal", 1}, {"goall", "goal", 1}, {"gol", "goal", 1}, {"gosl", "goal", 1}, {"save", "shot", 3}, {"müde", "mude", 1}} {
		if got := slips(c.a, c.b); got != c.want || slips(c.b, c.a) != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
