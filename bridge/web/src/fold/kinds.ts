// The kinds of events that the fold knows. Others are kept, listed, and mean nothing to it.
import type { Facts } from "./facts";
import type { Side } from "./side";

/** Of a report, what rules compare. */
export interface Told {
  readonly side: Side;
  readonly now: { readonly facts: Facts };
}

/** Which reports are of the same thing. Milliseconds. */
export interface MergeRule {
  /** Largest distance between two people's reports. */
  readonly window: number;
  /** Largest distance of a double tap by one person. */
  readonly tap: number;
  /** Beyond it, a score_after of one more means another goal. */
  readonly near: number;
  /** Up to it, two reports are flagged as perhaps the same. */
  readonly wide: number;
  /** Up to it, two people's reports for either side are one thing that one of them saw wrong. */
  readonly cross: number;
  /** Of equal rank the latest counts, not the first. */
  readonly latest: boolean;
  /** One person's reports merge like those of different people. */
  readonly anyone: boolean;
  /** One a period: distance means nothing. */
  readonly whole: boolean;
  /** The same by their number, if both have one, whatever the clocks say. */
  readonly numbered: boolean;
  readonly same: (a: Facts, b: Facts) => boolean;
  /** Whether only different people can mean one thing by both. */
  readonly apart: (a: Told, b: Told) => boolean;
}

export interface Kind {
  /** Order among events of the same instant. */
  readonly rank: number;
  readonly merge?: MergeRule;
  /** Means nothing without a team. */
  readonly team?: boolean;
  /** Speaks about other events. */
  readonly meta?: boolean;
  /** Decides about the whole match, so belongs to no team. */
  readonly whole?: boolean;
  /** Not part of play: moves no clock. */
  readonly aside?: boolean;
}

const always = (): boolean => true;
export const samePlayer = (a: Facts, b: Facts): boolean => a.player === b.player || !a.player || !b.player;
const sameKnownPlayer = (a: Facts, b: Facts): boolean => a.player === b.player;
const sameNumber = (a: Facts, b: Facts): boolean => a.n === b.n;
/** Of two colours, too, if the player is known: one of two people saw it wrong. */
const sameCard = (a: Facts, b: Facts): boolean => (!!a.player && a.player === b.player) || (a.colour === b.colour && samePlayer(a, b));
const otherSide = (a: Told, b: Told): boolean => a.side !== b.side;
const otherColour = (a: Told, b: Told): boolean => a.now.facts.colour !== b.now.facts.colour;
const sameKick = (a: Facts, b: Facts): boolean => (a.n && b.n ? a.n === b.n : samePlayer(a, b));
const sameChange = (a: Facts, b: Facts): boolean => sameSet(a.out, b.out) && sameSet(a.in, b.in);

export function sameSet(a: readonly string[] | null = [], b: readonly string[] | null = []): boolean {
  return (a ?? []).length === (b ?? []).length && (a ?? []).every((x) => b!.includes(x));
}

function merge(window: number, same: MergeRule["same"], rest: Partial<MergeRule> = {}): MergeRule {
  return { window, same, tap: 0, near: 0, wide: 0, cross: 0, latest: false, anyone: false, whole: false, numbered: false, apart: () => false, ...rest };
}

const often: Kind = { rank: 7, team: true, merge: merge(20_000, samePlayer) };
const moved: Kind = { rank: 3, team: true, merge: merge(90_000, sameKnownPlayer, { tap: 10_000 }) };
const stop: Kind = { rank: 7, merge: merge(60_000, always, { anyone: true }) };
const oncePerPeriod = merge(0, always, { whole: true, anyone: true });
const aside: Kind = { rank: 7, aside: true };
const meta: Kind = { rank: 7, meta: true };

const known: ReadonlyMap<string, Kind> = new Map<string, Kind>(Object.entries({
  "period.start": { rank: 0, merge: oncePerPeriod },
  "match.setup": { rank: 1, aside: true, whole: true },
  "lineup.set": { rank: 1, team: true, merge: merge(90_000, always, { anyone: true, latest: true }) },
  power_play: { rank: 2, team: true, merge: merge(90_000, sameNumber, { anyone: true }) },
  substitution: { rank: 3, team: true, merge: merge(90_000, sameChange, { tap: 10_000 }) },
  "player.off": moved,
  "player.on": moved,
  "gk.change": moved,
  foul: { ...often, rank: 4 },
  card: { rank: 5, team: true, merge: merge(90_000, sameCard, { tap: 10_000, apart: otherColour }) },
  goal: { rank: 6, team: true, merge: merge(90_000, always, { tap: 10_000, near: 30_000, wide: 150_000, cross: 20_000, apart: otherSide }) },
  "penalty.missed": { rank: 7, team: true, merge: merge(60_000, samePlayer, { tap: 10_000 }) },
  "shootout.kick": { rank: 7, team: true, merge: merge(25_000, sameKick, { tap: 5_000, numbered: true }) },
  shot: often,
  save: often,
  corner: often,
  offside: often,
  free_kick: often,
  injury: { rank: 7, merge: merge(90_000, samePlayer, { tap: 10_000 }) },
  "injury.update": aside,
  "play.stopped": { rank: 7 },
  "clock.stop": stop,
  "clock.resume": stop,
  added_time: { rank: 7, merge: merge(0, always, { whole: true, anyone: true, latest: true }) },
  award: aside,
  clip: aside,
  note: aside,
  reaction: aside,
  "coverage.gap": aside,
  "period.end": { rank: 8, merge: oncePerPeriod },
  "match.end": { rank: 9, whole: true },
  ruling: { rank: 9, whole: true },
  confirm: meta,
  retract: meta,
  amend: meta,
}));

export const unknownKind: Kind = { rank: 7, aside: true };

export function kindOf(type: string): Kind {
  return known.get(type) ?? unknownKind;
}
