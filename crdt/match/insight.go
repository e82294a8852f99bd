package match

import (
	"cmp"
	"slices"
)

// Insights are for the coaches of one side, and for nobody else.
type Insights struct {
	Side         Side        `json:"side"`
	Shares       []Share     `json:"shares"` // of the squad, least first
	Alerts       []Alert     `json:"alerts"`
	Suggestion   *Suggestion `json:"suggestion,omitempty"`
	AfterChanges [2]int64    `json:"afterChanges"` // goals for and against within five minutes of play after own changes
	Busiest      *Spell      `json:"busiest,omitempty"`
	Runs         []Run       `json:"runs"` // of play, in order
}

// Share is how much of the match a player has been on.
type Share struct {
	Player      string `json:"player"`
	PlayedMs    int64  `json:"playedMs"`
	TodayMs     int64  `json:"todayMs"` // other matches of the day included
	AvailableMs int64  `json:"availableMs"`
	Pct         int64  `json:"pct"` // whole per cent, rounded down
}

// Kinds of alerts.
const (
	AlertUnderShare = "under_share" // less than the least share, after a period or more
	AlertOverCap    = "over_cap"    // more minutes today than the age band allows
	AlertHeadInjury = "head_injury" // on the pitch though not to return today
	AlertSinBinOver = "sin_bin_over"
	AlertPowerPlay  = "power_play" // another player may come on, or one must leave
)

// Alert asks the coach to act.
type Alert struct {
	Kind   string `json:"kind"`
	Player string `json:"player,omitempty"`
}

// Suggestion is the change that evens minutes most.
type Suggestion struct {
	Out   string `json:"out"`
	In    string `json:"in"`
	GapMs int64  `json:"gapMs"` // by how much Out has played more
}

// Run is successive five minutes in which one side pressed at least twice as
// hard.
type Run struct {
	Side   Side   `json:"side"`
	Period uint32 `json:"period"`
	FromMs int64  `json:"fromMs"`
	ToMs   int64  `json:"toMs"`
	Weight int64  `json:"weight"`
}

const (
	afterChangeMs = 5 * 60_000
	suggestGapMs  = 2 * 60_000 // smaller gaps are not worth a change
)

// Insight looks at a match for the coaches of a side. earlier is what each
// player has played in other matches of the day; see [DayMinutes].
func Insight(s *State, side Side, earlier map[string]int64) Insights {
	out := Insights{Side: side, Shares: shares(s, side, earlier), Alerts: []Alert{}, Runs: runs(s)}
	out.Alerts = alerts(s, side, out.Shares)
	out.Suggestion = suggest(s.Side(side), out.Shares, s.PlayedMs)
	out.AfterChanges = afterChanges(s, side)
	for i, spell := range s.Momentum {
		if out.Busiest == nil || spell.Weight[0]+spell.Weight[1] > out.Busiest.Weight[0]+out.Busiest.Weight[1] {
			out.Busiest = &s.Momentum[i]
		}
	}
	return out
}

// ForgetHealth removes what only a side's own staff may know.
func (in *Insights) ForgetHealth() {
	in.Alerts = slices.DeleteFunc(in.Alerts, func(a Alert) bool { return a.Kind == AlertHeadInjury })
}

// DayMinutes adds up what the players of a team have played in several matches,
// by player ID. Another team's players may use the same IDs: they do not count.
func DayMinutes(team string, states ...*State) map[string]int64 {
	sum := map[string]int64{}
	for _, s := range states {
		for i := range s.Teams {
			if s.Teams[i].Team.ID != team {
				continue
			}
			for _, p := range s.Teams[i].Players {
				sum[p.ID] += p.PlayedMs
			}
		}
	}
	return sum
}

func shares(s *State, side Side, earlier map[string]int64) []Share {
	out := []Share{}
	for _, p := range s.Side(side).Players {
		if !p.Squad && p.PlayedMs == 0 {
			continue
		}
		share := Share{Player: p.ID, PlayedMs: p.PlayedMs, TodayMs: p.PlayedMs + earlier[p.ID], AvailableMs: s.PlayedMs}
		if s.PlayedMs > 0 {
			share.Pct = 100 * p.PlayedMs / s.PlayedMs
		}
		out = append(out, share)
	}
	slices.SortStableFunc(out, func(a, b Share) int { return cmp.Compare(a.PlayedMs, b.PlayedMs) })
	return out
}

