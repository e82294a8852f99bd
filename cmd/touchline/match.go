package main

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/access"
)

// inviteLines are the common invites to a match, in the order in which they are
// shown, and whom they are for.
var inviteLines = []struct{ role, whom string }{
	{"watch", "families, who follow it"},
	{"record", "assistants, who record too"},
	{"relay", "a relay, which holds and forwards it"},
	{"admin", "who may do everything, as you"},
}

func (a *app) matchCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "match",
		Short: "Begin or list matches",
		RunE:  only,
	}
	cmd.AddCommand(a.matchNewCommand(), a.matchListCommand(), a.fingerprintCommand())
	return cmd
}

func (a *app) matchNewCommand() *cobra.Command {
	var in bridge.FoundRequest
	var competition string
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Begin a match",
		Long: `Founds a match on this device and says how to let others in. An invite is a
secret: whoever holds it may join with its role. No network and no running node
is needed. With --json an invite for each common role is made at once.`,
		Example: `  touchline match new --label "U10 final"
  touchline match new --label "U10 final" --sealed
  touchline match new --label "U10 final" --competition "Saturday cup"
  touchline match new --json | jq -r .invites.record`,
		Args: takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkLabel(cmd, in.Label); err != nil {
				return err
			}
			return a.with(cmd.Context(), true, func(c *client) error {
				var out bridge.Founded
				in.NoInvites = !a.json // a person asks for one when it is needed
				if err := c.competitionIs(cmd.Context(), competition); err != nil {
					return err
				}
				if err := c.call(cmd.Context(), http.MethodPost, "/local/matches", in, &out); err != nil {
					return err
				}
				if competition != "" {
					if err := c.call(cmd.Context(), http.MethodPost, keptPath(competition, "/matches"), []bridge.Fixture{{Match: out.Match}}, &bridge.Added{}); err != nil {
						return err
					}
				}
				if a.json {
					return a.printJSON(out)
				}
				a.printFounded(bridge.Match{ID: out.Match, Label: out.Label}, in.Sealed, c.running)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&in.Label, "label", "", "your own `name` for the match; it stays on this device")
	cmd.Flags().StringVar(&competition, "competition", "", "`name` of the competition of this device that the match is in")
	cmd.Flags().BoolVar(&in.Sealed, "sealed", false, "seal it: relays and watchers hold it without being able to read it")
	return cmd
}

// printFounded says what a new match is called and what one does with it.
func (a *app) printFounded(m bridge.Match, sealed, running bool) {
	about := ""
	if sealed {
		about = ", sealed: who has no invite that reads, a relay too, holds it without being able to read it"
	}
	a.printf("Match %s is on this device%s.\n\nInvite others. An invite is a secret: whoever has it may use it.\n", title(m), about)
	for _, line := range inviteLines {
		if sealed && line.role == "watch" {
			line.role = "family" // a watcher of a sealed match reads nothing by itself
		}
		a.printf("  touchline invite %s --role %-7s %s\n", typed(m), line.role, faint.Render("for "+line.whom))
	}
	a.printf("\nNext:\n")
	if !running {
		a.printf("  touchline node   %s\n", faint.Render("in another terminal; others find this device then"))
	}
	a.printf("  touchline record %s goal team=home period=1 clock=12:30\n", typed(m))
	a.printf("  touchline token %s --role coach --team home --link   %s\n", typed(m), faint.Render("if you coach a team: injuries are shown to its own staff, not to who made the match"))
}

func (a *app) matchListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the matches and teams this device follows",
		Args:  takes(0, 0),
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
					kind := "match"
					if m.Team {
						kind = "team"
					}
					seal := ""
					if m.Sealed {
						seal = "  (sealed)" // behind the label, where no column moves
					}
					a.printf("%s  %-5s  %-8s  %s%s\n", m.ID, kind, m.Role, clean(m.Label), seal)
				}
				if len(all) == 0 {
					return errNoMatch()
				}
				return nil
			})
		},
	}
}

