package main

import (
	"net/http"
	"strconv"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

func (a *app) competitionAdjustCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "adjust NAME WHO POINTS",
		Short: "Give points to a team, or take them, by a ruling",
		Long: `Keeps how many points a ruling gives WHO, a team as the table names it, or below 0
takes from it; 0 takes the ruling back. Flags stand before NAME, so that -3 is none.`,
		Example: `  touchline competition adjust "Saturday cup" Hares -3`,
		Args:    takes(3, 3),
		RunE: func(cmd *cobra.Command, args []string) error {
			points, err := strconv.ParseInt(args[2], 10, 64)
			if err != nil {
				return usagef("POINTS is a number such as -3, and %q is not", args[2])
			}
			return a.rule(cmd, args[0], "/adjust", bridge.AdjustRequest{Team: args[1], Points: points})
		},
	}
	cmd.Flags().SetInterspersed(false)
	return cmd
}

func (a *app) competitionLotsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "lots NAME [TEAM…]",
		Short: "Keep the order of lots that were drawn among level teams",
		Long: `Keeps the order drawn, best first. It decides only among teams that nothing else in
the rules splits. Without teams, all draws are taken back.`,
		Example: `  touchline competition lots "Saturday cup" Hares Adders`,
		Args:    takes(1, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.rule(cmd, args[0], "/lots", bridge.LotsRequest{Teams: args[1:]})
		},
	}
}

func (a *app) competitionForfeitCommand() *cobra.Command {
	var round string
	cmd := &cobra.Command{
		Use:   "forfeit NAME HOME AWAY WINNER",
		Short: "Give a match that nobody follows to one of its teams",
		Long: `Gives the match HOME – AWAY to WINNER with the goals of the rules, in place of a
result from elsewhere. Of a followed match its organiser records it: match.end with
status forfeit. competition remove takes it back.`,
		Example: `  touchline competition forfeit "Saturday cup" Hares Adders Hares`,
		Args:    takes(4, 4),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.rule(cmd, args[0], "/forfeit", bridge.ForfeitRequest{Teams: [2]string{args[1], args[2]}, Winner: args[3], Round: round})
		},
	}
	cmd.Flags().StringVar(&round, "round", "", "`name` of the round, where they play at this ground in several")
	return cmd
}

// rule has a ruling kept with a competition.
func (a *app) rule(cmd *cobra.Command, name, path string, in any) error {
	return a.with(cmd.Context(), false, func(c *client) error {
		var out bridge.Competition
		if err := c.call(cmd.Context(), http.MethodPost, keptPath(name, path), in, &out); err != nil {
			return err
		}
		if a.json {
			return a.printJSON(out)
		}
		a.printf("The ruling is in competition %s; touchline table %q shows it.\n", clean(out.Name), clean(out.Name))
		return nil
	})
}