func alerts(s *State, side Side, shares []Share) []Alert {
	out := []Alert{}
	for _, share := range shares {
		if share.Pct < s.Setup.MinSharePct && s.PlayedMs >= s.Setup.PeriodMs {
			out = append(out, Alert{AlertUnderShare, share.Player})
		}
		if s.Setup.DailyCapMs > 0 && share.TodayMs > s.Setup.DailyCapMs {
			out = append(out, Alert{AlertOverCap, share.Player})
		}
	}
	team := s.Side(side)
	for _, p := range team.Players {
		if p.NoReturn && p.On {
			out = append(out, Alert{AlertHeadInjury, p.ID})
		}
		if p.BinUntilMs > 0 && p.BinUntilMs <= s.PlayedMs && !p.On && !p.SentOff {
			out = append(out, Alert{AlertSinBinOver, p.ID})
		}
	}
	if s.Phase == "playing" && team.Known && s.Setup.Young() && powerPlayDue(s, side) {
		out = append(out, Alert{Kind: AlertPowerPlay})
	}
	return out
}

// powerPlayDue reports whether the players on the pitch differ from what the
// deficit allows.
func powerPlayDue(s *State, side Side) bool {
	i := side.index()
	deficit, extra := s.Score[1-i]-s.Score[i], int64(0)
	for _, d := range s.Setup.PowerPlay {
		if deficit >= d {
			extra++
		}
	}
	return extra > 0 && s.Teams[i].On < s.Setup.PlayersPerSide+extra || s.Teams[i].On > s.Setup.PlayersPerSide+extra
}

// suggest names who has played most of those on, the goalkeeper left in peace,
// and least of those who may come on.
func suggest(team *TeamState, shares []Share, played int64) *Suggestion {
	may := map[string]*Player{}
	for i := range team.Players {
		may[team.Players[i].ID] = &team.Players[i]
	}
	var in, out *Share
	for i := range shares {
		p := may[shares[i].Player]
		switch {
		case p.On && p.ID != team.Keeper:
			out = &shares[i] // the last is the one who played most
		case !p.On && !p.SentOff && !p.NoReturn && p.BinUntilMs <= played && in == nil:
			in = &shares[i]
		}
	}
	if in == nil || out == nil || out.PlayedMs-in.PlayedMs < suggestGapMs {
		return nil
	}
	return &Suggestion{Out: out.Player, In: in.Player, GapMs: out.PlayedMs - in.PlayedMs}
}

func afterChanges(s *State, side Side) (goals [2]int64) {
	for _, g := range s.Timeline {
		if g.Type != kindGoal || !g.Counts {
			continue
		}
		for _, c := range s.Timeline {
			since := g.ClockMs - c.ClockMs
			if c.Type == kindSubstitution && c.Counts && c.Side == side && c.Period == g.Period && since >= 0 && since <= afterChangeMs {
				if g.Side == side {
					goals[0]++
				} else {
					goals[1]++
				}
				break
			}
		}
	}
	return goals
}

func runs(s *State) []Run {
	out := []Run{}
	for _, spell := range s.Momentum {
		side := presser(spell.Weight)
		if side == NoSide {
			continue
		}
		weight := spell.Weight[side.index()]
		if n := len(out); n > 0 && out[n-1].Side == side && out[n-1].Period == spell.Period && out[n-1].ToMs == spell.FromMs {
			out[n-1].ToMs += spellMs
			out[n-1].Weight += weight
			continue
		}
		out = append(out, Run{Side: side, Period: spell.Period, FromMs: spell.FromMs, ToMs: spell.FromMs + spellMs, Weight: weight})
	}
	return out
}

func presser(w [2]int64) Side {
	switch {
	case w[0] > 0 && w[0] >= 2*w[1]:
		return Home
	case w[1] > 0 && w[1] >= 2*w[0]:
		return Away
	}
	return NoSide
}
