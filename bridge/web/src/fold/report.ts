// One event as the fold sees it: all copies of it, what it says, and what corrections made of it.
import { FoldEvent, STANDS } from "./event";
import { NOTHING, Reading, missing, readPayload } from "./facts";
import { Kind, kindOf, unknownKind } from "./kinds";
import type { Side } from "./side";
import { MAX_CLOCK_MS } from "./value";

export interface Report {
  /** The copy that speaks: of those that stand, the first. */
  ev: FoldEvent;
  copies: FoldEvent[];
  readonly kind: Kind;
  readonly base: Reading;
  /** A field that cannot be and was ignored. */
  readonly odd: string;
  /** Its author used the ID for something else too. */
  sameID: boolean;

  /** The place in the log's order: held back to the latest it references, so many references away; its own. */
  held: string;
  after: number;
  own: string;
  /** What it references, as far as it is here. */
  about: Report[];
  metas: Report[];

  from: Side;
  side: Side;
  now: Reading;
  period: number;
  at: number;
  clocked: boolean;
  /** Why it means nothing; "" when it does. */
  wrong: string;
  amended: string[];
  withdrawn: Report | null;
  confirmed: Report | null;
  separate: boolean;
  /** Its withdrawal reaches other reports of the same thing. */
  reach: boolean;
  /** A correction: why it is ignored. */
  disputed: string;
  late: boolean;
  /** Late, and its author cannot change the result. */
  holds: boolean;
  /** So held, and nobody who can has confirmed it. */
  waits: boolean;
  /** By which it is compared with others of its kind. */
  when: number;
}

export const element = (e: FoldEvent): string => e.time + e.hash;

export function newReport(ev: FoldEvent): Report {
  const kind = kindOf(ev.type);
  const read = kind !== unknownKind && ev.data ? readPayload(ev.type, ev.data) : { reading: NOTHING, odd: "" };
  const own = element(ev);
  return {
    ev, copies: [], kind, base: read.reading, odd: read.odd, sameID: false, held: own, after: 0, own, about: [], metas: [],
    from: -1, side: -1, now: read.reading, period: 0, at: 0, clocked: false, wrong: "", amended: [], withdrawn: null, confirmed: null,
    separate: false, reach: false, disputed: "", late: false, holds: false, waits: false, when: 0,
  };
}

export const stands = (r: Report): boolean => (r.ev.standing ?? STANDS) === STANDS;

/** Whether it says something that may count. */
export const live = (r: Report): boolean => stands(r) && !r.wrong && !r.withdrawn && !r.kind.meta;

/** The report without any correction. */
export function reset(r: Report): void {
  r.now = r.base;
  r.side = r.from;
  r.period = r.ev.period ?? 0;
  r.clocked = typeof r.ev.clockMs === "number";
  r.at = r.ev.clockMs ?? 0;
  r.amended = [];
  r.withdrawn = r.confirmed = null;
  r.separate = r.reach = false;
  r.waits = r.holds;
  judge(r);
}

/** Says whether the report means something. */
export function judge(r: Report): void {
  if (r.odd === "data") r.wrong = "data";
  else if (r.period > 99) r.wrong = "period";
  else if (r.at < 0 || r.at > MAX_CLOCK_MS) r.wrong = "clock";
  else if (r.kind.team && r.side < 0) r.wrong = "team";
  else r.wrong = missing(r.ev.type, r.now);
}

const endings = ["completed", "abandoned", "cancelled", "postponed", "forfeit"];

/** The flag of a match.end that does not say what came of the match: a forfeit of nobody, or a word that is no status. */
export function endWithout(r: Report): string {
  if (r.ev.type !== "match.end") return "";
  const { status } = r.now.facts;
  if (status === "forfeit" && r.side < 0) return "no_team";
  return status && !endings.includes(status) ? "field_ignored" : "";
}

/** Takes one more event that says the same under the same ID. */
export function addCopy(r: Report, e: FoldEvent): void {
  const speaks = better(e, r.ev);
  r.copies.push(speaks ? r.ev : e);
  if (speaks) r.ev = e;
}

/** Whether a speaks before b, another copy of it. */
function better(a: FoldEvent, b: FoldEvent): boolean {
  const by = (a.standing ?? STANDS) - (b.standing ?? STANDS);
  return by ? by < 0 : element(a) < element(b);
}

/** What the copies of one event have in common. */
export function contentOf(e: FoldEvent): string {
  return JSON.stringify([e.id, e.author, e.type, e.team ?? "", e.period ?? 0, e.clockMs ?? null, e.data ?? "", e.refs ?? []]);
}

/** The log's order. */
export function comparePlace(a: Report, b: Report): number {
  return compare(a.held, b.held) || a.after - b.after || compare(a.own, b.own);
}

export function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Gives every report its place. In a cycle, which only forged hashes make, the smallest goes first. */
export function putInOrder(reports: readonly Report[]): void {
  let waiting = reports.filter((r) => r.about.length > 0);
  for (const r of reports) {
    r.held = r.own = element(r.ev);
    r.after = 0;
  }
  waiting.sort((a, b) => compare(a.own, b.own));
  const unplaced = new Set(waiting);
  while (waiting.length) {
    let rest: Report[] = [];
    for (const r of waiting) {
      if (r.about.some((q) => unplaced.has(q))) {
        rest.push(r);
        continue;
      }
      for (const q of r.about) follow(r, q);
      unplaced.delete(r);
    }
    if (rest.length === waiting.length) {
      unplaced.delete(rest[0]!);
      rest = rest.slice(1);
    }
    waiting = rest;
  }
}

function follow(r: Report, q: Report): void {
  if (q.held > r.held) {
    r.held = q.held;
    r.after = q.after + 1;
  } else if (q.held === r.held) r.after = Math.max(r.after, q.after + 1);
}
