package match

import "touchline.dev/touchline/crdt"

// State is what a set of events says about a match. It has no floats and no
// display minutes; [Setup.Minute] makes those when shown. Nobody changes a
// State or what it points to after it was made.
type State struct {
	Setup       Setup        `json:"setup"`
	Phase       string       `json:"phase"` // before | playing | break | shootout | ended
	Clock       Clock        `json:"clock"`
	Score       [2]int64     `json:"score"`   // home, away, without the shoot-out
	Waiting     [2]int64     `json:"waiting"` // goals told after the whistle by people who cannot change the result
	Periods     []Phase      `json:"periods"`
	Shootout    *Shootout    `json:"shootout,omitempty"`
	Result      Result       `json:"result"`
	Teams       [2]TeamState `json:"teams"`
	Timeline    []*Entry     `json:"timeline"`
	Corrections []Correction `json:"corrections"`
	Momentum    []Spell      `json:"momentum"`
	Recorders   int64        `json:"recorders"`        // people whose goals count
	Assumed     bool         `json:"assumed"`          // which team is at home is assumed, for want of a match.setup
	PlayedMs    int64        `json:"playedMs"`         // outside stops, all periods
	Hidden      bool         `json:"hidden,omitempty"` // in a [View]: results are not for this viewer

	outside *outsideAt // what those may know of it who may not know its result
}

// Clock is what a running display needs.
type Clock struct {
	Period       uint32 `json:"period"`
	AtMs         int64  `json:"atMs"` // play time the events have reached
	Running      bool   `json:"running"`
	Stopped      bool   `json:"stopped"`
	StartedOwnMs int64  `json:"startedOwnMs"` // by the clock of whoever started the period; 0 when unknown
	StopsMs      int64  `json:"stopsMs"`
	AddedMs      int64  `json:"addedMs"` // announced
}

// Phase is a period that was played, and the goals in it.
type Phase struct {
	Period   uint32   `json:"period"`
	PlayedMs int64    `json:"playedMs"`
	Score    [2]int64 `json:"score"`
}

// Shootout is the kicks from the mark.
type Shootout struct {
	Score  [2]int64 `json:"score"`
	Kicks  []Kick   `json:"kicks"`
	Winner Side     `json:"winner"`
}

// Kick is one of them.
type Kick struct {
	Side   Side      `json:"side"`
	Player string    `json:"player,omitempty"`
	Scored bool      `json:"scored"`
	Hash   crdt.Hash `json:"hash"`
}

// How a result came about.
const (
	HowPlayed    = "played"
	HowExtraTime = "extra_time"
	HowShootout  = "shootout"
	HowAwarded   = "awarded"
	HowForfeit   = "forfeit" // Winner is the other side; the goals are the competition's
	HowLots      = "lots"
	HowShared    = "shared"
	HowReplay    = "replay"
	HowNone      = "none" // abandoned, cancelled, postponed, a forfeit of nobody, or an unknown word; and nothing was ruled
)

// Result is what a competition takes from the match.
type Result struct {
	Final  bool      `json:"final"`
	Status string    `json:"status"` // of the match.end that counts, empty before
	Score  [2]int64  `json:"score"`
	Kicks  *[2]int64 `json:"kicks,omitempty"`
	Winner Side      `json:"winner"`
	How    string    `json:"how"`
	Reason string    `json:"reason,omitempty"`
}

// TeamState is one side.
type TeamState struct {
	Team     Team     `json:"team"`
	Known    bool     `json:"known"` // a line-up was told
	Keeper   string   `json:"keeper,omitempty"`
	On       int64    `json:"on"`    // players on the pitch
	Limit    int64    `json:"limit"` // players allowed there now
	OnMs     int64    `json:"onMs"`  // players on the pitch times play time: what minutes add up to
	Changes  int64    `json:"changes"`
	Stats    Stats    `json:"stats"`
	Conduct  int64    `json:"conduct"` // fair play points, never above 0
	Players  []Player `json:"players"` // by ID
	FairPlay Cards    `json:"fairPlay"`
}

// Stats of a team. Shots include goals.
type Stats struct {
	Goals           int64 `json:"goals"`
	Shots           int64 `json:"shots"`
	OnTarget        int64 `json:"onTarget"`
	Saves           int64 `json:"saves"`
	Corners         int64 `json:"corners"`
	Offsides        int64 `json:"offsides"`
	FreeKicks       int64 `json:"freeKicks"`
	Fouls           int64 `json:"fouls"`
	Headings        int64 `json:"headings"`
	PenaltiesMissed int64 `json:"penaltiesMissed"`
	Cards           Cards `json:"cards"`
}

// Cards counts cards by colour.
type Cards struct {
	Yellow       int64 `json:"yellow"`
	SecondYellow int64 `json:"secondYellow"`
	Red          int64 `json:"red"`
	SinBin       int64 `json:"sinBin"`
}

func (c *Cards) add(colour string) {
	switch colour {
	case "yellow":
		c.Yellow++
	case "second_yellow":
		c.SecondYellow++
	case "red":
		c.Red++
	case "sin_bin":
		c.SinBin++
	}
}

// Player is one player's match. Times are milliseconds of play.
type Player struct {
	ID         string `json:"id"`
	Name       string `json:"name,omitempty"` // only in a [View]
	No         int64  `json:"no,omitempty"`
	Squad      bool   `json:"squad"`
	Started    bool   `json:"started"`
	On         bool   `json:"on"`
	SentOff    bool   `json:"sentOff"`
	NoReturn   bool   `json:"noReturn"` // a head injury: not again today
	BinUntilMs int64  `json:"binUntilMs,omitempty"`
	Entries    int64  `json:"entries"`
	PlayedMs   int64  `json:"playedMs"`
	KeeperMs   int64  `json:"keeperMs"`
	Goals      int64  `json:"goals"`
	OwnGoals   int64  `json:"ownGoals"`
	Assists    int64  `json:"assists"`
	Shots      int64  `json:"shots"`
	Saves      int64  `json:"saves"`
	Fouls      int64  `json:"fouls"`
	Conceded   int64  `json:"conceded"` // while in goal
	PlusMinus  int64  `json:"plusMinus"`
	Cards      Cards  `json:"cards"`

	since       int64 // play time of the match when the player entered
	keeperSince int64
	binned      bool  // sent to the sin bin from the pitch and not back
	away        int64 // which of those of the team who left and were not replaced, from 1; 0: none
	kicksYellow int64 // yellow cards in the shoot-out
}

// Spell is five minutes of a period and how much each side pressed in them.
type Spell struct {
	Period uint32   `json:"period"`
	FromMs int64    `json:"fromMs"`
	Weight [2]int64 `json:"weight"`
}

// Conduct is the deduction for one person's cards in a match: one for each
// person (FIFA), officials included.
func (c Cards) Conduct() int64 {
	switch {
	case c.Red > 0 && c.Yellow > 0:
		return -5
	case c.Red > 0:
		return -4
	case c.SecondYellow > 0:
		return -3
	case c.Yellow > 0:
		return -1
	}
	return 0
}
