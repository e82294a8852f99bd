package match

import "slices"

// walker is the state of a match after some of its items, in order. It is
// copied at checkpoints, so everything in it is a value or a slice of values.
type walker struct {
	setup *Setup

	period  uint32
	at      int64 // play time reached in the period
	running bool
	stopped bool
	played  int64 // play time of all periods so far, outside stops
	added   int64 // announced for the period
	started *report
	stops   int64   // milliseconds stopped in the period
	stopAt  int64   // play time of the stop that lasts
	kickoff uint32  // latest period that was started
	lengths []Phase // play time of each period

	score  [2]int64
	goals  []*item
	pens   shootout
	teams  [2]squad
	spells []Spell // momentum
}

// clone copies w so that neither sees what happens to the other.
func (w *walker) clone() walker {
	c := *w
	c.lengths = slices.Clone(w.lengths)
	c.goals = slices.Clone(w.goals)
	c.spells = slices.Clone(w.spells)
	c.pens.kicks = slices.Clone(w.pens.kicks)
	for i := range c.teams {
		c.teams[i].players = slices.Clone(w.teams[i].players)
		c.teams[i].yellows = slices.Clone(w.teams[i].yellows)
	}
	return c
}

// step applies one item and notes its flags and the score after it.
func (w *walker) step(it *item) {
	it.flags, it.refused = nil, false
	if it.counts && !it.main.kind.aside {
		w.advance(it)
		it.flags = w.apply(it)
		if w.beyond(it.main.period) {
			it.flags = addFlag(it.flags, FlagPeriod)
		}
	}
	it.score = w.score
}

func (w *walker) apply(it *item) (flags []string) {
	switch it.main.ev.Type {
	case kindPeriodStart:
		w.start(it)
	case kindPeriodEnd:
		w.running, w.stopped = false, false
	case kindClockStop, kindClockResume:
		flags = w.halt(it, it.main.ev.Type == kindClockStop)
	case kindAddedTime:
		w.added = it.facts.Ms
	case kindGoal:
		flags = w.goal(it)
	case kindShootoutKick:
		flags = w.pens.kick(it, w.setup.ShootoutKicks)
	case kindInjury:
		w.injury(it)
	case kindStopped:
	default:
		flags = w.team(it)
	}
	return flags
}

// halt stops the clock or lets it go on. Without a play time nobody knows from when,
// and a clock that stands is not stopped again: both are left as they were.
func (w *walker) halt(it *item, stop bool) []string {
	switch {
	case !it.main.clocked:
		it.refused = true
		return []string{FlagNoClock}
	case stop == w.stopped:
		it.refused = true
		return []string{FlagClockAlready}
	case stop:
		w.stopAt = it.main.at
	default:
		w.stops += max(it.main.at-w.stopAt, 0)
	}
	w.stopped = stop
	return nil
}

// inPlay reports whether minutes are played in a period of this number.
func inPlay(period uint32) bool { return period > 0 && period < PeriodShootout }

// beyond reports whether no match of this setup has such a period: extra time
// has two.
func (w *walker) beyond(period uint32) bool {
	return int64(period) > w.setup.Periods+2 && period != PeriodShootout && period != PeriodAfter
}

// advance moves the play clock to the item.
func (w *walker) advance(it *item) {
	period, at := it.main.period, it.main.at
	if !inPlay(period) {
		return
	}
	if period != w.period {
		w.period, w.at, w.running, w.stopped, w.added, w.stops, w.started = period, 0, true, false, 0, 0, nil
		w.lengths = append(w.lengths, Phase{Period: period})
		if it.main.ev.Type == kindPeriodStart {
			w.at = at
		}
	}
	passed := at - w.at
	if passed <= 0 {
		return
	}
	w.at = at
	if !w.running || w.stopped {
		return
	}
	w.played += passed
	w.lengths[len(w.lengths)-1].PlayedMs += passed
	for i := range w.teams {
		w.teams[i].onMs += passed * int64(w.teams[i].on)
	}
}

func (w *walker) start(it *item) {
	w.started = it.main
	if inPlay(it.main.period) {
		w.kickoff = max(w.kickoff, it.main.period)
	}
}

