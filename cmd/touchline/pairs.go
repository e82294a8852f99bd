package main

import (
	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

func (a *app) pairsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "pairs [COMPETITION]",
		Short: "Pair the next round of a Swiss tournament",
		Long: `Pairs neighbours of the table that have not met. With an odd number of teams the
lowest that has not sat out yet does. Matches under way are not in the table, but
who plays in them does not meet again.`,
		Example: `  touchline competition pairs "Saturday cup"`,
		Args:    takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.onCompetition(cmd, args, func(c *client, name string) error {
				var v bridge.PairsView
				if err := c.get(cmd.Context(), competitionPath(name, "/pairs"), &v); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(v)
				}
				a.printf("%s\n", strong.Render(clean(v.Competition)))
				for _, g := range v.Groups {
					if g.Group != "" {
						a.printf("Group %s\n", clean(g.Group))
					}
					for _, p := range g.Pairs {
						a.printf("  %s – %s\n", clean(p[0]), clean(p[1]))
					}
					if g.Bye != "" {
						a.printf("  %s sits out\n", clean(g.Bye))
					}
				}
				a.missing(len(v.Missing))
				return nil
			})
		},
	}
}
