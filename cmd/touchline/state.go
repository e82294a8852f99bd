package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

// viewCommand is a command that shows one view of a match.
func (a *app) viewCommand(cmd *cobra.Command, print func(context.Context, *client, *bridge.Match) error) *cobra.Command {
	var peers []string
	var file string
	cmd.Args = takes(0, 1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		ctx := cmd.Context()
		if file != "" {
			if len(args) > 0 || len(peers) > 0 {
				return usagef("--file shows the match that is in the file; name no other")
			}
			return a.showFile(ctx, file, print)
		}
		c, m, err := a.open(ctx, first(args), peers)
		if err != nil {
			return err
		}
		if strings.Contains(first(args), "#") {
			err = c.fetch(ctx, m)
		}
		if err == nil {
			err = print(ctx, c, m)
		}
		return errors.Join(err, c.close())
	}
	peerFlag(cmd, &peers)
	cmd.Flags().StringVar(&file, "file", "", "an exported `file`, of whichever match: shows what is in it, and keeps nothing")
	return cmd
}

// view reads a view of a match, and under --json also writes it as it is.
func (a *app) view(ctx context.Context, c *client, m *bridge.Match, name string, into any) error {
	resp, err := c.request(ctx, "GET", matchPath(m.ID, name), nil, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err == nil && a.json {
		_, err = a.out.Write(b)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

func (a *app) stateCommand() *cobra.Command {
	return a.viewCommand(&cobra.Command{
		Use:   "state [MATCH|INVITE]",
		Short: "Show the score and how the match stands",
		Long: `Shows the score with who scored and when, the clock, the result and who is on
the pitch. It is worked out from the events that are here; touchline why says how.
Those who see all of it also get the state's digest: two devices with the same one
show the same match, whatever arrived in which order.
What a device sees depends on its role: names and results of children are shown
only to those whom they are for.`,
		Example: `  touchline state "U10 final"
  touchline state --json | jq .score`,
	}, func(ctx context.Context, c *client, m *bridge.Match) error {
		var v bridge.StateView
		if err := a.view(ctx, c, m, "/state", &v); err != nil || a.json {
			return err
		}
		newBoard(v.State).print(a, &v)
		if v.Digest != nil {
			a.printf("%s\n", faint.Render("state "+v.Digest.String()))
		}
		return nil
	})
}
