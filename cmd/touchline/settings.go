package main

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
)

func (a *app) competitionSettingsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "settings NAME [FIELD=VALUE…]",
		Short: "Show or change what the matches of a competition inherit",
		Long: `Says how all matches of a competition are played and shown: ` + wrapped(match.SettingNames()) + `.
A match inherits what it says nothing of itself; its own match.setup goes first. The
settings are recorded in each match where this device may write, so that every device
and every page of that match follows them. FIELD= alone takes one out again.`,
		Example: `  touchline competition settings "Funino" age_band=U9 names=number daily_cap_ms=3600000
  touchline competition settings "Saturday cup" trophy=true results=public
  touchline competition settings "Funino" names=`,
		Args: takes(1, -1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				var one bridge.Competition
				if err := c.get(cmd.Context(), competitionPath(args[0], ""), &one); err != nil {
					return err
				}
				if len(args) == 1 {
					return a.printSettings(one.Name, one.Settings)
				}
				in, err := changedSettings(one.Settings, args[1:])
				if err != nil {
					return err
				}
				var out bridge.Added
				if err := c.call(cmd.Context(), http.MethodPost, keptPath(args[0], "/settings"), in, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				if err := a.printSettings(out.Name, out.Settings); err != nil {
					return err
				}
				a.untold(out.Untold)
				return nil
			})
		},
	}
}

// changedSettings is what was said before with what a person types of it: FIELD=VALUE.
func changedSettings(before match.Settings, pairs []string) (match.Settings, error) {
	out := match.Settings{}
	maps.Copy(out, before)
	for _, pair := range pairs {
		name, v, ok := strings.Cut(pair, "=")
		switch {
		case !ok || name == "":
			return nil, usagef("%q is not of the form field=value", pair)
		case v == "":
			delete(out, name)
		case json.Valid([]byte(v)):
			out[name] = json.RawMessage(v)
		default:
			word, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			out[name] = word
		}
	}
	if err := out.Validate(); err != nil {
		return nil, usageError{err}
	}
	return out, nil
}

func (a *app) printSettings(name string, s match.Settings) error {
	if a.json {
		if s == nil {
			s = match.Settings{}
		}
		return a.printJSON(s)
	}
	if len(s) == 0 {
		a.printf("Competition %s says nothing; each match is played as it says itself.\n", clean(name))
		return nil
	}
	a.printf("What matches of %s inherit:\n", strong.Render(clean(name)))
	for _, field := range slices.Sorted(maps.Keys(s)) {
		a.printf("  %-18s %s\n", field, clean(strings.Trim(string(s[field]), `"`)))
	}
	return nil
}

// untold names matches that do not know the settings.
func (a *app) untold(list []bridge.Untold) {
	for _, u := range list {
		a.printf("%s\n", poor.Render("Match "+u.Match.Short()+" does not know the competition's settings: "+clean(u.Why)))
	}
}

// competitionIs refuses a competition that is not on this device; "" is none.
func (c *client) competitionIs(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	return c.get(ctx, competitionPath(name, ""), &bridge.Competition{})
}
