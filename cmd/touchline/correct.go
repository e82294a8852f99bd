package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/match"
)

// minRef is how many digits name an event at least.
const minRef = 4

func (a *app) confirmCommand() *cobra.Command {
	var separate bool
	cmd := &cobra.Command{
		Use:   "confirm MATCH HASH",
		Short: "Say that a recorded event is right",
		Long: `Confirms an event that somebody else recorded, or one that waits because it was
told after the end. --separate says that it is no second report of something that
others recorded: it then counts on its own.`,
		Example: `  touchline confirm "U10 final" 3fa9c1d2
  touchline confirm "U10 final" 3fa9c1d2 --separate`,
		Args: takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			data := map[string]any{}
			if separate {
				data["separate"] = true
			}
			return a.correct(cmd.Context(), args, "confirm", "", data)
		},
	}
	cmd.Flags().BoolVar(&separate, "separate", false, "it is an event of its own, not another report of the same")
	return cmd
}

func (a *app) retractCommand() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "retract MATCH HASH",
		Short: "Take a recorded event back",
		Long: `Withdraws an event: it stays in the log, is shown as withdrawn with the reason, and
counts no more. Retracting a retraction brings it back. An organiser may take back
anything, a referee what is below, a coach or scorer what is their team's, everybody
what is their own; what goes beyond is kept, shown as disputed, and has no effect.`,
		Example: `  touchline retract "U10 final" 3fa9c1d2 --reason disallowed`,
		Args:    takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.correct(cmd.Context(), args, "retract", "", map[string]any{"reason": reason})
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "mistake", "mistake, disallowed, duplicate, wrong_match, or own `words`")
	return cmd
}

func (a *app) amendCommand() *cobra.Command {
	var asTyped bool
	cmd := &cobra.Command{
		Use:   "amend MATCH HASH key=value…",
		Short: "Correct fields of a recorded event",
		Long: `Overwrites fields of an event, as touchline record takes them: team, period, clock,
and those of its data. Its type and match stay. Who may is as in touchline retract.`,
		Example: `  touchline amend "U10 final" 3fa9c1d2 player=9
  touchline amend "U10 final" 3fa9c1d2 team=away clock=13:05`,
		Args: takes(3, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			set, err := amendment(args[2:])
			if err != nil {
				return err
			}
			team, _ := set["team"].(string)
			if asTyped {
				team = ""
			}
			return a.correct(cmd.Context(), args[:2], "amend", team, map[string]any{"set": set})
		},
	}
	cmd.Flags().BoolVar(&asTyped, "as-typed", false, "take a team that the match does not have as it is")
	return cmd
}

// amendment reads the fields to overwrite.
func amendment(pairs []string) (map[string]any, error) {
	var in bridge.NewEvent
	fields, set := map[string]json.RawMessage{}, map[string]any{}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		switch {
		case !ok:
			return nil, usagef("%q is not of the form key=value", pair)
		case key == "type" || key == "lane" || key == "ref":
			return nil, usagef("the %s of an event cannot be changed; retract it and record another", key)
		}
		if err := setField(&in, fields, key, value); err != nil {
			return nil, err
		}
		switch key {
		case "team":
			set[key] = in.Team
		case "period":
			set[key] = in.Period
		case "clock":
			set["clockMs"] = *in.ClockMs
		default:
			set[key] = fields[key]
		}
	}
	return set, nil
}

// correct records an event that speaks of another, and of a team if it is not empty.
func (a *app) correct(ctx context.Context, args []string, kind, team string, data map[string]any) error {
	b, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if err := match.CheckSettings(kind, b); err != nil {
		return usageError{err}
	}
	return a.recordInto(ctx, args[0], bridge.NewEvent{ID: newID(), Type: kind, Data: b}, args[1:2], team)
}

// recordInto records an event with references, which may be cut short. A team is
// questioned if the match has none of that name; empty: none is.
func (a *app) recordInto(ctx context.Context, name string, in bridge.NewEvent, refs []string, team string) error {
	return a.with(ctx, false, func(c *client) error {
		m, err := c.match(ctx, name)
		if err == nil {
			err = c.checkTeam(ctx, m, team)
		}
		if err != nil {
			return err
		}
		in.Match = m.ID
		for _, ref := range refs {
			h, err := c.eventHash(ctx, m, ref)
			if err != nil {
				return err
			}
			in.Refs = append(in.Refs, h)
		}
		e, _, err := c.record(ctx, in)
		if err != nil {
			return err
		}
		a.warnLate(in, m, e)
		if a.json {
			return a.printJSON(e)
		}
		a.printf("%s\n", a.eventLine(e))
		a.warn(in, m, e)
		return nil
	})
}

// warn says that what was recorded, or a field of it, means nothing to the fold. It is kept all
// the same, since what was seen must not be lost for the way it was told.
func (a *app) warn(in bridge.NewEvent, m *bridge.Match, e bridge.Event) {
	err := match.Validate(&match.Event{Type: in.Type, Team: in.Team, Period: in.Period, ClockMs: in.ClockMs, Data: in.Data, Refs: in.Refs})
	if err != nil {
		why := strings.TrimPrefix(err.Error(), match.ErrInvalid.Error()+": ")
		remedy := fmt.Sprintf("Correct it with touchline amend %s %s key=value", typed(*m), e.Hash.Short())
		if e.Private { // an amendment is for all to read
			remedy = fmt.Sprintf("Record it anew, and take this one back with touchline retract %s %s", typed(*m), e.Hash.Short())
		}
		what := "It is kept, but will not count as it is"
		if errors.Is(err, match.ErrField) {
			what = "It is kept"
		}
		fmt.Fprintf(a.err, "%s: %s. %s\n", what, why, remedy)
	}
}

// warnLate says that what was recorded came after the end and changes nothing yet, and
// what would make it count.
func (a *app) warnLate(in bridge.NewEvent, m *bridge.Match, e bridge.Event) {
	who := rankWords(e.WaitsFor)
	switch {
	case e.WaitsFor == "":
		return
	case in.Type == "confirm" && len(in.Refs) > 0:
		who = fmt.Sprintf("To count, it takes %s: touchline confirm %s %s", who, typed(*m), in.Refs[0].Short())
	case in.Type == "retract" || in.Type == "amend":
		who = fmt.Sprintf("To count, it takes the same by %s", who)
	default:
		who = fmt.Sprintf("To count, it takes %s: touchline confirm %s %s", who, typed(*m), e.Hash.Short())
	}
	fmt.Fprintf(a.err, "It is kept, but late: the match was ended before, so it changes nothing. %s\n", who)
}

// eventHash completes the hash of an event here. A whole one need not be here.
func (c *client) eventHash(ctx context.Context, m *bridge.Match, text string) (found crdt.Hash, err error) {
	text = strings.ToLower(text)
	if h, err := crdt.ParseHash(text); err == nil {
		return h, nil
	}
	if len(text) < minRef || strings.Trim(text, "0123456789abcdef") != "" {
		return found, usagef("%q: give at least %d digits of an event's hash, as touchline log shows it", text, minRef)
	}
	list, err := c.allEvents(ctx, m.ID)
	if err != nil {
		return found, err
	}
	for _, e := range list.Events {
		if !strings.HasPrefix(e.Hash.String(), text) {
			continue
		}
		if !found.IsZero() {
			return found, fmt.Errorf("more than one event begins with %s; give more of it", text)
		}
		found = e.Hash
	}
	if found.IsZero() {
		return found, fmt.Errorf("no event here begins with %s; touchline log shows them", text)
	}
	return found, nil
}
