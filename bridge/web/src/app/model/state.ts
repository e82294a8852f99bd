// The state of a match as nodes serve it (docs/football.md), and what a page works out of it when it shows it.

export type Side = "home" | "away";
export const sides: readonly Side[] = ["home", "away"];
export type Pair = readonly [number, number];

export interface Team {
  readonly id?: string;
  readonly name?: string;
}

export interface Setup {
  readonly teams: readonly [Team, Team];
  readonly ageBand?: string;
  readonly competition?: string;
  readonly group?: string;
  readonly trophy: boolean;
  readonly playersPerSide: number;
  readonly periods: number;
  readonly periodMs: number;
  readonly extraMs: number;
  readonly minSharePct: number;
  readonly results: string;
  readonly names: string;
}

export interface Clock {
  readonly period: number;
  readonly atMs: number;
  readonly running: boolean;
  readonly stopped: boolean;
  readonly startedOwnMs: number;
  readonly stopsMs: number;
  readonly addedMs: number;
}

export interface Cards {
  readonly yellow: number;
  readonly secondYellow: number;
  readonly red: number;
  readonly sinBin: number;
}

export interface Player {
  readonly id: string;
  readonly name?: string;
  readonly no?: number;
  readonly started: boolean;
  readonly on: boolean;
  readonly sentOff: boolean;
  readonly noReturn: boolean;
  readonly playedMs: number;
  readonly keeperMs: number;
  readonly goals: number;
  readonly assists: number;
  readonly saves: number;
  readonly cards: Cards;
}

export interface Stats {
  readonly goals: number;
  readonly shots: number;
  readonly onTarget: number;
  readonly saves: number;
  readonly corners: number;
  readonly offsides: number;
  readonly freeKicks: number;
  readonly fouls: number;
  readonly cards: Cards;
}

export interface TeamState {
  readonly team: Team;
  readonly known: boolean;
  readonly keeper?: string;
  readonly on: number;
  readonly limit: number;
  readonly stats: Stats;
  readonly players: readonly Player[];
}

export interface Facts {
  readonly player?: string;
  readonly assist?: string;
  readonly how?: string;
  readonly kind?: string;
  readonly outcome?: string;
  readonly colour?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly text?: string;
  readonly out?: readonly string[];
  readonly in?: readonly string[];
  readonly ms?: number;
  readonly scored?: boolean;
}

export interface Difference {
  readonly field: string;
  readonly says?: string;
}

export interface Entry {
  readonly hash: string;
  readonly id?: string;
  readonly type: string;
  readonly side?: Side | "";
  readonly period: number;
  readonly clockMs: number;
  readonly clocked: boolean;
  readonly by: string;
  readonly role: unknown;
  readonly ownMs: number;
  readonly facts: Facts;
  readonly status: string;
  readonly counts: boolean;
  readonly reason?: string;
  readonly amended?: readonly string[];
  readonly sources?: readonly { readonly hash: string }[];
  readonly differs?: readonly Difference[];
  readonly flags?: readonly string[];
  readonly score?: Pair;
  /** Only here, not at the node yet. Not part of what nodes serve. */
  readonly pending?: boolean;
}

export interface Correction {
  readonly hash: string;
  readonly type: string;
  readonly refs: readonly string[] | null;
  readonly ownMs: number;
  readonly status: string;
  readonly reason?: string;
}

export interface Spell {
  readonly period: number;
  readonly fromMs: number;
  readonly weight: Pair;
}

export interface Shootout {
  readonly score: Pair;
  readonly kicks: readonly { readonly side: Side; readonly player?: string; readonly scored: boolean; readonly hash: string }[];
  readonly winner: Side | "";
}

export interface Result {
  readonly final: boolean;
  readonly status: string;
  readonly score: Pair;
  readonly winner: Side | "";
  readonly how: string;
}

export interface State {
  readonly label?: string;
  readonly setup: Setup;
  readonly phase: string;
  readonly clock: Clock;
  readonly score: Pair;
  readonly waiting: Pair;
  readonly shootout?: Shootout;
  readonly result: Result;
  readonly teams: readonly [TeamState, TeamState];
  readonly timeline: readonly Entry[];
  readonly corrections: readonly Correction[];
  readonly momentum: readonly Spell[];
  readonly playedMs: number;
  readonly hidden?: boolean;
  readonly unread?: number;
}

/** For the coaches of a side. */
export interface Insights {
  readonly side: Side;
  readonly shares: readonly { readonly player: string; readonly playedMs: number; readonly availableMs: number; readonly pct: number }[];
  readonly alerts: readonly { readonly kind: string; readonly player?: string }[];
  readonly suggestion?: { readonly out: string; readonly in: string; readonly gapMs: number };
  readonly afterChanges: Pair;
}

/** Period of a shoot-out. */
export const shootoutPeriod = 90;

const inPlay = (period: number) => period > 0 && period < shootoutPeriod;

function length(s: Setup, period: number): number {
  return period > s.periods ? s.extraMs : s.periodMs;
}

/** How a play time is shown: "1" in the first minute, "25+2" in added time. Empty outside play. */
export function minute(s: Setup, period: number, ms: number): string {
  if (!inPlay(period)) return "";
  let base = 0;
  for (let p = 1; p < period; p++) base += length(s, p);
  const full = length(s, period);
  if (full > 0 && ms >= full) return `${Math.ceil((base + full) / 60000)}+${Math.floor((ms - full) / 60000) + 1}`;
  return `${Math.floor((base + ms) / 60000) + 1}`;
}

/** Play time of the period at a reading of the clock, in milliseconds. */
export function elapsed(c: Clock, now: number): number {
  if (!c.running || c.stopped || !c.startedOwnMs) return c.atMs;
  return Math.max(now - c.startedOwnMs - c.stopsMs, c.atMs);
}

/** Minutes and seconds since the first period began, as clocks at grounds show them. */
export function clockText(s: Setup, c: Clock, now: number): string {
  let ms = elapsed(c, now);
  if (inPlay(c.period)) for (let p = 1; p < c.period; p++) ms += length(s, p);
  const seconds = Math.floor(ms / 1000);
  return `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}

/** The player's number, or what stands for it. */
export function shirt(p: Player): string {
  if (p.no) return String(p.no);
  return /^(home|away)-/.test(p.id) ? p.id.replace(/^\w+-/, "") : p.id;
}

export function sideIndex(side: Side): 0 | 1 {
  return side === "home" ? 0 : 1;
}

/** A player of either side by ID. */
export function playerOf(s: State, id: string): Player | undefined {
  return s.teams[0].players.find((p) => p.id === id) ?? s.teams[1].players.find((p) => p.id === id);
}

/** Who may change the result after the end, by the rank that nodes give (1: who organises). */
const ranks = ["admin", "referee", "coach", "record"];

/** The least role that may let count what somebody of a role records now; "" when it counts by itself. */
export function waitsFor(s: State | null, role: string): string {
  const end = s?.phase === "ended" ? s.timeline.find((e) => e.type === "match.end" && e.counts) : undefined;
  const rank = typeof end?.role === "number" ? end.role : ranks.length;
  return ranks.indexOf(role) + 1 > rank ? ranks[rank - 1]! : "";
}
