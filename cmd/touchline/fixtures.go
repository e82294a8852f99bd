package main

import (
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

// keptPath is where a competition that this device keeps is changed.
func keptPath(name, rest string) string { return "/local/competitions/" + url.PathEscape(name) + rest }

func (a *app) competitionAddCommand() *cobra.Command {
	var f bridge.Fixture
	cmd := &cobra.Command{
		Use:   "add NAME MATCH…",
		Short: "Take followed matches into a competition",
		Long: `Takes matches in, as group matches (of the group their match.setup names, or
--group) or with --tie as a tie of the bracket. A tie is for one match, of the teams
that it is known to be for. What the competition's settings say is recorded in each
match: touchline competition settings.`,
		Example: `  touchline competition add "Saturday cup" "U10 final"
  touchline competition add "World Cup" 3fa9 --tie 64`,
		Args: takes(2, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				var in []bridge.Fixture
				for _, name := range args[1:] {
					m, err := c.match(cmd.Context(), name)
					if err != nil {
						return err
					}
					f.Match = m.ID
					in = append(in, f)
				}
				var out bridge.Added
				if err := c.call(cmd.Context(), http.MethodPost, keptPath(args[0], "/matches"), in, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				for _, r := range out.Replaced {
					a.printf("Tie %s had %s, which it replaces.\n", clean(r.Tie), clean(r.Match))
				}
				a.untold(out.Untold)
				a.printf("Competition %s has %s.\n", clean(out.Name), plural(len(out.Matches), "match", "matches"))
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&f.Group, "group", "", "`name` of the group (default: as the match says)")
	cmd.Flags().StringVar(&f.Tie, "tie", "", "`ID` of the tie in the bracket that the match decides")
	return cmd
}

func (a *app) competitionRemoveCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "remove NAME MATCH",
		Short: "Take a match or a result out of a competition",
		Long: `Takes out a followed match, or a result from elsewhere by its name (competition
list --json has them). The match itself stays on this device.`,
		Example: `  touchline competition remove "Saturday cup" "U10 final"
  touchline competition remove "World Cup" "World Cup 2018/France - Croatia"`,
		Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				in := bridge.RemoveRequest{Match: args[1]}
				if m, err := c.match(cmd.Context(), args[1]); err == nil {
					in.Match = m.ID.String() // else it may be one that is not followed any more
				}
				var out bridge.Competition
				if err := c.call(cmd.Context(), http.MethodPost, keptPath(args[0], "/remove"), in, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				a.printf("Competition %s has %s, %s from elsewhere.\n", clean(out.Name), plural(len(out.Matches), "match", "matches"), count(len(out.Results), "result"))
				return nil
			})
		},
	}
}

func (a *app) competitionDeleteCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "delete NAME",
		Short: "Forget a competition; its matches stay",
		Long: `Forgets which matches belong to the competition, its results from elsewhere, its
knock-out and its rulings. The matches themselves stay on this device.`,
		Example: `  touchline competition delete "Saturday cup" --yes`,
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				var one bridge.Competition
				if err := c.get(cmd.Context(), competitionPath(args[0], ""), &one); err != nil {
					return err
				}
				if err := a.sure(yes, "This forgets competition "+clean(one.Name)+" with its rules and results. "+notBack); err != nil {
					return err
				}
				var out bridge.Deleted
				if err := c.call(cmd.Context(), http.MethodPost, keptPath(args[0], "/delete"), struct{}{}, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				a.printf("Competition %s is gone; its matches are still on this device.\n", clean(out.Competition))
				return nil
			})
		},
	}
	yesFlag(cmd, &yes)
	return cmd
}
