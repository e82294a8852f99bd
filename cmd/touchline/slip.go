package main

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
)

// dataKeys are the keys of data that events of some kind have (docs/football.md).
var dataKeys = []string{
	"area", "assist", "by", "captain", "card", "colour", "color", "concussion", "concussion_suspected", "extra", "how", "in", "kind", "minutes", "ms", "note",
	"number", "official", "on", "out", "outcome", "player", "playerId", "player_in", "player_out", "reason", "score_after", "scored", "scorer", "severity",
	"squad", "status", "taker", "teams", "text",
	"age_band", "break_ms", "competition", "daily_cap_ms", "extra_ms", "group", "min_share_pct", "names", "no_heading", "period_ms", "periods",
	"players_per_side", "power_play", "results", "shootout_kicks", "sin_bin_ms", "subs", "trophy",
}

// insist is said with every question.
const insist = "to record it as it is, say --as-typed"

// sideNames are the teams that every match has.
var sideNames = []string{"home", "away"}

// leastSlipped is how long a key must be to be taken for another one: shorter
// ones are near to too many.
const leastSlipped = 4

// checkSlips questions what looks like a slip of the finger. From others, what is
// not known is taken as it is, since a newer program may have written it; the
// person here can still be asked.
func checkSlips(in bridge.NewEvent, data, private map[string]json.RawMessage) error {
	if !slices.Contains(match.Kinds(), in.Type) {
		near := meantKind(in.Type)
		if near == "" {
			near = "; touchline record --help lists them"
		}
		return usagef("%q is no type of event that touchline knows%s; %s", in.Type, near, insist)
	}
	if in.Team != "" && !slices.Contains(sideNames, in.Team) {
		if near := meant(in.Team, sideNames); near != "" {
			return usagef("team=%s is no side%s; %s", in.Team, near, insist)
		}
	}
	if in.Type == "match.end" {
		if err := checkEnd(in, data); err != nil {
			return usagef("%s; %s", strings.TrimPrefix(err.Error(), match.ErrInvalid.Error()+": "), insist)
		}
	}
	for _, fields := range []map[string]json.RawMessage{data, private} {
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			if len(key) < leastSlipped || slices.Contains(dataKeys, key) {
				continue
			}
			for _, known := range append(slices.Sorted(maps.Keys(envelopeKeys)), dataKeys...) {
				if len(known) >= leastSlipped && slips(key, known) == 1 {
					return usagef("nothing reads the key %s (did you mean %s?); %s", key, known, insist)
				}
			}
		}
	}
	return nil
}

// checkTeam questions a team that a match does not have: neither a side nor an ID that
// the match's setup, or an event before, gave to one.
func (c *client) checkTeam(ctx context.Context, m *bridge.Match, team string) error {
	if team == "" || m.Team || slices.Contains(sideNames, team) {
		return nil
	}
	var v bridge.StateView
	if err := c.get(ctx, matchPath(m.ID, "/state"), &v); err != nil {
		return err
	}
	known := slices.Clone(sideNames)
	for _, t := range v.Teams {
		if t.Team.ID == team {
			return nil
		}
		if t.Team.ID != "" && !slices.Contains(known, t.Team.ID) {
			known = append(known, t.Team.ID)
		}
	}
	return usagef("no team of this match is %q: it has %s; %s", team, strings.Join(known, ", "), insist)
}

// meantKind asks whether a type that is known was meant; nothing if this one is.
func meantKind(kind string) string {
	kinds := match.Kinds()
	if slices.Contains(kinds, kind) {
		return ""
	}
	return meant(kind, kinds)
}

// checkEnd questions an end of the match that would leave it without a result.
func checkEnd(in bridge.NewEvent, data map[string]json.RawMessage) error {
	b, err := json.Marshal(data)
	if err != nil {
		return err
	}
	return match.Validate(&match.Event{Type: in.Type, Team: in.Team, Period: in.Period, ClockMs: in.ClockMs, Data: b})
}
