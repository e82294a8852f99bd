package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
)

func (a *app) whyCommand() *cobra.Command {
	var device string
	cmd := a.viewCommand(&cobra.Command{
		Use:   "why [MATCH|INVITE]",
		Short: "Say why the score is what it is",
		Long: `Says which reports make the score, which were merged into one, what does not
count and why, who corrected what, and what is odd. Authors are named by the
beginning of their keys, as in touchline grants.

--device says what another device lacks: the first layer that fails between this
one and that (discovery, dial, access, subscribe, reconcile), and the events. A
device in reach is asked, which also gives it what it lacks; of another, what
arrived here since it last proved to hold the same is listed.`,
		Example: `  touchline why "U10 final"
  touchline why "U10 final" --device 12D3KooWx…      as touchline peers shows it
  touchline why --json | jq '.not[].text'`,
	}, func(ctx context.Context, c *client, m *bridge.Match) error {
		if device != "" {
			return a.whyDevice(ctx, c, m, device)
		}
		var v bridge.WhyView
		if err := a.view(ctx, c, m, "/why", &v); err != nil || a.json {
			return err
		}
		var s bridge.StateView
		if err := c.get(ctx, matchPath(m.ID, "/state"), &s); err != nil {
			return err
		}
		b := newBoard(s.State)
		a.printf("%s\n", b.headline(time.Now()))
		if r := b.result(); r != "" {
			a.printf("%s\n", r)
		}
		if v.Unread > 0 {
			a.printf("%s\n", poor.Render(count(v.Unread, "event")+" cannot be read here"))
		}
		a.reasons("Counts", v.Goals)
		a.reasons("Does not count", v.Not)
		a.reasons("Corrections", v.Changes)
		a.reasons("Other things that do not count or are odd", v.Other)
		if len(v.Goals)+len(v.Not)+len(v.Changes)+len(v.Other) == 0 {
			a.printf("Nothing that makes a score was recorded.\n")
		}
		return nil
	})
	cmd.Flags().StringVar(&device, "device", "", "peer `ID` of another device, its beginning or its end: say what that one lacks")
	return cmd
}

// whyDevice says what another device lacks; it fails if a layer does.
func (a *app) whyDevice(ctx context.Context, c *client, m *bridge.Match, device string) error {
	if !c.running {
		return errors.New("no node is running for this data folder, so nobody can be asked; start one: touchline node")
	}
	var r bridge.DeviceReport
	if err := c.get(ctx, localPath(m.ID, "/devices/"+url.PathEscape(device)), &r); err != nil {
		return err
	}
	failing := firstFailing(r.Checks)
	if a.json {
		err := a.printJSON(map[string]any{
			"matchId": m.ID, "device": r.Device, "checks": r.Checks, "failing": failing, "asked": r.Asked, "missing": r.Missing,
		})
		return errors.Join(err, failedLayer(failing))
	}
	if err := a.printChecks(*m, r.Checks); err != nil {
		return err
	}
	switch {
	case len(r.Missing) == 0 && r.Asked && failing == "":
		a.printf("It holds every event that is here.\n")
	case len(r.Missing) == 0:
		a.printf("Nothing arrived here since it last proved to hold the same.\n")
	case r.Asked:
		a.printf("It lacked %s, sent just now:\n", count(len(r.Missing), "event"))
	default:
		a.printf("It may lack %s:\n", count(len(r.Missing), "event"))
	}
	for _, e := range r.Missing {
		a.printf("  %s\n", a.eventLine(e))
	}
	return failedLayer(failing)
}

func failedLayer(layer string) error {
	if layer == "" {
		return nil
	}
	return fmt.Errorf("the first layer that fails is %s", layer)
}

func (a *app) reasons(title string, list []match.Reason) {
	if len(list) == 0 {
		return
	}
	a.printf("\n%s\n", strong.Render(title))
	for _, r := range list {
		a.printf("  %s  %s\n", clean(r.Text), faint.Render(r.Hash.Short()))
	}
}
