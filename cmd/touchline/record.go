package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
)

func (a *app) recordCommand() *cobra.Command {
	var kind, data, id string
	var asTyped bool
	cmd := &cobra.Command{
		Use:   "record MATCH [TYPE] [key=value …]",
		Short: "Record an event",
		Long: `Signs an event and makes it durable on this device; a running node sends it to
all others at once. When the command succeeds, the event is safe here.

Keys with a meaning of their own: team, period, clock (12:34, or milliseconds),
lane (live or bulk), ref (hash of an event it speaks of, or its beginning;
repeatable). All other keys go into the event's data; values that are JSON (7,
true, [1,2]) stay so. Free text (a note's text, a reason in own words, any text under
a key that is not known) is kept beside the event, out of backups and exports, and
touchline erase takes it away again; IDs of players are never erased. An injury with private.KEY=VALUE is sealed as a whole for the
team's staff and the child's guardians; all others learn that play was stopped. In a
sealed match every injury is, when its team is said and this device has the keys. What a known type lacks is said, and recorded all the same:
touchline amend supplies it. With --id, repeating a command records once.

Types of events:
  play     goal, shot, save, corner, offside, free_kick, foul, card,
           penalty.missed, shootout.kick
  players  lineup.set, substitution, player.off, player.on, gk.change,
           injury, injury.update, power_play
  time     period.start, period.end, clock.stop, clock.resume, play.stopped,
           added_time, match.end
  about    match.setup, note, award, reaction, clip, ruling, coverage.gap,
           confirm, retract, amend
Another type, or what looks like a slip of the finger, is questioned; --as-typed
insists.`,
		Example: `  touchline record "U10 final" goal team=home player=7 assist=9 period=1 clock=12:30
  touchline record "U10 final" period.start period=1
  touchline record "U10 final" card team=away player=4 card=yellow period=2 clock=3:10
  touchline record 3fa9 --type card --data '{"player":4,"card":"yellow"}' team=away
  touchline record 3fa9 injury team=home player=7 private.area=ankle
  touchline record 3fa9 substitution team=home out=4 in=12 period=2 clock=3:10
  echo '{"text":"rain"}' | touchline record 3fa9 --type note --data -`,
		Args: takes(1, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if kind == "" && (len(args) == 1 || strings.Contains(args[1], "=")) && slices.Contains(match.Kinds(), args[0]) {
				return usagef("the match comes first: touchline record MATCH %s", strings.Join(args, " "))
			}
			in, refs, err := a.parseRecord(args[1:], kind, data, id, asTyped)
			if err != nil {
				return err
			}
			team := in.Team
			if asTyped {
				team = ""
			}
			return a.recordInto(cmd.Context(), args[0], in, refs, team)
		},
	}
	f := cmd.Flags()
	f.StringVar(&kind, "type", "", "`type` of the event")
	f.Var(&dataFlag{folder: &a.data, json: &data}, "data", "the event's data as a JSON object, or - for standard input; anything else is the `folder` of this device (repeatable)")
	f.StringVar(&id, "id", "", "the event's `ID`, to make repeating safe (default: a new one)")
	f.BoolVar(&asTyped, "as-typed", false, "take an unknown type, and what looks like a slip of the finger, as it is")
	return cmd
}

// dataFlag is --data of record, which names the event's data as well as, for
// all commands, the folder: what is - or begins as JSON does is the event's.
type dataFlag struct{ folder, json *string }

func (d *dataFlag) String() string { return "" }
func (d *dataFlag) Type() string   { return "folder" }

func (d *dataFlag) Set(s string) error {
	if s == "-" || strings.ContainsAny(firstByte(strings.TrimSpace(s)), "{[\"") {
		*d.json = s
	} else {
		*d.folder = s
	}
	return nil
}

func firstByte(s string) string { return s[:min(1, len(s))] }

// parseRecord reads what a person typed, and questions it unless asTyped.
func (a *app) parseRecord(args []string, kind, data, id string, asTyped bool) (in bridge.NewEvent, refs []string, err error) {
	in = bridge.NewEvent{ID: id, Type: kind}
	fields, private := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	if data != "" {
		text, err := a.textArg(data)
		if err != nil {
			return in, nil, err
		}
		if err := json.Unmarshal([]byte(text), &fields); err != nil || fields == nil {
			return in, nil, usagef("--data must be a JSON object")
		}
	}
	for _, arg := range args {
		key, value, pair := strings.Cut(arg, "=")
		switch {
		case !pair && in.Type == "":
			in.Type = arg
		case pair && key == "ref":
			refs = append(refs, value)
		case !pair:
			return in, nil, usagef("%q is not of the form key=value; a name with spaces goes in quotes, as in \"U10 final\"", arg)
		default:
			into := fields
			if name, ok := strings.CutPrefix(key, "private."); ok {
				into, key = private, name
				if envelopeKeys[name] {
					return in, nil, usagef("%s of an event is never in its data: private.%s says nothing", name, name)
				}
			}
			if err := setField(&in, into, key, value); err != nil {
				return in, nil, err
			}
		}
	}
	if in.Type == "" {
		return in, nil, usagef("what happened? Give a type, such as goal; touchline record --help lists them")
	}
	if !asTyped {
		if err := checkSlips(in, fields, private); err != nil {
			return in, nil, err
		}
	}
	if in.ID == "" {
		in.ID = newID()
	}
	if in.Data, err = json.Marshal(fields); err != nil {
		return in, nil, err
	}
	if err := match.CheckSettings(in.Type, in.Data); err != nil {
		return in, nil, usageError{err}
	}
	if len(private) > 0 {
		in.Private, err = json.Marshal(private)
	}
	return in, refs, err
}

