// What the fold knows of one event of the events set: see "Input" in docs/football.md.
import type { Hash } from "../core/hash";

/** Ranks of authors; smaller is mightier. */
export const ORGANISER = 1;
export const REFEREE = 2;
export const COACH = 3;
export const SCORER = 4;

/** Only what stands counts; the rest is shown with its reason. */
export const STANDS = 0;
export const UNCONFIRMED = 1;
export const VOID = 2;

export interface FoldEvent {
  readonly hash: Hash;
  /** The author's label; none: "" or absent. */
  readonly id?: string;
  /** The author's public key, or what stands for it, the same in all events of one author. */
  readonly author: string;
  readonly role: number;
  /** The team that the author's grant is bound to; all: "" or absent. */
  readonly side?: string;
  readonly type: string;
  readonly team?: string;
  readonly period?: number;
  /** Play time since the period began. */
  readonly clockMs?: number | undefined;
  /** A JSON object: its text as it is in the log, where a field may be repeated, or parsed. */
  readonly data?: string | Readonly<Record<string, unknown>>;
  readonly refs?: readonly Hash[];
  /** Hybrid logical time, 16 hexadecimal digits. */
  readonly time: string;
  /** The author's own clock, milliseconds since 1970. */
  readonly ownMs: number;
  readonly standing?: number;
  /** Why it does not stand. */
  readonly reason?: string;
  /** Later than the end by the access layer. */
  readonly late?: boolean;
}

/** An event as REST gives it, as much as the fold reads. */
export interface RestEvent {
  readonly id?: string;
  readonly hash: Hash;
  readonly teamId?: string;
  readonly type?: string;
  readonly period?: number;
  readonly clockMs?: number;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly refs: readonly Hash[];
  readonly author: string;
  readonly role: string;
  readonly hlc: string;
  readonly createdAt: string;
  readonly verdict: string;
  readonly reason?: string;
}

const ROLES = ["admin", "referee", "coach", "record", "guardian", "family", "watch"];

/** The rank of a role by its name in REST. Unknown ones only read. */
export function rankOf(role: string): number {
  return ROLES.indexOf(role) + 1 || ROLES.length;
}

/** "milliseconds.counter" as 16 hexadecimal digits, which sort as times do. */
export function timeOf(hlc: string): string {
  const [ms, counter] = hlc.split(".");
  return digits(ms, 12) + digits(counter, 4);
}

function digits(n: string | undefined, width: number): string {
  return Number(n ?? 0).toString(16).padStart(width, "0");
}

/** An event of REST for the fold; `side` is the team its author is bound to, if that is known. */
export function fromRest(e: RestEvent, side = ""): FoldEvent {
  return {
    hash: e.hash, id: e.id ?? "", author: e.author, role: rankOf(e.role), side, type: e.type ?? "", team: e.teamId ?? "",
    period: e.period ?? 0, clockMs: e.clockMs, data: e.data ?? "", refs: e.refs, time: timeOf(e.hlc), ownMs: Date.parse(e.createdAt),
    standing: e.verdict === "counts" ? STANDS : e.verdict === "void" ? VOID : UNCONFIRMED, reason: e.reason ?? "",
  };
}
