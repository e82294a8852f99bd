package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/match"
)

// board writes what people like to read of a match.
type board struct {
	state *match.State
	names [2]map[string]string // of players, as they are shown
}

func newBoard(s *match.State) *board {
	b := &board{state: s}
	for i := range s.Teams {
		b.names[i] = map[string]string{}
		slices.SortStableFunc(s.Teams[i].Players, func(x, y match.Player) int {
			return cmp.Or(cmp.Compare(x.No, y.No), cmp.Compare(len(x.ID), len(y.ID)))
		})
		for _, p := range s.Teams[i].Players {
			b.names[i][p.ID] = playerName(p)
		}
	}
	return b
}

// playerName is a name, a shirt, or an ID, whichever there is.
func playerName(p match.Player) string {
	switch {
	case p.Name != "":
		return clean(p.Name)
	case p.No != 0:
		return fmt.Sprintf("#%d", p.No)
	}
	return shirt(p.ID)
}

// shirt shows an ID that is a number as one.
func shirt(id string) string {
	if no := match.ShirtOf(id); no != 0 {
		return fmt.Sprintf("#%d", no)
	}
	return clean(id)
}

// sides in the order in which states have them.
var sides = [2]match.Side{match.Home, match.Away}

func sideIndex(s match.Side) int {
	if s == match.Away {
		return 1
	}
	return 0
}

// player is who an event of a side names; an own goal's scorer is of the other.
func (b *board) player(side match.Side, id string) string {
	i := sideIndex(side)
	for _, names := range [2]map[string]string{b.names[i], b.names[1-i]} {
		if name, ok := names[id]; ok {
			return name
		}
	}
	return shirt(id)
}

func (b *board) players(side match.Side, ids []string) string {
	var out []string
	for _, id := range ids {
		out = append(out, b.player(side, id))
	}
	return strings.Join(out, ", ")
}

func (b *board) team(i int) string {
	t := b.state.Teams[i].Team
	return clean(cmp.Or(t.Name, t.ID, string(sides[i])))
}

// headline is the score, and where the match is: "Badgers 2 – 1 Otters  1st half 13'".
func (b *board) headline(now time.Time) string {
	score := fmt.Sprintf("%d – %d", b.state.Score[0], b.state.Score[1])
	if b.state.Hidden {
		score = "–"
	}
	return fmt.Sprintf("%s %s %s  %s", b.team(0), strong.Render(score), b.team(1), faint.Render(b.phase(now)))
}

// phase is where the match is, for people.
func (b *board) phase(now time.Time) string {
	s := b.state
	switch s.Phase {
	case "before":
		return "not begun"
	case "ended":
		return endWords(s.Result.Status)
	case "shootout":
		return "shoot-out"
	case "break":
		if s.Setup.Periods == 2 && s.Clock.Period == 1 {
			return "half-time"
		}
		return "after the " + periodName(&s.Setup, s.Clock.Period)
	}
	text := periodName(&s.Setup, s.Clock.Period) + " " + s.Setup.Minute(s.Clock.Period, s.Clock.ElapsedMs(now.UnixMilli())) + "'"
	if s.Clock.Stopped {
		text += ", play stopped"
	}
	return text
}

func endWords(status string) string {
	switch status {
	case "", "completed":
		return "full time"
	}
	return clean(status)
}

func periodName(s *match.Setup, period uint32) string {
	n := int64(period)
	switch {
	case n > s.Periods:
		return fmt.Sprintf("extra time %d", n-s.Periods)
	case s.Periods == 2:
		return []string{"", "1st half", "2nd half"}[min(n, 2)]
	case s.Periods == 1:
		return "match"
	}
	return fmt.Sprintf("period %d", n)
}

