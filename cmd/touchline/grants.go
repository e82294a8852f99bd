package main

import (
	"fmt"
	"net/http"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

func (a *app) grantsCommand() *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:   "grants [MATCH]",
		Short: "List who may do what in a match",
		Long: `Lists the rights that are known here, each under the one it was given by: the
founder, invites and the devices that came by them, hand-overs, clients of
nodes. The first column is what touchline revoke takes. Rights that have ended
stay in the list, with the reason.`,
		Example: `  touchline grants "U10 final"
  touchline grants --all          also clients of this node: tokens, pages`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				m, err := c.match(cmd.Context(), first(args))
				if err != nil {
					return err
				}
				var list bridge.RightList
				if err := c.get(cmd.Context(), localPath(m.ID, "/rights"), &list); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(list)
				}
				return a.printRights(&list, all)
			})
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "also clients, for which a node signs: tokens and pages")
	return cmd
}

func (a *app) printRights(list *bridge.RightList, all bool) error {
	depth := map[string]int{}
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "RIGHT\tROLE\tWHAT\tSTATE")
	hidden := 0
	for _, r := range list.Rights {
		depth[r.Grant.String()] = depth[r.Parent] + 1
		if !all && r.Kind == "client" {
			hidden++
			continue
		}
		what := strings.Repeat("  ", depth[r.Parent]) + r.Kind
		switch {
		case r.Own:
			what += " (this one)"
		case r.Uses > 0:
			what += fmt.Sprintf(", %d of %d used", r.Devices, r.Uses)
		}
		role := r.Role
		if r.Team != "" {
			role += " of " + clean(r.Team)
		}
		state := r.State
		if r.Why != "" {
			state += ": " + r.Why
		}
		if r.Until != nil {
			state += ", until " + r.Until.Local().Format("2 Jan 15:04")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.Grant.Short(), role, what, state)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if hidden > 0 {
		a.printf("%s of nodes not shown; --all shows them\n", count(hidden, "client"))
	}
	return nil
}

func (a *app) revokeCommand() *cobra.Command {
	var in bridge.RevokeRequest
	var match string
	cmd := &cobra.Command{
		Use:   "revoke RIGHT [--match MATCH]",
		Short: "End a right in a match",
		Long: `Ends the right of a device, or closes an invite. What is known here of the device
up to now stands; what it wrote that nobody here has seen, and all it writes
later, is kept, shown as unconfirmed, and does not count. The invites that it
used or issued are closed; other devices that came by them stay. A revoked
device is no longer talked to, and in a sealed match new keys leave it out. What
it could read before, it can still read.

Only those who gave a right, or gave it to the giver, may revoke it.`,
		Example: `  touchline grants                 shows the rights
  touchline revoke 3fa9c1d2 --match "U10 final"
  touchline revoke 3fa9c1d2 --nothing   nothing that it ever wrote counts`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if in.Grant = strings.ToLower(strings.TrimSpace(args[0])); in.Grant == "" {
				return usagef("say which right: touchline grants shows them")
			}
			return a.with(cmd.Context(), false, func(c *client) error {
				m, err := c.match(cmd.Context(), match)
				if err != nil {
					return err
				}
				var out bridge.Revoked
				if err := c.call(cmd.Context(), http.MethodPost, localPath(m.ID, "/revoke"), in, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				switch right := out.Right; {
				case out.Revocation.IsZero():
					a.printf("The right %s (%s, %s) had ended before; nothing was changed.\n", right.Grant.Short(), right.Role, right.Kind)
					return nil
				case right.State == "ended":
					a.printf("The right %s (%s, %s) had ended before. From now on, nothing stands of what it wrote.\n", right.Grant.Short(), right.Role, right.Kind)
					return nil
				}
				a.printf("The right %s (%s, %s) has ended. Other devices learn of it when they meet this one or one that knows.\n",
					out.Right.Grant.Short(), out.Right.Role, out.Right.Kind)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&match, "match", "", "the `match`, if this device follows several")
	cmd.Flags().BoolVar(&in.Nothing, "nothing", false, "let nothing stand of what was written under the right")
	return cmd
}

func (a *app) handOverCommand() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "handover [MATCH]",
		Short: "Hand this device's right to record over to another device",
		Long: `Ends this device's own right to record and shows a QR code (and a link) by which
one other device takes it over, with no internet. What this device recorded so
far stands; what it records afterwards does not count. It goes on reading. There is
no way back but a new invite, so it asks first; scripts say --yes.`,
		Example: `  touchline handover "U10 final"
  touchline handover "U10 final" --yes --json | jq -r .invite`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				m, err := c.match(cmd.Context(), first(args))
				if err != nil {
					return err
				}
				if err := a.sure(yes, fmt.Sprintf("This device will record nothing more in match %s. %s", title(*m), notBack)); err != nil {
					return err
				}
				var out bridge.Invited
				if err := c.call(cmd.Context(), http.MethodPost, localPath(m.ID, "/handover"), nil, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				a.printInvite(out, "It lets one device take over from this one as "+out.Role+".")
				return nil
			})
		},
	}
	yesFlag(cmd, &yes)
	return cmd
}

// parseUntil reads the end of an invite: a time of day, the next one to come,
// or a date with a time.
func parseUntil(text string, now time.Time) (time.Time, error) {
	if t, err := time.ParseInLocation("15:04", text, now.Location()); err == nil {
		at := time.Date(now.Year(), now.Month(), now.Day(), t.Hour(), t.Minute(), 0, 0, now.Location())
		if !at.After(now) {
			at = at.AddDate(0, 0, 1)
		}
		return at, nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			if !t.After(now) {
				return t, usagef("--until %s: that is over already", text)
			}
			return t, nil
		}
	}
	return time.Time{}, usagef("--until %s: say a time as in 16:30, or 2026-05-09 16:30", text)
}