func (w *walker) goal(it *item) (flags []string) {
	period := it.main.period
	if period >= PeriodShootout {
		it.refused = true // a kick from the mark is no goal (Law 10)
		return []string{FlagPeriod}
	}
	side := it.main.side
	w.score[side.index()]++
	w.goals = append(w.goals, it)
	if n := len(w.lengths); n > 0 && inPlay(period) {
		w.lengths[n-1].Score[side.index()]++
	}
	t, o := w.of(side), w.of(side.Other())
	t.stats.Goals++
	if it.facts.How == "own_goal" {
		o.person(it.facts.Player, func(p *Player) { p.OwnGoals++ })
		flags = addFlag(flags, o.absent(it.facts.Player, it.main.clocked))
	} else {
		flags = t.scored(it)
	}
	t.plusMinus(1)
	o.plusMinus(-1)
	w.press(it, 5)
	if inPlay(period) && !w.running {
		flags = append(flags, FlagAfterPeriod)
	}
	return flags
}

// scored credits the players. The goal counts whoever is named.
func (t *squad) scored(it *item) (flags []string) {
	f := it.facts
	t.stats.Shots++
	t.stats.OnTarget++
	t.person(f.Player, func(p *Player) { p.Goals++; p.Shots++ })
	flags = addFlag(flags, t.absent(f.Player, it.main.clocked))
	if f.Assist != "" && f.Assist == f.Player {
		return addFlag(flags, FlagOwnAssist)
	}
	t.person(f.Assist, func(p *Player) { p.Assists++ })
	return addFlag(flags, t.absent(f.Assist, it.main.clocked))
}

func (w *walker) of(side Side) *squad { return &w.teams[side.index()] }

// injury marks a head injury: the player must not return today.
func (w *walker) injury(it *item) {
	if it.main.side == NoSide || !it.facts.Injury.Head() {
		return
	}
	w.of(it.main.side).person(it.facts.Player, func(p *Player) { p.NoReturn = true })
}

// team applies what happens to one team.
func (w *walker) team(it *item) []string {
	if it.main.side == NoSide {
		return nil
	}
	t, f := w.of(it.main.side), it.facts
	switch it.main.ev.Type {
	case kindLineup:
		return t.lineup(f.Lineup, w)
	case kindSubstitution:
		return t.substitute(f.Out, f.In, it, w)
	case kindPlayerOff:
		return t.substitute([]string{f.Player}, nil, it, w)
	case kindPlayerOn:
		return t.substitute(nil, []string{f.Player}, it, w)
	case kindKeeper:
		return t.keeperIs(f.Player, it, w)
	case kindPowerPlay:
		return t.powerPlay(f.N, w.score[it.main.side.Other().index()]-w.score[it.main.side.index()], w)
	case kindCard:
		return t.card(it, w)
	}
	w.count(t, it)
	return nil
}

// count adds to the statistics what needs no checking.
func (w *walker) count(t *squad, it *item) {
	switch it.main.ev.Type {
	case kindShot:
		t.stats.Shots++
		press := int64(1)
		if o := it.facts.Outcome; o == "saved" || o == "on_target" {
			t.stats.OnTarget++
			press = 2
		}
		t.person(it.facts.Player, func(p *Player) { p.Shots++ })
		w.press(it, press)
	case kindPenalty:
		t.stats.Shots++
		t.stats.PenaltiesMissed++
		t.person(it.facts.Player, func(p *Player) { p.Shots++ })
		w.press(it, 3)
	case kindSave:
		t.stats.Saves++
		t.person(it.facts.Player, func(p *Player) { p.Saves++ })
	case kindCorner:
		t.stats.Corners++
		w.press(it, 1)
	case kindOffside:
		t.stats.Offsides++
	case kindFreeKick:
		t.stats.FreeKicks++
	case kindFoul:
		t.stats.Fouls++
		if it.facts.Kind == "heading" {
			t.stats.Headings++
		}
		t.person(it.facts.Player, func(p *Player) { p.Fouls++ })
	}
}

// spellMs is the length of a [Spell].
const spellMs = 5 * 60_000

// press adds to the momentum of a side.
func (w *walker) press(it *item, weight int64) {
	if !inPlay(it.main.period) {
		return
	}
	from := it.main.at / spellMs * spellMs
	if n := len(w.spells); n == 0 || w.spells[n-1].Period != it.main.period || w.spells[n-1].FromMs != from {
		w.spells = append(w.spells, Spell{Period: it.main.period, FromMs: from})
	}
	w.spells[len(w.spells)-1].Weight[it.main.side.index()] += weight
}