// envelopeKeys are the keys that mean something by themselves.
var envelopeKeys = map[string]bool{"type": true, "team": true, "lane": true, "period": true, "clock": true, "ref": true}

func setField(in *bridge.NewEvent, fields map[string]json.RawMessage, key, value string) error {
	switch key {
	case "":
		return usagef("a key is missing before =%s", value)
	case "type":
		in.Type = value
	case "team":
		in.Team = value
	case "lane":
		if value != "live" && value != "bulk" {
			return usagef("lane is live or bulk")
		}
		in.Lane = value
	case "period":
		n, err := strconv.ParseUint(value, 10, 32)
		if err != nil {
			return usagef("period must be a number, not %q", value)
		}
		in.Period = uint32(n)
	case "clock":
		ms, err := parseClock(value)
		if err != nil {
			return err
		}
		in.ClockMs = &ms
	default:
		if json.Valid([]byte(value)) {
			fields[key] = json.RawMessage(value)
			return nil
		}
		b, err := json.Marshal(value)
		if err != nil {
			return err
		}
		fields[key] = b
	}
	return nil
}

// parseClock reads minutes:seconds, or milliseconds.
func parseClock(s string) (int64, error) {
	minutes, seconds, ok := strings.Cut(s, ":")
	if !ok {
		ms, err := strconv.ParseInt(s, 10, 64)
		if err != nil || ms < 0 {
			return 0, usagef("clock must be minutes:seconds or milliseconds, not %q", s)
		}
		return ms, nil
	}
	m, err1 := strconv.ParseUint(minutes, 10, 16)
	sec, err2 := strconv.ParseUint(seconds, 10, 16)
	if err1 != nil || err2 != nil || sec > 59 {
		return 0, usagef("clock must be minutes:seconds or milliseconds, not %q", s)
	}
	return int64(m*60+sec) * 1000, nil
}

// record posts an event; fresh is false when it was there already.
func (c *client) record(ctx context.Context, in bridge.NewEvent) (e bridge.Event, fresh bool, err error) {
	b, err := json.Marshal(in)
	if err != nil {
		return e, false, err
	}
	resp, err := c.request(ctx, http.MethodPost, "/v1/events", strings.NewReader(string(b)), nil)
	if err != nil {
		return e, false, err
	}
	defer resp.Body.Close()
	err = json.NewDecoder(resp.Body).Decode(&e)
	return e, resp.StatusCode == http.StatusCreated, err
}

const (
	retryEvery = 300 * time.Millisecond
	retryFor   = time.Minute
)

// recordSurely is record for an event with an ID: it tries again while the
// node restarts, is busy or has no room, which the ID makes safe.
func (c *client) recordSurely(ctx context.Context, in bridge.NewEvent) (bridge.Event, error) {
	deadline := time.Now().Add(retryFor)
	for {
		e, _, err := c.record(ctx, in)
		if err == nil || !passing(err) || time.Now().After(deadline) {
			return e, err
		}
		select {
		case <-ctx.Done():
			return e, ctx.Err()
		case <-time.After(retryEvery):
		}
	}
}

// passing reports whether an error may go away by itself.
func passing(err error) bool {
	var p *bridge.Problem
	if errors.As(err, &p) {
		return p.Status == http.StatusTooManyRequests || p.Status == http.StatusInsufficientStorage || p.Status == http.StatusServiceUnavailable
	}
	var n net.Error
	return errors.As(err, &n) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

func newID() string {
	id, err := uuid.NewV7()
	if err != nil {
		panic(err) // the system has no randomness
	}
	return id.String()
}

// textArg returns an argument, or standard input for "-".
func (a *app) textArg(arg string) (string, error) {
	if arg != "-" {
		return arg, nil
	}
	b, err := io.ReadAll(io.LimitReader(a.in, 1<<20))
	if err != nil {
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return strings.TrimSpace(string(b)), nil
}