// goals lists who scored for a side, and when: "Ida 7', 25+2' (pen.)".
func (b *board) goals(side match.Side) []string {
	type scorer struct {
		name    string
		minutes []string
	}
	var list []*scorer
	for _, e := range b.state.Goals() {
		if e.Side != side {
			continue
		}
		name := "?"
		if e.Facts.Player != "" {
			name = b.player(e.PlayerSide(), e.Facts.Player)
		}
		minute := "?"
		if m := b.state.Setup.Minute(e.Period, e.ClockMs); e.Clocked && m != "" {
			minute = m + "'"
		}
		switch e.Facts.How {
		case "own_goal":
			minute += " (own goal)"
		case "penalty":
			minute += " (pen.)"
		}
		at := slices.IndexFunc(list, func(s *scorer) bool { return s.name == name && name != "?" })
		if at < 0 {
			at, list = len(list), append(list, &scorer{name: name})
		}
		list[at].minutes = append(list[at].minutes, minute)
	}
	var out []string
	for _, s := range list {
		out = append(out, s.name+" "+strings.Join(s.minutes, ", "))
	}
	return out
}

// result says in a sentence what came of the match; empty while it goes on.
func (b *board) result() string {
	r := b.state.Result
	if b.state.Hidden {
		return "The result is for the teams only."
	}
	if !r.Final {
		if r.How == match.HowReplay {
			return "To be played again."
		}
		return b.withoutResult()
	}
	winner := ""
	if r.Winner != match.NoSide {
		winner = b.team(sideIndex(r.Winner))
	}
	switch {
	case r.How == match.HowShared:
		return "The trophy is shared."
	case winner == "":
		return "A draw."
	case r.How == match.HowShootout && r.Kicks != nil:
		won, lost := r.Kicks[sideIndex(r.Winner)], r.Kicks[1-sideIndex(r.Winner)]
		return fmt.Sprintf("%s win %d–%d on penalties.", winner, won, lost)
	case r.How == match.HowExtraTime:
		return winner + " win after extra time."
	case r.How == match.HowAwarded:
		return fmt.Sprintf("Awarded to %s, %d–%d.", winner, r.Score[0], r.Score[1])
	case r.How == match.HowForfeit:
		return "Forfeited to " + winner + "."
	case r.How == match.HowLots:
		return winner + " win by lots."
	}
	return winner + " win."
}

// kicks of a shoot-out for one side: a ball for each that went in.
func (b *board) kicks(side match.Side) string {
	var out strings.Builder
	for _, k := range b.state.Shootout.Kicks {
		switch {
		case k.Side != side:
		case k.Scored:
			out.WriteString("●")
		default:
			out.WriteString("○")
		}
	}
	return out.String()
}

// lineup is who is on the pitch and who is not, in short.
func (b *board) lineup(i int) string {
	var on, off []string
	for _, p := range b.state.Teams[i].Players {
		name := playerName(p)
		if p.ID == b.state.Teams[i].Keeper {
			name += " (gk)"
		}
		switch {
		case p.SentOff:
			off = append(off, name+" (sent off)")
		case p.On || b.state.Phase == "before" && p.Started:
			on = append(on, name)
		case p.Squad || p.Entries > 0:
			off = append(off, name)
		}
	}
	text := strings.Join(on, ", ")
	if len(off) > 0 {
		text += faint.Render("  off: " + strings.Join(off, ", "))
	}
	return text
}

// print shows the whole board.
func (b *board) print(a *app, v *bridge.StateView) {
	a.printf("%s\n", b.headline(time.Now()))
	if v.Unread > 0 {
		a.printf("%s\n", poor.Render(count(v.Unread, "event")+" cannot be read here, so more may have happened"))
	}
	if b.state.Assumed {
		a.printf("%s\n", faint.Render("which team is at home is assumed: no match.setup was recorded"))
	}
	for i, side := range sides {
		if goals := b.goals(side); len(goals) > 0 {
			a.printf("  %s: %s\n", b.team(i), strings.Join(goals, "; "))
		}
		if n := b.state.Waiting[i]; n > 0 {
			a.printf("  %s: %s\n", b.team(i), poor.Render(fmt.Sprintf("%d more told after the end; %s has to confirm", n, b.confirms())))
		}
	}
	if b.state.Shootout != nil {
		for i, side := range sides {
			a.printf("  %s: %s\n", b.team(i), b.kicks(side))
		}
	}
	if r := b.result(); r != "" {
		a.printf("%s\n", r)
	}
	for i := range sides {
		if text := b.lineup(i); text != "" {
			a.printf("%s  %s\n", strong.Render(b.team(i)), text)
		}
	}
}
