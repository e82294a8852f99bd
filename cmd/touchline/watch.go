package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

const (
	statusEvery = 2 * time.Second
	refreshSoon = 100 * time.Millisecond
	reconnect   = time.Second
)

func (a *app) watchCommand() *cobra.Command {
	var count int
	var fresh bool
	var peers []string
	cmd := &cobra.Command{
		Use:   "watch [MATCH|INVITE]",
		Short: "See a match live",
		Long: `Shows what is recorded, as it arrives, newest last, until Ctrl-C. In a terminal
the last line has the score, the clock, and how many devices provably hold
everything. Given an invite in place of a match, the command takes part as a
device of its own that keeps nothing: the way to see what another device would
see. The invite is not used up; with - it is read from standard input, and stays out
of what other programs of this machine can see.`,
		Example: `  touchline watch "U10 final"
  touchline watch --new --json | jq .type
  touchline watch 'touchline:1#…'
  touchline watch - < invite.txt`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if count < 0 {
				return usagef("--count takes how many events to show, not %d", count)
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
			w := &watch{
				app: a, client: c, match: m, most: count, fresh: fresh, seen: map[crdt.Hash]bool{},
				screen: screen{out: a.out, live: terminal(a.out) && !a.json, all: "touchline log " + typed(*m)},
			}
			err = w.run(ctx)
			if ctx.Err() != nil {
				err = nil // Ctrl-C is how one stops watching
			}
			return errors.Join(err, c.close())
		},
	}
	cmd.Flags().IntVar(&count, "count", 0, "stop after `n` events (0: never)")
	cmd.Flags().BoolVar(&fresh, "new", false, "only what arrives from now on")
	peerFlag(cmd, &peers)
	return cmd
}

// open connects for a reading command: to this device for a match, or as a
// short-lived device for an invite.
func (a *app) open(ctx context.Context, what string, peers []string) (*client, *bridge.Match, error) {
	var c *client
	var err error
	if strings.Contains(what, "#") {
		var invite *access.Invite
		if invite, err = access.ParseInvite(what); err != nil {
			return nil, nil, err
		}
		c, err = a.connectInvite(ctx, invite, peers)
		what = ""
	} else if len(peers) > 0 {
		return nil, nil, usagef("--peer is for an invite; the running node of this device has its own")
	} else {
		c, err = a.connect(ctx, false)
	}
	if err != nil {
		return nil, nil, err
	}
	m, err := c.match(ctx, what)
	if err != nil {
		return nil, nil, errors.Join(err, c.close())
	}
	return c, m, nil
}

// watch shows one match.
type watch struct {
	app    *app
	client *client
	match  *bridge.Match
	most   int  // stop after so many; 0: never
	fresh  bool // skip what is here already
	screen screen

	cursor string
	seen   map[crdt.Hash]bool // what was shown or is left out, so that a restart repeats nothing
	shown  int
}

var errEnough = errors.New("enough")

func (w *watch) run(ctx context.Context) error {
	if w.fresh {
		if err := w.skip(ctx); err != nil {
			return err
		}
	}
	if !w.app.json {
		w.header(ctx)
		defer w.screen.leave()
	}
	for {
		err := w.stream(ctx)
		switch {
		case errors.Is(err, errEnough):
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !passing(err):
			return err
		case !w.client.running:
			return err
		}
		w.screen.status(poor.Render("the node does not answer; trying again"))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(reconnect):
		}
	}
}

// skip leaves out what is here by now. It is told by hash, since a node that was killed
// comes back with a store to which no place in the old one means anything.
func (w *watch) skip(ctx context.Context) error {
	all, err := w.client.allEvents(ctx, w.match.ID)
	if err != nil {
		return err
	}
	for _, e := range all.Events {
		w.seen[e.Hash] = true
	}
	w.cursor = all.Next
	return nil
}

// headline is score and clock; empty when the match has none, or none for us.
func (w *watch) headline(ctx context.Context) string {
	var v bridge.StateView
	if err := w.client.get(ctx, matchPath(w.match.ID, "/state"), &v); err != nil || len(v.Timeline) == 0 {
		return ""
	}
	return newBoard(v.State).headline(time.Now())
}

// header is one line about the match as it is now.
func (w *watch) header(ctx context.Context) {
	text := title(*w.match)
	var s bridge.Status
	if err := w.client.get(ctx, matchPath(w.match.ID, "/status"), &s); err == nil {
		text += fmt.Sprintf("  %s  %s", safety(s), faint.Render(fmt.Sprintf("digest %s · heard %s", s.Digest.Short(), ago(s.LastHeard))))
	}
	w.screen.say(text)
	if line := w.headline(ctx); line != "" {
		w.screen.say(line)
	}
	if !w.client.running {
		fmt.Fprintln(w.app.err, "No node is running here, so nothing new will arrive; start it in another terminal: touchline node")
	}
}

// stream shows one connection's events until it breaks.
func (w *watch) stream(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	path, header := matchPath(w.match.ID, "/live"), http.Header{}
	if w.cursor != "" {
		header.Set("Last-Event-ID", w.cursor)
	}
	resp, err := w.client.request(ctx, http.MethodGet, path, nil, header)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	events, failed := make(chan sse), make(chan error, 1)
	go func() { failed <- readSSE(ctx, bufio.NewScanner(resp.Body), events) }()
	tick := time.NewTicker(statusEvery)
	defer tick.Stop()
	w.refresh(ctx)
	var soon <-chan time.Time // after an event, once for those that come together
	for {
		select {
		case ev := <-events:
			if err := w.show(ev); err != nil {
				return err
			}
			if soon == nil {
				soon = time.After(refreshSoon)
			}
		case <-soon:
			if soon = nil; w.screen.rest() {
				soon = time.After(refreshSoon)
				continue
			}
			w.refresh(ctx)
		case <-tick.C:
			w.refresh(ctx)
		case err := <-failed:
			return err
		}
	}
}

// show prints an event that was not shown yet.
func (w *watch) show(ev sse) error {
	if ev.id != "" {
		w.cursor = ev.id
	}
	if ev.event != "live" {
		return nil
	}
	var e bridge.Event
	if err := json.Unmarshal([]byte(ev.data), &e); err != nil {
		return fmt.Errorf("read event: %w", err)
	}
	if w.seen[e.Hash] {
		return nil
	}
	w.seen[e.Hash] = true
	if w.app.json {
		if err := w.app.printJSON(e); err != nil {
			return err
		}
	} else {
		w.screen.above(w.app.eventLine(e))
	}
	if w.shown++; w.most > 0 && w.shown >= w.most {
		return errEnough
	}
	return nil
}

// refresh renews the status line.
func (w *watch) refresh(ctx context.Context) {
	if !w.screen.live {
		return
	}
	var s bridge.Status
	if err := w.client.get(ctx, matchPath(w.match.ID, "/status"), &s); err != nil {
		w.screen.status(poor.Render(err.Error()))
		return
	}
	connected := 0
	for _, p := range s.Peers {
		if p.Connected {
			connected++
		}
	}
	line := w.headline(ctx)
	if line != "" {
		line += "  "
	}
	w.screen.status(fmt.Sprintf("%s%s  %s", line, safety(s), faint.Render(fmt.Sprintf("%s · %s · %d connected · heard %s",
		count(int(s.Count), "event"), s.Digest.Short(), connected, ago(s.LastHeard)))))
}
