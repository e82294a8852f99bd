package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

// inviteWait is how long log waits for somebody to get a match's events from.
const inviteWait = 10 * time.Second

func (a *app) logCommand() *cobra.Command {
	var kind string
	var last int
	var peers []string
	cmd := &cobra.Command{
		Use:   "log [MATCH|INVITE]",
		Short: "List the events of a match",
		Long: `Lists events in the log's order, which is the same on every device. Given an
invite, the command fetches the match as a device of its own that keeps nothing;
the invite is not used up, and is read from standard input with -.`,
		Example: `  touchline log "U10 final"
  touchline log --type goal --json
  touchline log --last 10`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if last < 0 {
				return usagef("--last takes how many events to show, not %d", last)
			}
			ctx := cmd.Context()
			what, err := a.textArg(first(args))
			if err != nil {
				return err
			}
			c, m, err := a.open(ctx, what, peers)
			if err != nil {
				return err
			}
			if strings.Contains(what, "#") {
				err = c.fetch(ctx, m)
			}
			if err == nil {
				err = a.printLog(ctx, c, m, kind, last)
			}
			return errors.Join(err, c.close())
		},
	}
	cmd.Flags().StringVar(&kind, "type", "", "only events of this `type`")
	cmd.Flags().IntVar(&last, "last", 0, "only the last `n` (0: all)")
	peerFlag(cmd, &peers)
	return cmd
}

// peerFlag adds --peer to a command that visits by an invite.
func peerFlag(cmd *cobra.Command, peers *[]string) {
	cmd.Flags().StringArrayVar(peers, "peer", nil, "`multiaddress` of a device to ask, with an invite (repeatable)")
}

// fetch reconciles until somebody proved to hold the same.
func (c *client) fetch(ctx context.Context, m *bridge.Match) error {
	deadline := time.Now().Add(inviteWait)
	for {
		var report bridge.SyncReport
		if err := c.call(ctx, http.MethodPost, localPath(m.ID, "/sync"), nil, &report); err != nil {
			return err
		}
		if report.Equal > 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.New("nobody who follows this match was found on this network; name a device with --peer, as touchline peers shows it there")
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (a *app) printLog(ctx context.Context, c *client, m *bridge.Match, kind string, last int) error {
	list, err := c.allEvents(ctx, m.ID)
	if err != nil {
		return err
	}
	events := list.Events
	slices.SortFunc(events, inLogOrder)
	if kind != "" {
		events = slices.DeleteFunc(events, func(e bridge.Event) bool { return e.Type != kind })
	}
	if last > 0 && len(events) > last {
		events = events[len(events)-last:]
	}
	if len(events) == 0 && !a.json {
		what := "No events here yet."
		if kind != "" && len(list.Events) > 0 {
			what = fmt.Sprintf("No events of type %q here%s.", kind, meantKind(kind))
		}
		fmt.Fprintln(a.err, what)
	}
	for _, e := range events {
		if a.json {
			if err := a.printJSON(e); err != nil {
				return err
			}
			continue
		}
		a.printf("%s\n", a.eventLine(e))
	}
	return nil
}

// inLogOrder compares by hybrid logical time, ties by hash.
func inLogOrder(x, y bridge.Event) int {
	xm, xc := hlc(x.HLC)
	ym, yc := hlc(y.HLC)
	return cmp.Or(cmp.Compare(xm, ym), cmp.Compare(xc, yc), x.Hash.Compare(y.Hash))
}

// hlc reads "milliseconds.counter".
func hlc(s string) (ms, counter uint64) {
	m, c, _ := strings.Cut(s, ".")
	ms, _ = strconv.ParseUint(m, 10, 64)      // our own server wrote it
	counter, _ = strconv.ParseUint(c, 10, 64) // likewise
	return ms, counter
}
