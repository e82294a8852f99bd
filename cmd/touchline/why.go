package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
)

func (a *app) whyCommand() *cobra.Command {
	return a.viewCommand(&cobra.Command{
		Use:   "why [MATCH|INVITE]",
		Short: "Say why the score is what it is",
		Long: `Says which reports make the score, which were merged into one, what does not
count and why, who corrected what, and what is odd. Authors are named by the
beginning of their keys, as in touchline grants.`,
		Example: `  touchline why "U10 final"
  touchline why --json | jq '.not[].text'`,
	}, func(ctx context.Context, c *client, m *bridge.Match) error {
		var v bridge.WhyView
		if err := a.view(ctx, c, m, "/why", &v); err != nil || a.json {
			return err
		}
		var s bridge.StateView
		if err := c.get(ctx, matchPath(m.ID, "/state"), &s); err != nil {
			return err
		}
		b := newBoard(s.State)
		a.printf("%s\n", b.headline(time.Now()))
		if r := b.result(); r != "" {
			a.printf("%s\n", r)
		}
		if v.Unread > 0 {
			a.printf("%s\n", poor.Render(count(v.Unread, "event")+" cannot be read here"))
		}
		a.reasons("Counts", v.Goals)
		a.reasons("Does not count", v.Not)
		a.reasons("Corrections", v.Changes)
		a.reasons("Other things that do not count or are odd", v.Other)
		if len(v.Goals)+len(v.Not)+len(v.Changes)+len(v.Other) == 0 {
			a.printf("Nothing that makes a score was recorded.\n")
		}
		return nil
	})
}

func (a *app) reasons(title string, list []match.Reason) {
	if len(list) == 0 {
		return
	}
	a.printf("\n%s\n", strong.Render(title))
	for _, r := range list {
		a.printf("  %s  %s\n", clean(r.Text), faint.Render(r.Hash.Short()))
	}
}
