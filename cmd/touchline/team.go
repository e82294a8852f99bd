package main

import (
	"net/http"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/access"
)

func (a *app) teamCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "team",
		Short: "Begin a team, whose followers follow its matches",
		Long: `A team has a log of its own, always sealed, that tells of its matches. Who joins
a team by an invite (touchline invite TEAM --role family) follows every match that
is announced in it, by itself and with no further invite. Guardians of the team's
children (touchline invite TEAM --role guardian --child 7) are their guardians in each
match.`,
		Example: `  touchline team new "U10 Badgers"
  touchline invite "U10 Badgers" --role guardian --child 7
  touchline invite "U10 Badgers" --role family
  touchline team announce "U10 Badgers" "U10 final" --team home`,
		RunE: only,
	}
	cmd.AddCommand(a.teamNewCommand(), a.teamAnnounceCommand())
	return cmd
}

func (a *app) teamNewCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "new NAME",
		Short: "Begin a team",
		Args:  takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), true, func(c *client) error {
				var out bridge.Match
				if err := c.call(cmd.Context(), http.MethodPost, "/local/teams", bridge.FoundRequest{Label: args[0]}, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				a.printf("Team %s is on this device.\n\nNext:\n", title(out))
				a.printf("  touchline invite %s --role family   %s\n", typed(out), faint.Render("for those who follow it"))
				a.printf("  touchline team announce %s MATCH    %s\n", typed(out), faint.Render("they follow that match, too"))
				return nil
			})
		},
	}
}

func (a *app) teamAnnounceCommand() *cobra.Command {
	var in bridge.AnnounceRequest
	cmd := &cobra.Command{
		Use:   "announce TEAM MATCH",
		Short: "Let a team's followers follow a match",
		Args:  takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := access.ParseRole(in.Role); err != nil {
				return usageError{err}
			}
			return a.with(cmd.Context(), false, func(c *client) error {
				team, err := c.match(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				m, err := c.match(cmd.Context(), args[1])
				if err != nil {
					return err
				}
				in.Match = m.ID
				if err := c.call(cmd.Context(), http.MethodPost, "/local/teams/"+team.ID.String()+"/announce", in, nil); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]any{"teamId": team.ID, "matchId": m.ID})
				}
				a.printf("Who follows team %s follows match %s, as %s.\n", title(*team), title(*m), in.Role)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&in.Role, "role", "family", "what they may do in the match")
	cmd.Flags().StringVar(&in.Side, "team", "", "the side that the team plays on: home or away")
	cmd.Flags().StringVar(&in.Label, "label", "", "the `name` that they see (as here, if not said)")
	return cmd
}

func (a *app) rotateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "rotate [MATCH]",
		Short: "Give a sealed match a new key",
		Long: `Everything recorded from now on is sealed under a new key, which those who may
read get and those whose right has ended do not. touchline revoke does this by
itself; do it by hand after an invite has got into wrong hands.`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				m, err := c.match(cmd.Context(), first(args))
				if err != nil {
					return err
				}
				if err := c.call(cmd.Context(), http.MethodPost, localPath(m.ID, "/rotate"), nil, nil); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(map[string]any{"matchId": m.ID})
				}
				a.printf("Match %s has a new key.\n", title(*m))
				return nil
			})
		},
	}
}
