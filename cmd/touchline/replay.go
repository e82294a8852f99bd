package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
)

// replayOptions are the flags of replay.
type replayOptions struct {
	match int
	speed float64
	into  string
	limit int
}

// replayed is what replay writes last under --json.
type replayed struct {
	Match      string `json:"matchId"`
	Events     int    `json:"events"`
	DurationMs int64  `json:"durationMs"`
}

func (a *app) replayCommand() *cobra.Command {
	var o replayOptions
	cmd := &cobra.Command{
		Use:   "replay [FILE]",
		Short: "Play a recorded match as if it happened now",
		Long: `Reads key events (JSON lines, also gzipped) and records each at its time, so many
times faster than it happened, through the same path as touchline record. Without
FILE, or with demo, a short invented match is played. Without --into a new match
is begun.`,
		Example: `  touchline replay --speed 60
  touchline replay ../shared/data/derived/wc2018.keyevents.jsonl.gz --match 2058017 --speed 60
  touchline replay demo --into "U10 final" --speed 0       as fast as it goes`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			rec, err := loadRecording(first(args), o.match)
			if err != nil {
				return err
			}
			if o.limit > 0 && o.limit < len(rec.events) {
				rec.events = rec.events[:o.limit]
			}
			return a.with(cmd.Context(), o.into == "", func(c *client) error { return a.replay(cmd.Context(), c, rec, o) })
		},
	}
	f := cmd.Flags()
	f.IntVar(&o.match, "match", 0, "`number` of the match in the file")
	f.Float64Var(&o.speed, "speed", 60, "how many times faster than it happened (0: no waiting)")
	f.StringVar(&o.into, "into", "", "`match` to record into (default: a new one)")
	f.IntVar(&o.limit, "limit", 0, "stop after `n` events (0: all)")
	return cmd
}

// slowest keeps the time between two events within what a clock can wait for.
const slowest = 1e-3

func (o replayOptions) check() error {
	if o.match < 0 || o.limit < 0 {
		return usagef("--match and --limit must not be negative")
	}
	return checkSpeed(o.speed)
}

// checkSpeed refuses what is no number, too.
func checkSpeed(speed float64) error {
	if speed == 0 || speed >= slowest && speed <= math.MaxFloat32 {
		return nil
	}
	return usagef("--speed takes how many times faster than it happened, from %v, or 0 for no waiting; not %v", slowest, speed)
}

func (a *app) replay(ctx context.Context, c *client, rec *recording, o replayOptions) error {
	m, err := a.replayTarget(ctx, c, rec, o)
	if err != nil {
		return err
	}
	if o.into == "" {
		if err := c.nameAll(ctx, m, rec.names); err != nil {
			return err
		}
	}
	start := time.Now()
	for _, ev := range rec.events {
		if o.speed > 0 {
			at := start.Add(time.Duration(float64(ev.at) / o.speed))
			select {
			case <-ctx.Done():
				return errors.New("stopped before the end of the match")
			case <-time.After(time.Until(at)):
			}
		}
		in := ev.event
		in.Match, in.ID = m.ID, newID()
		e, err := c.recordSurely(ctx, in)
		if err != nil {
			return fmt.Errorf("record %s: %w", in.Type, err)
		}
		if a.json {
			err = a.printJSON(e)
		} else {
			_, err = fmt.Fprintln(a.out, a.eventLine(e))
		}
		if err != nil {
			return err
		}
	}
	done := replayed{Match: m.ID.String(), Events: len(rec.events), DurationMs: time.Since(start).Milliseconds()}
	if a.json {
		return a.printJSON(done)
	}
	a.printf("%s recorded in %s\n", count(done.Events, "event"), time.Since(start).Round(time.Millisecond))
	return nil
}

// nameAll gives players their public names.
func (c *client) nameAll(ctx context.Context, m *bridge.Match, names map[string]string) error {
	for _, id := range slices.Sorted(maps.Keys(names)) {
		in, out := bridge.NameRequest{Subject: id, Text: names[id], Consent: "full"}, bridge.Named{}
		if err := c.call(ctx, http.MethodPost, localPath(m.ID, "/name"), in, &out); err != nil {
			return fmt.Errorf("name player %s: %w", id, err)
		}
	}
	return nil
}

// replayTarget finds the match to record into, or begins one.
func (a *app) replayTarget(ctx context.Context, c *client, rec *recording, o replayOptions) (*bridge.Match, error) {
	if o.into != "" {
		return c.match(ctx, o.into)
	}
	in := bridge.FoundRequest{Label: rec.label + " " + time.Now().Format("2006-01-02 15:04:05"), NoInvites: !a.json}
	var out bridge.Founded
	if err := c.call(ctx, http.MethodPost, "/local/matches", in, &out); err != nil {
		return nil, err
	}
	m := &bridge.Match{ID: out.Match, Label: out.Label}
	if a.json {
		return m, a.printJSON(out)
	}
	a.printf("Match %s. Let others watch: touchline invite %s --role watch\n\n", title(*m), out.Match.Short())
	return m, nil
}
