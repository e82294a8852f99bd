package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// A recorder's link ends during a match: what is tapped before and after stays
// on the phone, the page says so and what helps, and a new link brings all of
// it to the node, once. Links of other kinds, and those that are wrong, open
// what they are for or say why they do not. The steps are in
// bridge/web/test/linkends.mjs.
func TestAppWhenALinkEnds(t *testing.T) {
	for _, kind := range []string{"open", "sealed"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newServed(t)
			if kind == "sealed" {
				var made struct{ MatchID string }
				if err := json.Unmarshal([]byte(d.run("match", "new", "--label", "s", "--sealed", "--json")), &made); err != nil {
					t.Fatal(err)
				}
				d.match = made.MatchID
				d.key = d.run("token", d.match, "--role", "watch")
			}
			converse(t, nil, func(what string) any {
				switch args := strings.Fields(what); args[0] {
				case "log":
					return d.log()
				case "token":
					return d.run("token", d.match, "--role", args[1], "--for", args[2])
				}
				t.Errorf("asked for %q", what)
				return nil
			}, "test/linkends.mjs", d.url, d.match, kind)
		})
	}
}
