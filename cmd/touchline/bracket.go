package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
	"touchline.dev/touchline/crdt/match/table"
)

func (a *app) bracketCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "bracket [COMPETITION]",
		Short:   "Show the knock-out of a competition",
		Example: `  touchline bracket "World Cup"`,
		Args:    takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.onCompetition(cmd, args, func(c *client, name string) error {
				var v bridge.BracketView
				if err := c.get(cmd.Context(), competitionPath(name, "/bracket"), &v); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(v)
				}
				a.printf("%s\n", strong.Render(clean(v.Competition)))
				var rounds []string
				for _, t := range v.Ties {
					if !slices.Contains(rounds, t.Round) {
						rounds = append(rounds, t.Round)
						a.printf("%s\n", clean(t.Round))
					}
					a.printf("  %-4s %s\n", clean(t.ID), tieLine(&t))
				}
				a.missing(len(v.Missing))
				return nil
			})
		},
	}
}

// tieLine is a tie in a line: "France 4 – 2 Croatia" or "W61 – W62".
func tieLine(t *table.Resolved) string {
	name := func(i int) string {
		e := t.Entrants[i]
		switch {
		case e.Bye:
			return "bye"
		case e.Team == "":
			return string(t.Slots[i])
		case e.Provisional:
			return clean(e.Team) + "?"
		}
		return clean(e.Team)
	}
	score, note := "–", ""
	if t.Result != nil {
		score = fmt.Sprintf("%d – %d", t.Result.Score[0], t.Result.Score[1])
		if t.Legs > 1 {
			note = fmt.Sprintf("  (%d of %d legs)", len(t.Played), t.Legs)
		}
		if k := t.Result.Kicks; k != nil {
			note += fmt.Sprintf("  (%d–%d on penalties)", k[0], k[1])
		}
		if t.Result.How == match.HowExtraTime {
			note += "  (after extra time)"
		}
		if s := t.Result.Score; s[0] == s[1] && t.Result.Kicks == nil && t.Winner != "" { // goals away, lots
			note += "  (" + clean(t.Winner) + " goes on)"
		}
	}
	switch t.Outcome {
	case table.OutcomeShared, table.OutcomeReplay:
		note += "  " + t.Outcome
	case table.OutcomeLevel:
		note += "  level; next: " + t.Next
	}
	if t.Changed {
		note += "  (played by others than now qualified: a ruling is needed)"
	}
	return name(0) + " " + score + " " + name(1) + note
}
