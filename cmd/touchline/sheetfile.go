package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
)

// coachSheet is a match for a coach's own tools: players, then events.
type coachSheet struct {
	Match  string        `json:"matchId"`
	Label  string        `json:"label,omitempty"`
	Teams  [2]match.Team `json:"teams"`
	Score  [2]int64      `json:"score"`
	Hidden bool          `json:"hidden,omitempty"` // results are not for this device
	Result match.Result  `json:"result"`

	Players []sheetPlayer `json:"players"`
	Events  []sheetEvent  `json:"events"`
}

type sheetPlayer struct {
	Team string `json:"team"`
	match.Player
}

type sheetEvent struct {
	Minute  string    `json:"minute"`
	Period  uint32    `json:"period"`
	ClockMs int64     `json:"clockMs"`
	Type    string    `json:"type"`
	Team    string    `json:"team"`
	Who     string    `json:"who"` // names, shirts or IDs
	Details string    `json:"details"`
	Score   *[2]int64 `json:"score,omitempty"` // after it
	Status  string    `json:"status"`
}

func (c *client) coachSheet(ctx context.Context, m *bridge.Match) (*coachSheet, error) {
	var v bridge.StateView
	if err := c.get(ctx, matchPath(m.ID, "/state"), &v); err != nil {
		return nil, err
	}
	b := newBoard(v.State)
	out := &coachSheet{
		Match: m.ID.String(), Label: m.Label, Teams: [2]match.Team{v.Teams[0].Team, v.Teams[1].Team}, Score: v.Score, Hidden: v.Hidden,
		Result: v.Result, Players: []sheetPlayer{}, Events: []sheetEvent{},
	}
	for i, t := range v.Teams {
		for _, p := range t.Players {
			if p.Name == "" {
				p.Name = playerName(p)
			}
			out.Players = append(out.Players, sheetPlayer{b.team(i), p})
		}
	}
	for _, e := range v.Timeline {
		out.Events = append(out.Events, b.sheetEvent(e))
	}
	return out, nil
}

func (b *board) sheetEvent(e *match.Entry) sheetEvent {
	out := sheetEvent{Period: e.Period, ClockMs: e.ClockMs, Type: e.Type, Score: e.Score, Status: e.Status}
	if e.Clocked {
		out.Minute = b.state.Setup.Minute(e.Period, e.ClockMs)
	}
	if e.Side != match.NoSide {
		out.Team = b.team(sideIndex(e.Side))
	}
	if e.Facts.Player != "" {
		out.Who = b.player(e.PlayerSide(), e.Facts.Player)
	}
	words := b.facts(e)
	if out.Who != "" {
		words = words[1:]
	}
	out.Details = strings.Join(words, " ")
	return out
}

// saveSheet writes a match for coaches. It says nothing under --json, which asks
// for the form of the file.
func (a *app) saveSheet(ctx context.Context, c *client, m *bridge.Match, file string, asCSV, force bool) error {
	sheet, err := c.coachSheet(ctx, m)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := sheet.write(&text, asCSV); err != nil {
		return err
	}
	n, err := a.saveFrom(&text, file, force)
	if err != nil || !asCSV {
		return err
	}
	return a.saved(file, n)
}

// write puts the sheet into a file in one of the two forms.
func (s *coachSheet) write(w io.Writer, asCSV bool) error {
	if !asCSV {
		return writeJSON(w, s, "  ")
	}
	out := csv.NewWriter(w)
	_ = out.Write([]string{"team", "player", "no", "played_s", "in_goal_s", "goals", "assists", "shots", "saves", "fouls", "yellow", "red"})
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	for _, p := range s.Players {
		_ = out.Write([]string{
			cell(p.Team), cell(p.Name), n(p.No), n(p.PlayedMs / 1000), n(p.KeeperMs / 1000), n(p.Goals), n(p.Assists), n(p.Shots), n(p.Saves), n(p.Fouls),
			n(p.Cards.Yellow + p.Cards.SecondYellow), n(p.Cards.Red + p.Cards.SecondYellow),
		})
	}
	_ = out.Write([]string{})
	_ = out.Write([]string{"minute", "period", "clock_ms", "type", "team", "who", "details", "home", "away", "status"})
	for _, e := range s.Events {
		home, away := "", ""
		if e.Score != nil {
			home, away = n(e.Score[0]), n(e.Score[1])
		}
		_ = out.Write([]string{e.Minute, n(int64(e.Period)), n(e.ClockMs), cell(e.Type), cell(e.Team), cell(e.Who), cell(e.Details), home, away, e.Status})
	}
	out.Flush()
	return out.Error() // of any of the writes
}

// cell keeps a spreadsheet from taking what others wrote for a formula.
func cell(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") {
		return "'" + s
	}
	return s
}
