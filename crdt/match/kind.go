package match

import (
	"maps"
	"slices"
)

// The kinds of events that the fold knows. Others are kept, listed, and mean
// nothing to it.
const (
	kindSetup        = "match.setup"
	kindLineup       = "lineup.set"
	kindPeriodStart  = "period.start"
	kindPeriodEnd    = "period.end"
	kindStopped      = Stopped
	kindClockStop    = "clock.stop"
	kindClockResume  = "clock.resume"
	kindAddedTime    = "added_time"
	kindEnd          = "match.end"
	kindRuling       = "ruling"
	kindGoal         = "goal"
	kindPenalty      = "penalty.missed"
	kindShootoutKick = "shootout.kick"
	kindShot         = "shot"
	kindSave         = "save"
	kindCorner       = "corner"
	kindOffside      = "offside"
	kindFreeKick     = "free_kick"
	kindFoul         = "foul"
	kindCard         = "card"
	kindSubstitution = "substitution"
	kindPlayerOff    = "player.off"
	kindPlayerOn     = "player.on"
	kindKeeper       = "gk.change"
	kindInjury       = "injury"
	kindInjuryUpdate = "injury.update"
	kindPowerPlay    = "power_play"
	kindClip         = "clip"
	kindNote         = "note"
	kindReaction     = "reaction"
	kindAward        = "award"
	kindGap          = "coverage.gap"
	kindConfirm      = "confirm"
	kindRetract      = "retract"
	kindAmend        = "amend"
)

// Periods are numbered one way: 0 before the match, 1..n, then extra time
// n+1.., and these two.
const (
	PeriodShootout = 90
	PeriodAfter    = 99
)

// kind is what the fold needs to know about a kind of event.
type kind struct {
	rank  uint8  // order among events of the same instant
	prio  uint8  // 0 reaches people first; see [Priority]
	merge *merge // how reports of the same thing by several people become one
	team  bool   // means nothing without a team
	meta  bool   // speaks about other events
	whole bool   // decides about the whole match, so belongs to no team
	aside bool   // not part of play: moves no clock
}

// merge says which reports are of the same thing. Durations are milliseconds.
type merge struct {
	window int64 // largest distance between two people's reports
	tap    int64 // largest distance of a double tap by one person
	near   int64 // beyond it, a score_after of one more means another goal
	wide   int64 // up to it, two reports are flagged as perhaps the same
	cross  int64 // up to it, two people's reports for either side are one thing that one of them saw wrong
	latest bool  // of equal rank the latest counts (it replaces), not the first
	anyone bool  // one person's reports merge like those of different people
	whole  bool  // one a period: distance means nothing
	// numbered kinds are the same by their number, if both have one, whatever the clocks say.
	numbered bool
	same     func(a, b *Facts) bool
	// apart says that one person meant two things, however near they are.
	apart func(a, b *report) bool
}

// separation is the distance from which reports cannot influence each other.
func (m *merge) separation() int64 { return max(m.window, m.wide) }

var (
	oncePerPeriod = &merge{whole: true, anyone: true, same: always}
	lastPerPeriod = &merge{whole: true, anyone: true, latest: true, same: always}
	oftenSeen     = &merge{window: 20_000, same: samePlayer}
)

