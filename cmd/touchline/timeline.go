package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
)

func (a *app) timelineCommand() *cobra.Command {
	var all bool
	cmd := a.viewCommand(&cobra.Command{
		Use:   "timeline [MATCH|INVITE]",
		Short: "Show what happened, in the order of play",
		Long: `Lists what happened by period and clock, reports of the same thing by several
people as one line. What was withdrawn is marked, with the reason; what is odd
about a line is said behind it.`,
		Example: `  touchline timeline "U10 final"
  touchline timeline --all --json | jq '.timeline[].status'`,
	}, func(ctx context.Context, c *client, m *bridge.Match) error {
		var s bridge.StateView
		if a.json {
			return a.view(ctx, c, m, "/timeline", &bridge.TimelineView{})
		}
		if err := c.get(ctx, matchPath(m.ID, "/state"), &s); err != nil {
			return err
		}
		newBoard(s.State).timeline(a, all)
		return nil
	})
	cmd.Flags().BoolVar(&all, "all", false, "also what decides nothing: corners, shots, fouls, notes, line-ups")
	return cmd
}

// small are the kinds that a short timeline leaves out.
var small = []string{"match.setup", "lineup.set", "shot", "save", "corner", "offside", "free_kick", "foul", "gk.change", "note", "reaction", "clip", "coverage.gap", "clock.resume"}

func (b *board) timeline(a *app, all bool) {
	for _, e := range b.state.Timeline {
		if all || !slices.Contains(small, e.Type) || len(e.Flags) > 0 || !e.Counts && e.Status != match.StatusIgnored {
			a.printf("%s\n", b.entry(e))
		}
	}
}

// entry is one line of the timeline.
func (b *board) entry(e *match.Entry) string {
	minute := ""
	if e.Clocked {
		if minute = b.state.Setup.Minute(e.Period, e.ClockMs); minute != "" {
			minute += "'"
		}
	}
	words := []string{clean(e.Type)}
	if e.Side != match.NoSide {
		words = append(words, b.team(sideIndex(e.Side)))
	}
	words = append(words, b.facts(e)...)
	text := strings.Join(words, "  ")
	if e.Score != nil {
		text += "  " + strong.Render(fmt.Sprintf("%d–%d", e.Score[0], e.Score[1]))
	}
	var notes []string
	switch e.Status {
	case match.StatusReported, match.StatusConfirmed, match.StatusIgnored:
		if !e.Counts && e.Status != match.StatusIgnored {
			notes = append(notes, "not applied")
		}
	case match.StatusInvalid:
		notes = append(notes, "does not count: "+match.Lacking(clean(e.Reason)))
	default:
		notes = append(notes, e.Status)
	}
	if e.Reason != "" && e.Status != match.StatusInvalid {
		notes = append(notes, clean(e.Reason))
	}
	if n := len(e.Sources); n > 0 {
		notes = append(notes, fmt.Sprintf("told %d times", n+1))
	}
	notes = append(notes, e.Flags...)
	if len(notes) > 0 {
		text += "  " + faint.Render("("+strings.Join(notes, "; ")+")")
	}
	return fmt.Sprintf("%6s  %s", minute, text)
}

// facts are what an entry says, in words.
func (b *board) facts(e *match.Entry) (words []string) {
	f := e.Facts
	add := func(format, value string) {
		if value != "" {
			words = append(words, fmt.Sprintf(format, value))
		}
	}
	if f.Player != "" {
		add("%s", b.player(e.PlayerSide(), f.Player))
	}
	if f.Assist != "" {
		add("(assist %s)", b.player(e.Side, f.Assist))
	}
	if e.Type == "substitution" {
		add("in %s", b.players(e.Side, f.In))
		add("out %s", b.players(e.Side, f.Out))
	}
	if e.Type == "shootout.kick" {
		words = append(words, map[bool]string{true: "scored", false: "missed"}[f.Scored])
	}
	add("%s", clean(f.How))
	add("%s", clean(f.Kind))
	add("%s", clean(f.Colour))
	add("%s", clean(f.Outcome))
	add("%s", clean(f.Status))
	add("%s", clean(f.Reason))
	add("“%s”", clean(f.Text))
	return words
}