func (a *app) inviteCommand() *cobra.Command {
	var in bridge.InviteRequest
	var lasts time.Duration
	var until string
	cmd := &cobra.Command{
		Use:   "invite [MATCH]",
		Short: "Make an invite to a match",
		Long: `Makes a fresh invite. Roles: admin, referee, coach, record, guardian, family,
watch, relay. A guardian with --child sees what is told of that child and of no other,
such as an injury; nothing in clear says whose guardian a device is. Injuries are for a
team's own staff (coach or record with --team) and that child's guardians: admin, referee
and record without a team are told of none but those that they recorded. In a terminal a QR code is shown, too. This device must itself have the role, and one that may invite
(admin, referee, coach). Nothing but the invite goes to standard output. An end
is shown with what was done after it; it does not lock anybody out, since clocks
may be wrong.`,
		Example: `  touchline invite "U10 final" --role record
  touchline invite --role watch --uses 200 --for 48h
  touchline invite --role coach --team home --until 16:30
  touchline invite "U10 final" --role guardian --team home --child 7`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := access.ParseRole(in.Role); err != nil {
				return usageError{err}
			}
			switch {
			case lasts < 0:
				return usagef("--for %s is over already; say how long from now on, such as --for 3h", lasts)
			case lasts > 0 && until != "":
				return usagef("--for or --until, not both")
			case lasts > 0:
				end := time.Now().Add(lasts)
				in.NotAfter = &end
			}
			if until != "" {
				end, err := parseUntil(until, time.Now())
				if err != nil {
					return err
				}
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
				a.printInvite(out, fmt.Sprintf("It lets %s in as %s.", count(int(out.Uses), "device"), out.Role))
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&in.Role, "role", "watch", "what the holder may do")
	cmd.Flags().Uint64Var(&in.Uses, "uses", 0, "how `many` devices it is for (0: as many as usual: watch 1000, record 32, relay 16, others 4)")
	cmd.Flags().DurationVar(&lasts, "for", 0, "how long it is meant to be used (0: no end)")
	cmd.Flags().StringVar(&until, "until", "", "`time` until which it is meant to be used, as in 16:30")
	cmd.Flags().StringVar(&in.Team, "team", "", "rights for one side only: home, away, or a `team`'s ID as the match's setup has it")
	cmd.Flags().StringVar(&in.Child, "child", "", "for a guardian: the child's `ID` as a player of that team")
	return cmd
}

func (a *app) joinCommand() *cobra.Command {
	var in bridge.JoinRequest
	cmd := &cobra.Command{
		Use:   "join INVITE",
		Short: "Join a match by an invite",
		Long: `Enrols this device by an invite. No network is needed: the events follow when a
node runs. Use - to read the invite from standard input, so that it does not
stay in the shell's history, nor among the running programs that other users of
this machine can list.

Names of matches are each device's own: --label gives it one here, also later, by
joining once more.`,
		Example: `  touchline join 'touchline:1#…' --label "U10 final"
  touchline join - < invite.txt
  touchline node --follow - < invite.txt         join and run in one step`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := a.textArg(args[0])
			if err == nil {
				err = checkLabel(cmd, in.Label)
			}
			if err == nil {
				err = checkInvite(args[0], text)
			}
			if err != nil {
				return err // before a data folder is made
			}
			in.Invite = text
			return a.with(cmd.Context(), true, func(c *client) error {
				var m bridge.Match
				status, err := c.send(cmd.Context(), http.MethodPost, "/local/join", in, &m)
				if err != nil {
					return err
				}
				if a.json {
					return a.printJSON(m)
				}
				if status == http.StatusCreated {
					a.printf("Joined match %s as %s.\n", title(m), m.Role)
				} else {
					a.printf("This device follows match %s already, as %s.\n", title(m), m.Role)
				}
				if m.Label == "" {
					a.printf("It has no name on this device; joining again with --label \"U10 final\" gives it one.\n")
				}
				if !c.running {
					a.printf("Next: touchline node, which gets its events from the others.\n")
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&in.Label, "label", "", "your own `name` for the match; it stays on this device")
	return cmd
}

// checkLabel refuses an empty label: who gives one means to find the match by it.
func checkLabel(cmd *cobra.Command, label string) error {
	if cmd.Flags().Changed("label") && strings.TrimSpace(label) == "" {
		return usagef("--label is empty; say a name such as --label \"U10 final\", or leave it out")
	}
	return nil
}

// checkInvite refuses what is no invite; arg is how it was given.
func checkInvite(arg, text string) error {
	_, err := access.ParseInvite(text)
	if err != nil && arg != "-" && isFile(arg) {
		return usagef("%s is a file, and the invite is in it: touchline join - < %s", arg, arg)
	}
	return err
}
