package main

import (
	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

func (a *app) doctorCommand() *cobra.Command {
	var dismiss bool
	cmd := &cobra.Command{
		Use:   "doctor [MATCH]",
		Short: "Find out why events do not arrive",
		Long: `Looks at the layers that an event passes, in order, and names the first that
fails and what to do about it:

  node       a node runs for this data folder
  store      it can save
  discovery  it has heard of other devices
  dial       it is connected to one
  access     this device has a right in the match (first, if that has ended)
  subscribe  a connected device follows the match too
  reconcile  both proved to hold the same
  apply      what was received is saved and indexed

Run it on the device that lacks something. It fails if a layer does.

That others on this machine can write in the data folder is noted, too; it stops no
event.

A damage of the store is shown here, by status and by the node until it is
dismissed; then events that were lost by it are not looked for any more.`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if dismiss {
				return a.with(cmd.Context(), false, func(c *client) error { return a.dismiss(cmd.Context(), c) })
			}
			var failed string
			err := a.each(cmd, args, func(c *client, m bridge.Match) error {
				checks := []bridge.Check{{Layer: "node", OK: true, Detail: "a node is running"}}
				if !c.running {
					checks[0] = bridge.Check{Layer: "node", Detail: "no node is running for " + a.data, Hint: "start one, in another terminal: touchline node"}
				}
				var list bridge.CheckList
				if err := c.get(cmd.Context(), localPath(m.ID, "/doctor"), &list); err != nil {
					return err
				}
				checks = append(checks, list.Checks...)
				if layer := firstFailing(checks); failed == "" {
					failed = layer
				}
				return a.printChecks(m, checks)
			})
			if err == nil {
				err = failedLayer(failed)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&dismiss, "dismiss", false, "the damages of the store are known: do not show them any more")
	return cmd
}

func firstFailing(checks []bridge.Check) string {
	for _, c := range checks {
		if !c.OK {
			return c.Layer
		}
	}
	return ""
}

// printChecks shows what a layer's failure leads to as such: only the first
// failure needs something to be done.
func (a *app) printChecks(m bridge.Match, checks []bridge.Check) error {
	open := a.exposed()
	if a.json {
		out := map[string]any{"matchId": m.ID, "checks": checks, "failing": firstFailing(checks)}
		if open != "" {
			out["exposed"] = open
		}
		return a.printJSON(out)
	}
	a.printf("%s\n", title(m))
	failed := false
	for _, c := range checks {
		mark := good.Render("ok  ")
		switch {
		case !c.OK && failed:
			mark = faint.Render("-   ")
		case !c.OK:
			mark = bad.Render("FAIL")
		}
		a.printf("  %s %-10s %s\n", mark, c.Layer, clean(c.Detail))
		if !c.OK && !failed && c.Hint != "" {
			a.printf("                  → %s\n", clean(c.Hint))
		}
		failed = failed || !c.OK
	}
	if open != "" {
		a.printf("  %s folder     %s\n                  → %s\n", poor.Render("note"), open, clean(a.closing()))
	}
	return nil
}