var kinds = map[string]*kind{
	kindPeriodStart:  {rank: 0, prio: 1, merge: oncePerPeriod},
	kindSetup:        {rank: 1, prio: 2, aside: true, whole: true},
	kindLineup:       {rank: 1, prio: 2, team: true, merge: &merge{window: 90_000, anyone: true, latest: true, same: always}},
	kindPowerPlay:    {rank: 2, prio: 2, team: true, merge: &merge{window: 90_000, anyone: true, same: sameNumber}},
	kindSubstitution: {rank: 3, prio: 2, team: true, merge: &merge{window: 90_000, tap: 10_000, same: sameChange}},
	kindPlayerOff:    {rank: 3, prio: 2, team: true, merge: &merge{window: 90_000, tap: 10_000, same: sameKnownPlayer}},
	kindPlayerOn:     {rank: 3, prio: 2, team: true, merge: &merge{window: 90_000, tap: 10_000, same: sameKnownPlayer}},
	kindKeeper:       {rank: 3, prio: 3, team: true, merge: &merge{window: 90_000, tap: 10_000, same: sameKnownPlayer}},
	kindFoul:         {rank: 4, prio: 3, team: true, merge: oftenSeen},
	kindCard:         {rank: 5, prio: 2, team: true, merge: &merge{window: 90_000, tap: 10_000, same: sameCard, apart: otherColour}},
	kindGoal:         {rank: 6, prio: 1, team: true, merge: &merge{window: 90_000, tap: 10_000, near: 30_000, wide: 150_000, cross: 20_000, same: always, apart: otherSide}},
	kindPenalty:      {rank: 7, prio: 2, team: true, merge: &merge{window: 60_000, tap: 10_000, same: samePlayer}},
	kindShootoutKick: {rank: 7, prio: 1, team: true, merge: &merge{window: 25_000, tap: 5_000, numbered: true, same: sameKick}},
	kindShot:         {rank: 7, prio: 3, team: true, merge: oftenSeen},
	kindSave:         {rank: 7, prio: 3, team: true, merge: oftenSeen},
	kindCorner:       {rank: 7, prio: 3, team: true, merge: oftenSeen},
	kindOffside:      {rank: 7, prio: 3, team: true, merge: oftenSeen},
	kindFreeKick:     {rank: 7, prio: 3, team: true, merge: oftenSeen},
	kindInjury:       {rank: 7, prio: 1, merge: &merge{window: 90_000, tap: 10_000, same: samePlayer}},
	kindInjuryUpdate: {rank: 7, prio: 1, aside: true},
	kindStopped:      {rank: 7, prio: 1},
	kindClockStop:    {rank: 7, prio: 2, merge: &merge{window: 60_000, anyone: true, same: always}},
	kindClockResume:  {rank: 7, prio: 2, merge: &merge{window: 60_000, anyone: true, same: always}},
	kindAddedTime:    {rank: 7, prio: 3, merge: lastPerPeriod},
	kindAward:        {rank: 7, prio: 3, aside: true},
	kindClip:         {rank: 7, prio: 3, aside: true},
	kindNote:         {rank: 7, prio: 3, aside: true},
	kindReaction:     {rank: 7, prio: 3, aside: true},
	kindGap:          {rank: 7, prio: 3, aside: true},
	kindPeriodEnd:    {rank: 8, prio: 1, merge: oncePerPeriod},
	kindEnd:          {rank: 9, prio: 1, whole: true},
	kindRuling:       {rank: 9, prio: 1, whole: true},
	kindConfirm:      {rank: 7, prio: 3, meta: true},
	kindRetract:      {rank: 7, prio: 3, meta: true},
	kindAmend:        {rank: 7, prio: 3, meta: true},
}

// Stopped is the kind of what stands in the log for an event that is private, for all
// who lack its key: play was stopped. It has no team, and moves the play clock as
// what it stands for does.
const Stopped = "play.stopped"

// Private reports whether events of a kind are for the team's staff and the child's
// guardians only (rule R7).
func Private(kind string) bool { return kind == kindInjury || kind == kindInjuryUpdate }

// Corrects reports whether events of a kind say something of others.
func Corrects(kind string) bool { return kindOf(kind).meta }

// Kinds lists the kinds of events that the fold knows, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

var unknownKind = &kind{rank: 7, prio: 3, aside: true}

func kindOf(name string) *kind {
	if k := kinds[name]; k != nil {
		return k
	}
	return unknownKind
}

func always(_, _ *Facts) bool { return true }

func samePlayer(a, b *Facts) bool {
	return a.Player == b.Player || a.Player == "" || b.Player == ""
}

func sameKnownPlayer(a, b *Facts) bool { return a.Player == b.Player }

func sameNumber(a, b *Facts) bool { return a.N == b.N }

// sameCard holds of two colours, too, if the player is known: one of two people
// saw it wrong.
func sameCard(a, b *Facts) bool {
	return a.Player == b.Player && a.Player != "" || a.Colour == b.Colour && samePlayer(a, b)
}

func otherSide(a, b *report) bool { return a.side != b.side }

func otherColour(a, b *report) bool { return a.now.Colour != b.now.Colour }

func sameKick(a, b *Facts) bool {
	if a.N != 0 && b.N != 0 {
		return a.N == b.N
	}
	return samePlayer(a, b)
}

func sameChange(a, b *Facts) bool { return sameSet(a.Out, b.Out) && sameSet(a.In, b.In) }

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !contains(b, x) {
			return false
		}
	}
	return true
}

func contains(list []string, x string) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}
