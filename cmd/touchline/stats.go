package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
)

func (a *app) statsCommand() *cobra.Command {
	return a.viewCommand(&cobra.Command{
		Use:   "stats [MATCH|INVITE]",
		Short: "Show the numbers of a match and of its players",
		Long: `Shows what each side did and what each player played. Coaches also see shares
of play, and who has had too little or too much of it today.`,
		Example: `  touchline stats "U10 final"
  touchline stats --json | jq '.teams[0].players[] | {id, playedMs}'`,
	}, func(ctx context.Context, c *client, m *bridge.Match) error {
		var v bridge.StatsView
		if err := a.view(ctx, c, m, "/stats", &v); err != nil || a.json {
			return err
		}
		b := newBoard(&match.State{Teams: v.Teams})
		b.teamStats(a, v.Hidden)
		for i := range v.Teams {
			b.playerStats(a, i, v.Hidden)
		}
		for _, in := range v.Insights {
			b.insights(a, in, v.Phase == "ended")
		}
		return nil
	})
}

func (b *board) teamStats(a *app, hidden bool) {
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "\t%s\t%s\n", b.team(0), b.team(1))
	for _, row := range []struct {
		name  string
		of    func(*match.Stats) int64
		tells bool // the score could be worked out from it
	}{
		{"goals", func(s *match.Stats) int64 { return s.Goals }, true},
		{"shots", func(s *match.Stats) int64 { return s.Shots }, true},
		{"on target", func(s *match.Stats) int64 { return s.OnTarget }, true},
		{"saves", func(s *match.Stats) int64 { return s.Saves }, true},
		{"corners", func(s *match.Stats) int64 { return s.Corners }, false},
		{"offsides", func(s *match.Stats) int64 { return s.Offsides }, false},
		{"fouls", func(s *match.Stats) int64 { return s.Fouls }, false},
		{"yellow cards", func(s *match.Stats) int64 { return s.Cards.Yellow + s.Cards.SecondYellow }, false},
		{"red cards", func(s *match.Stats) int64 { return s.Cards.Red + s.Cards.SecondYellow }, false},
	} {
		if !row.tells || !hidden {
			fmt.Fprintf(w, "%s\t%d\t%d\n", row.name, row.of(&b.state.Teams[0].Stats), row.of(&b.state.Teams[1].Stats))
		}
	}
	w.Flush()
}

func (b *board) playerStats(a *app, i int, hidden bool) {
	if len(b.state.Teams[i].Players) == 0 {
		return
	}
	a.printf("\n")
	w := tabwriter.NewWriter(a.out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "%s\tminutes\tin goal\t", b.team(i))
	if !hidden {
		fmt.Fprint(w, "goals\tassists\tshots\tsaves\t+/-\t")
	}
	fmt.Fprint(w, "fouls\tcards\n")
	for _, p := range b.state.Teams[i].Players {
		fmt.Fprintf(w, "%s\t%s\t%s\t", playerName(p), minutes(p.PlayedMs), minutes(p.KeeperMs))
		if !hidden {
			fmt.Fprintf(w, "%d\t%d\t%d\t%d\t%+d\t", p.Goals, p.Assists, p.Shots, p.Saves, p.PlusMinus)
		}
		fmt.Fprintf(w, "%d\t%s\n", p.Fouls, cardWords(p.Cards))
	}
	w.Flush()
}

func minutes(ms int64) string { return fmt.Sprintf("%d:%02d", ms/60_000, ms/1000%60) }

func cardWords(c match.Cards) string {
	text := ""
	for _, card := range []struct {
		n    int64
		mark string
	}{{c.Yellow, "Y"}, {c.SecondYellow, "Y2"}, {c.Red, "R"}, {c.SinBin, "bin"}} {
		for range card.n {
			text += card.mark
		}
	}
	return text
}

// alertWords ask a coach to act.
var alertWords = map[string]string{
	match.AlertUnderShare: "has played less than the least share",
	match.AlertOverCap:    "has played more than a day allows",
	match.AlertHeadInjury: "is on with a head injury and must not be",
	match.AlertSinBinOver: "has served the time in the sin bin",
	match.AlertPowerPlay:  "the power play: check how many may be on",
}

func (b *board) insights(a *app, in match.Insights, ended bool) {
	i := sideIndex(in.Side)
	if ended {
		in.Suggestion = nil
	}
	if len(in.Alerts) == 0 && in.Suggestion == nil {
		return
	}
	a.printf("\nFor the coaches of %s\n", b.team(i))
	for _, alert := range in.Alerts {
		a.printf("  %s %s\n", b.names[i][alert.Player], alertWords[alert.Kind])
	}
	if s := in.Suggestion; s != nil {
		a.printf("  to even minutes: %s for %s (%s more)\n", b.names[i][s.In], b.names[i][s.Out], minutes(s.GapMs))
	}
}
