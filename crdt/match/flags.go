package match

// Flags say what is odd about an entry. Nothing is refused for it.
const (
	FlagSameID         = "same_id"          // its author used the ID for something else too
	FlagField          = "field_ignored"    // a field's value cannot be; of a match.end: no result yet
	FlagDoubleTap      = "double_tap"       // one author said it twice within seconds; counted once
	FlagConflict       = "conflict"         // reports differ; see Differs
	FlagPerhapsSame    = "perhaps_same"     // nobody saw both of two near goals, or of two yellow cards of a player: they may be one; of a card: not applied
	FlagAgain          = "reported_again"   // near something that was withdrawn
	FlagPeriod         = "wrong_period"     // cannot happen in this period
	FlagAfterPeriod    = "after_period_end" // the period was over
	FlagNotOn          = "not_on"           // who leaves or goes in goal was not on the pitch: not applied; or who scored
	FlagAlreadyOn      = "already_on"       // who enters was on; not applied
	FlagSentOff        = "sent_off"         // who enters or is booked was sent off: not applied; or who scored
	FlagTooMany        = "too_many_on"      // more players than allowed; a change is not applied
	FlagTooManyChanges = "too_many_changes" // more substitutions than allowed
	FlagUnknownPlayer  = "not_in_squad"     // who enters or scored was not in the squad
	FlagHeadInjury     = "head_injury"      // who enters must not return today
	FlagSinBin         = "sin_bin"          // who enters still had time to serve
	FlagCameBack       = "came_back"        // who enters was substituted, and changes are limited
	FlagNoClock        = "no_clock"         // a stop or its end without a play time: not applied
	FlagClockAlready   = "clock_already"    // the clock stood, or ran, already: not applied
	FlagPowerPlay      = "power_play"       // the deficit does not allow so many
	FlagSecondYellow   = "second_yellow"    // a second yellow card told as a first; it counts as one
	FlagOwnAssist      = "own_assist"       // who scored cannot have assisted; the assist does not count
	FlagDecided        = "already_decided"  // a kick after the shoot-out was won
	FlagOutOfTurn      = "out_of_turn"      // one side kicked twice
	FlagLate           = "late"             // after the final whistle by the log's order
	FlagNoTeam         = "no_team"          // a forfeit that does not say whose: no result yet
	FlagOneOfSeveral   = "one_of_several"   // only one of several recorders reports the goal
)
