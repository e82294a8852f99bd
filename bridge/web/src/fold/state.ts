// What a set of events says about a match: the State of docs/football.md, field by field as in its JSON.
import type { Facts } from "./facts";
import type { Difference } from "./merge";
import type { Setup, Team } from "./setup";
import type { SideName } from "./side";

/** Home, away. */
export type Pair = [number, number];

export interface State {
  readonly setup: Setup;
  readonly phase: "before" | "playing" | "break" | "shootout" | "ended";
  readonly clock: Clock;
  /** Without the shoot-out. */
  readonly score: Pair;
  /** Goals told after the whistle by people who cannot change the result. */
  readonly waiting: Pair;
  readonly periods: readonly Phase[];
  readonly shootout?: Shootout;
  readonly result: Result;
  readonly teams: readonly [TeamState, TeamState];
  readonly timeline: readonly Entry[];
  readonly corrections: readonly Correction[];
  readonly momentum: readonly Spell[];
  /** People whose goals count. */
  readonly recorders: number;
  /** Which team is at home is assumed, for want of a match.setup. */
  readonly assumed: boolean;
  readonly playedMs: number;
  /** In what a node shows: results are not for this viewer. */
  readonly hidden?: boolean;
}

export interface Clock {
  readonly period: number;
  /** Play time the events have reached. */
  readonly atMs: number;
  readonly running: boolean;
  readonly stopped: boolean;
  /** By the clock of whoever started the period; 0 when unknown. */
  readonly startedOwnMs: number;
  readonly stopsMs: number;
  readonly addedMs: number;
}

/** The play time to show when a clock that agrees with the starter's reads nowMs. */
export function elapsedMs(c: Clock, nowMs: number): number {
  if (!c.running || c.stopped || !c.startedOwnMs) return c.atMs;
  return Math.max(nowMs - c.startedOwnMs - c.stopsMs, c.atMs);
}

export interface Phase {
  readonly period: number;
  playedMs: number;
  readonly score: Pair;
}

export interface Shootout {
  readonly score: Pair;
  readonly kicks: readonly Kick[];
  readonly winner: SideName | "";
}

export interface Kick {
  readonly side: SideName;
  readonly player?: string;
  readonly scored: boolean;
  readonly hash: string;
}

export interface Result {
  final: boolean;
  status: string;
  score: Pair;
  kicks?: Pair;
  winner: SideName | "";
  how: string;
  reason?: string;
}

export interface Cards {
  yellow: number;
  secondYellow: number;
  red: number;
  sinBin: number;
}

export interface Stats {
  goals: number;
  shots: number;
  onTarget: number;
  saves: number;
  corners: number;
  offsides: number;
  freeKicks: number;
  fouls: number;
  headings: number;
  penaltiesMissed: number;
  readonly cards: Cards;
}

export interface TeamState {
  readonly team: Team;
  /** A line-up was told. */
  readonly known: boolean;
  readonly keeper?: string;
  readonly on: number;
  /** Players allowed on the pitch now. */
  readonly limit: number;
  readonly onMs: number;
  readonly changes: number;
  readonly stats: Stats;
  readonly conduct: number;
  /** By ID. */
  readonly players: readonly Player[];
  readonly fairPlay: Cards;
}

export interface Player {
  readonly id: string;
  /** Only in what a node shows. */
  readonly name?: string;
  readonly no?: number;
  readonly squad: boolean;
  readonly started: boolean;
  readonly on: boolean;
  readonly sentOff: boolean;
  /** A head injury: not again today. */
  readonly noReturn: boolean;
  readonly binUntilMs?: number;
  readonly entries: number;
  readonly playedMs: number;
  readonly keeperMs: number;
  readonly goals: number;
  readonly ownGoals: number;
  readonly assists: number;
  readonly shots: number;
  readonly saves: number;
  readonly fouls: number;
  readonly conceded: number;
  readonly plusMinus: number;
  readonly cards: Cards;
}

export interface Spell {
  readonly period: number;
  readonly fromMs: number;
  readonly weight: Pair;
}

export type Status =
  | "reported"
  | "confirmed"
  | "withdrawn"
  | "waiting"
  | "unconfirmed"
  | "void"
  | "invalid"
  | "superseded"
  | "ignored"
  | "disputed"
  | "effective";

/** One thing that happened, or is said to have. */
export interface Entry {
  readonly hash: string;
  readonly id?: string;
  readonly type: string;
  readonly side?: SideName;
  readonly period: number;
  readonly clockMs: number;
  /** false: no play time was told. */
  readonly clocked: boolean;
  readonly by: string;
  readonly role: number;
  readonly ownMs: number;
  readonly facts: Facts;
  readonly status: Status;
  readonly counts: boolean;
  readonly reason?: string;
  /** The correction that made the status. */
  readonly statusBy?: string;
  readonly amended?: readonly string[];
  /** Others who said the same. */
  readonly sources?: readonly Source[];
  readonly differs?: readonly Difference[];
  readonly flags?: readonly string[];
  /** After it, if it is a goal that counts. */
  readonly score?: Pair;
}

export interface Source {
  readonly hash: string;
  readonly by: string;
  readonly role: number;
  readonly clockMs: number;
  readonly ownMs: number;
}

export interface Correction {
  readonly hash: string;
  readonly type: string;
  readonly refs: readonly string[] | null;
  readonly by: string;
  readonly role: number;
  readonly ownMs: number;
  readonly status: Status;
  readonly reason?: string;
  readonly late: boolean;
}

export const noCards = (): Cards => ({ yellow: 0, secondYellow: 0, red: 0, sinBin: 0 });

export function addCard(c: Cards, colour = ""): void {
  if (colour === "yellow" || colour === "red") c[colour]++;
  else if (colour === "second_yellow") c.secondYellow++;
  else if (colour === "sin_bin") c.sinBin++;
}

/** A list of strings in the order of their UTF-8, as Go sorts them. */
export function byUtf8(a: string, b: string): number {
  const n = Math.min(a.length, b.length);
  for (let i = 0; i < n; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    // Surrogates stand for characters beyond all others.
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

const isSurrogate = (c: number): boolean => c >= 0xd800 && c <= 0xdfff;
