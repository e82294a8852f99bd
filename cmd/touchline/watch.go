package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/access"
)

const (
	statusEvery = 2 * time.Second
	refreshSoon = 100 * time.Millisecond
	reconnect   = time.Second
	maxSSELine  = 256 << 10
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
see. The invite is not used up.`,
		Example: `  touchline watch "U10 final"
  touchline watch --new --json | jq .type
  touchline watch 'touchline:1#…'`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if count < 0 {
				return usagef("--count takes how many events to show, not %d", count)
			}
			ctx := cmd.Context()
			c, m, err := a.open(ctx, first(args), peers)
			if err != nil {
				return err
			}
			w := &watch{app: a, client: c, match: m, most: count, fresh: fresh, live: terminal(a.out) && !a.json, seen: map[crdt.Hash]bool{}}
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
	live   bool // a terminal: keep a status line

	cursor string
	seen   map[crdt.Hash]bool // what was shown, so that a restart repeats nothing
	line   string             // the status line
}

// sse is one server-sent event.
type sse struct{ id, event, data string }

var errEnough = errors.New("enough")

func (w *watch) run(ctx context.Context) error {
	if !w.app.json {
		w.header(ctx)
		defer w.leave()
	}
	if w.fresh {
		w.cursor = "now"
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
		w.status(poor.Render("the node does not answer; trying again"))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(reconnect):
		}
	}
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
	w.app.printf("%s\n", w.fit(text))
	if line := w.headline(ctx); line != "" {
		w.app.printf("%s\n", w.fit(line))
	}
	if !w.client.running {
		fmt.Fprintln(w.app.err, "No node is running here, so nothing new will arrive; start it in another terminal: touchline node")
	}
}

// leave keeps the last status line, and the shell's prompt off it.
func (w *watch) leave() {
	if w.live && w.line != "" {
		w.app.printf("\n")
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
			soon = nil
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
	if ev.event != "live" {
		return nil
	}
	w.cursor = ev.id
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
		w.above(w.app.eventLine(e))
	}
	if w.most > 0 && len(w.seen) >= w.most {
		return errEnough
	}
	return nil
}

// refresh renews the status line.
func (w *watch) refresh(ctx context.Context) {
	if !w.live {
		return
	}
	var s bridge.Status
	if err := w.client.get(ctx, matchPath(w.match.ID, "/status"), &s); err != nil {
		w.status(poor.Render(err.Error()))
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
	w.status(fmt.Sprintf("%s%s  %s", line, safety(s), faint.Render(fmt.Sprintf("%s · %s · %d connected · heard %s",
		count(int(s.Count), "event"), s.Digest.Short(), connected, ago(s.LastHeard)))))
}

// status replaces the last line of a terminal.
func (w *watch) status(text string) {
	if w.live {
		w.line = w.fit(text) // a wrapped line cannot be replaced
		w.app.printf("\r\x1b[K%s", w.line)
	}
}

// above prints a line above the status line.
func (w *watch) above(text string) {
	if !w.live {
		w.app.printf("%s\n", text)
		return
	}
	w.app.printf("\r\x1b[K%s\n%s", hang(text, w.width()), w.line)
}

// fit cuts a line to the terminal's width.
func (w *watch) fit(text string) string {
	if !w.live {
		return text
	}
	return ansi.Truncate(text, w.width()-1, "…")
}

// width is the terminal's, in columns.
func (w *watch) width() int {
	if f, ok := w.app.out.(*os.File); ok {
		if width, _, err := term.GetSize(f.Fd()); err == nil && width > 2*dataColumn {
			return width
		}
	}
	return 80
}

// dataColumn is where an event's data begins in its line.
const dataColumn = 35

// hang breaks an event's line at width, and begins what follows below its data.
func hang(text string, width int) string {
	if ansi.StringWidth(text) < width {
		return text
	}
	head := ansi.Truncate(text, dataColumn, "")
	rest := ansi.Wrap(ansi.TruncateLeft(text, dataColumn, ""), width-dataColumn-1, "")
	return head + strings.ReplaceAll(rest, "\n", "\n"+strings.Repeat(" ", dataColumn))
}

// readSSE reads events until the stream ends.
func readSSE(ctx context.Context, in *bufio.Scanner, out chan<- sse) error {
	in.Buffer(make([]byte, 4096), maxSSELine)
	var ev sse
	for in.Scan() {
		field, value, _ := strings.Cut(in.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "":
			if in.Text() != "" || ev.data == "" {
				continue // a comment, or nothing to dispatch
			}
			select {
			case out <- ev:
			case <-ctx.Done():
				return ctx.Err()
			}
			ev = sse{}
		case "id":
			ev.id = value
		case "event":
			ev.event = value
		case "data":
			ev.data = value
		}
	}
	return in.Err()
}
