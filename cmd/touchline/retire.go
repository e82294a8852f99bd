package main

import (
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
)

func (a *app) retireCommand() *cobra.Command {
	var in bridge.RetireRequest
	var yes bool
	cmd := &cobra.Command{
		Use:   "retire MATCH",
		Short: "Give up this device's copy of a match",
		Long: `Destroys the events of a match on this device and tells others that it has done
so. It refuses unless another device was proved to hold all of it. The right to
the match stays: touchline node --follow with its full ID, or joining again,
takes it back from others. It asks first; scripts say --yes.`,
		Example: `  touchline retire "U10 final 2024"
  touchline retire 3fa9 --force --yes     even if this may be the only copy`,
		Args: takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				m, err := c.match(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				if err := a.sure(yes, fmt.Sprintf("This device's copy of match %s will be destroyed; copies elsewhere stay.", title(*m))); err != nil {
					return err
				}
				var out map[string]crdt.LogID
				if err := c.call(cmd.Context(), http.MethodPost, localPath(m.ID, "/retire"), in, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				a.printf("Retired match %s here\n", m.ID)
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&in.Force, "force", false, "even if no other device is known to hold it")
	yesFlag(cmd, &yes)
	return cmd
}
