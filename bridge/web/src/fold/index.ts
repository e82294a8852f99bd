// Football: the read side of the fold, as crdt/match is in Go. Pure: it reads no clock and does no IO.
export type { FoldEvent, RestEvent } from "./event";
export { COACH, ORGANISER, REFEREE, SCORER, STANDS, UNCONFIRMED, VOID, fromRest, rankOf, timeOf } from "./event";
export type { Facts, Injury, Lineup, Ruling } from "./facts";
export { fold } from "./fold";
export type { Difference } from "./merge";
export type { Setup, Team } from "./setup";
export { minuteOf } from "./setup";
export type { SideName } from "./side";
export type {
  Cards, Clock, Correction, Entry, Kick, Pair, Phase, Player, Result, Shootout, Source, Spell, State, Stats, Status, TeamState,
} from "./state";
export { elapsedMs } from "./state";
