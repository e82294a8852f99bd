package main

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

// each runs f for the named match, or for all.
func (a *app) each(cmd *cobra.Command, args []string, f func(*client, bridge.Match) error) error {
	return a.with(cmd.Context(), false, func(c *client) error {
		var list []bridge.Match
		if len(args) == 1 {
			m, err := c.match(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			list = []bridge.Match{*m}
		} else {
			var err error
			if list, err = c.matches(cmd.Context()); err != nil {
				return err
			}
			if len(list) == 0 {
				return errors.New("this device follows no match yet; begin with touchline match new or touchline join")
			}
		}
		for _, m := range list {
			if err := f(c, m); err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *app) statusCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "status [MATCH]",
		Short: "Say what is here and who provably holds the same",
		Long: `Shows each match's number of events, its digest and the devices that proved to
hold exactly the same. Equal digests are equal matches. "Safe on n devices" is
never a guess: it counts proofs, this device included.`,
		Example: `  touchline status
  touchline status "U10 final" --json | jq .digest`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.each(cmd, args, func(c *client, m bridge.Match) error {
				var s bridge.Status
				if err := c.get(cmd.Context(), matchPath(m.ID, "/status"), &s); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(s)
				}
				a.printf("%s  %s\n", strong.Render(m.ID.Short()), clean(m.Label))
				a.printf("  %s\n", safety(s))
				a.printf("  %d events, digest %s, you may %s\n", s.Count, s.Digest.Short(), s.Role)
				if s.Waiting > 0 {
					a.printf("  %d events wait for their author's grant\n", s.Waiting)
				}
				if !c.running {
					a.printf("  no node is running\n")
				} else {
					a.printf("  last heard %s\n", ago(s.LastHeard))
				}
				for _, p := range s.Peers {
					a.printf("  %s  %s\n", p.ID, peerWords(p))
				}
				return nil
			})
		},
	}
}

func peerWords(p bridge.PeerStatus) string {
	words := "away"
	if p.Connected {
		words = "connected"
	}
	if p.Equal {
		return words + ", " + good.Render("equal")
	}
	return words + ", last equal " + ago(p.LastEqual)
}

func (a *app) peersCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "peers",
		Short: "List the devices this one knows",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				var list bridge.PeerList
				if err := c.get(cmd.Context(), "/local/peers", &list); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(list)
				}
				if !c.running {
					return a.errNoNode()
				}
				for _, p := range list.Peers {
					a.printPeer(p)
				}
				if len(list.Peers) == 0 {
					a.printf("No other device was found yet.\n")
				}
				return nil
			})
		},
	}
}

func (a *app) errNoNode() error {
	return fmt.Errorf("no node is running for %s; start one with touchline node", a.data)
}

func (a *app) printPeer(p bridge.Peer) {
	state := poor.Render("away")
	if p.Connected {
		state = good.Render(fmt.Sprintf("connected, %.1f ms", p.RTTMs))
	}
	a.printf("%s  %s  (%s, %d matches in common, seen %s)\n", p.ID, state, p.Source, p.Logs, ago(p.LastSeen))
	for _, addr := range p.Addrs {
		a.printf("  %s\n", addr)
	}
	if p.LastError != "" {
		a.printf("  %d failures, last: %s\n", p.Failures, clean(p.LastError))
	}
}

func (a *app) syncCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "sync [MATCH]",
		Short: "Make matches equal with every connected device now",
		Long: `A running node does this by itself whenever it is needed. This command does it
once more, waits for the end and says what came of it.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.each(cmd, args, func(c *client, m bridge.Match) error {
				if !c.running {
					return a.errNoNode()
				}
				var r bridge.SyncReport
				if err := c.call(cmd.Context(), http.MethodPost, localPath(m.ID, "/sync"), nil, &r); err != nil {
					return err
				}
				if a.json {
					if err := a.printJSON(r); err != nil {
						return err
					}
				} else {
					a.printf("%s: %d of %d devices equal, %d events sent, %d got, in %.0f ms\n", m.ID.Short(), r.Equal, r.Peers, r.Sent, r.Got, r.DurationMs)
					for id, why := range r.Errors {
						a.printf("  %s: %s\n", id, clean(why))
					}
				}
				if len(r.Errors) > 0 {
					return fmt.Errorf("%d devices could not be reached or did not answer", len(r.Errors))
				}
				return nil
			})
		},
	}
}

func (a *app) doctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor [MATCH]",
		Short: "Find out why events do not arrive",
		Long: `Looks at the layers an event passes, in order, and names the one that fails:
discovery, dial, access, subscribe, reconcile, apply.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			failed := 0
			err := a.each(cmd, args, func(c *client, m bridge.Match) error {
				checks := []bridge.Check{{Layer: "node", OK: c.running, Detail: "a node is running"}}
				if !c.running {
					checks[0].Detail, checks[0].Hint = "no node is running for this data folder", "start one with touchline node"
				}
				var list bridge.CheckList
				if err := c.get(cmd.Context(), localPath(m.ID, "/doctor"), &list); err != nil {
					return err
				}
				checks = append(checks, list.Checks...)
				for _, check := range checks {
					if !check.OK {
						failed++
					}
				}
				return a.printChecks(m, checks)
			})
			if err == nil && failed > 0 {
				err = fmt.Errorf("%d checks failed", failed)
			}
			return err
		},
	}
}

func (a *app) printChecks(m bridge.Match, checks []bridge.Check) error {
	if a.json {
		return a.printJSON(map[string]any{"matchId": m.ID, "checks": checks})
	}
	a.printf("%s  %s\n", strong.Render(m.ID.Short()), clean(m.Label))
	for _, c := range checks {
		mark := good.Render("ok  ")
		if !c.OK {
			mark = bad.Render("FAIL")
		}
		a.printf("  %s %-10s %s\n", mark, c.Layer, clean(c.Detail))
		if c.Hint != "" {
			a.printf("       %10s → %s\n", "", c.Hint)
		}
	}
	return nil
}
