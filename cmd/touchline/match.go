package main

import (
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/access"
)

// inviteLines are the invites of a new match, in the order in which they are shown.
var inviteLines = []struct{ role, means string }{
	{"admin", "may do everything"},
	{"record", "may record events"},
	{"watch", "may read"},
	{"relay", "may hold and forward"},
}

func (a *app) matchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "match",
		Short: "Begin or list matches",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usagef("say touchline match new or touchline match list")
		},
	}
	cmd.AddCommand(a.matchNewCommand(), a.matchListCommand())
	return cmd
}

func (a *app) matchNewCommand() *cobra.Command {
	var in bridge.FoundRequest
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Begin a match and print invites to it",
		Long: `Founds a match on this device and prints an invite for each common role. An
invite is a secret: whoever holds it may join with that role. No network and
no running node is needed.`,
		Example: `  touchline match new --label "U10 final"
  touchline match new --json | jq -r .invites.record`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), true, func(c *client) error {
				var out bridge.Founded
				if err := c.call(cmd.Context(), http.MethodPost, "/local/matches", in, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				a.printf("Match %s\n", out.Match)
				for _, line := range inviteLines {
					a.printf("\n%s invite (%s):\n%s\n", line.role, line.means, out.Invites[line.role])
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&in.Label, "label", "", "your own `name` for the match; it stays on this device")
	return cmd
}

func (a *app) matchListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the matches this device follows",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				all, err := c.matches(cmd.Context())
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(bridge.MatchList{Matches: all})
				}
				for _, m := range all {
					a.printf("%s  %-8s  %s\n", m.ID, m.Role, m.Label)
				}
				return nil
			})
		},
	}
}

func (a *app) inviteCommand() *cobra.Command {
	var in bridge.InviteRequest
	var lasts time.Duration
	cmd := &cobra.Command{
		Use:   "invite [MATCH]",
		Short: "Make an invite to a match",
		Long: `Makes a fresh invite. Roles: admin, referee, coach, record, guardian, family,
watch, relay. This device must itself have the role, and one that may invite
(admin, referee, coach). An end is shown with what was done after it; it does
not lock anybody out, since clocks may be wrong.`,
		Example: `  touchline invite "U10 final" --role record
  touchline invite --role watch --uses 200 --for 48h`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := access.ParseRole(in.Role); err != nil {
				return usageError{err}
			}
			if lasts > 0 {
				end := time.Now().Add(lasts)
				in.NotAfter = &end
			}
			return a.with(cmd.Context(), false, func(c *client) error {
				m, err := c.match(cmd.Context(), first(args))
				if err != nil {
					return err
				}
				var out bridge.Invited
				if err := c.call(cmd.Context(), http.MethodPost, localPath(m.ID, "/invites"), in, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				a.printf("%s\n", out.Invite)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&in.Role, "role", "watch", "what the holder may do")
	cmd.Flags().Uint64Var(&in.Uses, "uses", 1, "how many devices it is for")
	cmd.Flags().DurationVar(&lasts, "for", 0, "how long it is meant to be used (0: no end)")
	return cmd
}

func (a *app) joinCommand() *cobra.Command {
	var in bridge.JoinRequest
	cmd := &cobra.Command{
		Use:   "join INVITE",
		Short: "Join a match by an invite",
		Long: `Enrols this device by an invite. No network is needed: the events follow when a
node runs. Use - to read the invite from standard input, so that it does not
stay in the shell's history.`,
		Example: `  touchline join 'touchline:1#…' --label "U10 final"
  touchline join - < invite.txt`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := a.textArg(args[0])
			if err != nil {
				return err
			}
			in.Invite = text
			if _, err := access.ParseInvite(text); err != nil {
				return err // before a data folder is made
			}
			return a.with(cmd.Context(), true, func(c *client) error {
				var m bridge.Match
				if err := c.call(cmd.Context(), http.MethodPost, "/local/join", in, &m); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(m)
				}
				a.printf("Joined match %s as %s\n", m.ID, m.Role)
				if !c.running {
					a.printf("Run touchline node to get its events.\n")
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&in.Label, "label", "", "your own `name` for the match; it stays on this device")
	return cmd
}
