// Reports of the same thing by several people become one.
import { Facts } from "./facts";
import { MergeRule, samePlayer, sameSet } from "./kinds";
import { Report, compare, comparePlace, endWithout, live, stands } from "./report";
import { SHOOTOUT } from "./setup";
import { sideName, type Side } from "./side";

/** What another report says differently. */
export interface Difference {
  readonly field: string;
  readonly says?: string;
  readonly by: string;
  readonly hash: string;
}

/** One thing that happened: a report and those that say the same. */
export interface Item {
  readonly main: Report;
  others: Report[];
  facts: Facts;
  counts: boolean;
  /** The withdrawal of another report of the same thing. */
  reached: Report | null;
  readonly differs: Difference[];
  /** Flags that do not depend on the rest of the match. */
  readonly marks: string[];

  // Set by the walk.
  flags: readonly string[];
  refused: boolean;
  score: readonly [number, number];
}

export function newItem(r: Report): Item {
  const marks = r.sameID ? ["same_id"] : [];
  if (r.odd && !r.wrong) marks.push("field_ignored");
  const without = endWithout(r);
  if (without && !marks.includes(without)) marks.push(without);
  return {
    main: r, others: [], facts: r.now.facts, counts: live(r) && !r.waits, reached: null, differs: [], marks, flags: [], refused: false, score: [0, 0],
  };
}

/** Groups reports of one kind, side and period into items. */
export function itemsOf(rule: MergeRule, members: Report[]): Item[] {
  for (const r of members) r.when = r.clocked ? r.at : r.ev.ownMs;
  members.sort((a, b) => a.when - b.when || compare(a.ev.hash, b.ev.hash));
  if (rule.whole || rule.numbered) return ofRun(rule, members);
  const gap = Math.max(rule.window, rule.wide);
  const out: Item[] = [];
  for (let at = 0; at < members.length; ) {
    let to = at + 1;
    while (to < members.length && members[to]!.when - members[to - 1]!.when <= gap) to++;
    out.push(...ofRun(rule, members.slice(at, to)));
    at = to;
  }
  return out;
}

function ofRun(rule: MergeRule, run: Report[]): Item[] {
  if (run.length === 1) return [newItem(run[0]!)];
  const told = run.filter(live);
  const out = told.length ? clusters(rule, told).map((g) => itemOf(rule, g)) : [];
  for (const r of run) if (!live(r)) out.push(newItem(r));
  if (rule.wide > 0) {
    flagPerhapsSame(rule, out);
    reachWithdrawals(rule, out);
  }
  return out;
}

/** Only so many reports before one are compared with it: a flood costs what it weighs. */
const pairsEach = 32;

/** Pairs are joined nearest first: a report goes to the goal it is closest to, not to the first within reach. */
function clusters(rule: MergeRule, run: Report[]): Report[][] {
  if (run.length === 1 || rule.whole) return [run];
  const pairs: [number, number, number][] = [];
  run.forEach((b, j) => {
    for (let i = j - 1; i >= 0 && i >= j - pairsEach && b.when - run[i]!.when <= rule.window; i--) {
      const c = cost(rule, run[i]!, b);
      if (c !== null) pairs.push([c, i, j]);
    }
  });
  if (rule.numbered) pairs.push(...pairsByNumber(rule, run));
  pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
  const group = run.map((r) => [r]);
  for (const [, i, j] of pairs) {
    const a = group[i]!;
    const b = group[j]!;
    if (a === b || !joinable(rule, a, b)) continue;
    a.push(...b);
    group.forEach((g, k) => g === b && (group[k] = a));
  }
  return [...new Set(group)];
}

/** Those that are far apart by the clocks. */
function pairsByNumber(rule: MergeRule, run: Report[]): [number, number, number][] {
  const pairs: [number, number, number][] = [];
  const before = new Map<number, number[]>();
  run.forEach((b, j) => {
    const { n } = b.now.facts;
    if (!n) return;
    const same = before.get(n) ?? [];
    for (const i of same.slice(-pairsEach)) {
      const c = cost(rule, run[i]!, b);
      if (c !== null) pairs.push([c, i, j]);
    }
    before.set(n, [...same, j]);
  });
  return pairs;
}

/** How unlikely it is that two reports are of the same thing; null if they cannot be. */
function cost(rule: MergeRule, a: Report, b: Report): number | null {
  const x = a.now.facts;
  const y = b.now.facts;
  if (a.separate || b.separate || !rule.same(x, y)) return null;
  let c = b.when - a.when;
  if (a.side !== b.side && (c > rule.cross || eachCounted(a, b))) return null;
  if (a.ev.author === b.ev.author && !rule.anyone) return c <= rule.tap && rule.tap > 0 && a.clocked === b.clocked && !rule.apart(a, b) ? c : null;
  if ((a.confirmed && b.confirmed) || a.about.includes(b) || b.about.includes(a)) return null;
  if (rule.numbered && x.n && x.n === y.n) c = 0;
  const before = x.scoreAfter;
  const after = y.scoreAfter;
  if (rule.near > 0 && before && after && (before[0] !== after[0] || before[1] !== after[1])) {
    if (c > rule.near && oneMore(before, after, a.side)) return null;
    c += rule.near; // whoever missed a goal counts one less ever after
  }
  return samePlayer(x, y) && !rule.apart(a, b) ? c : c + rule.window / 2;
}

/** Whether of two goals for either side one was counted on top of the other. */
function eachCounted(a: Report, b: Report): boolean {
  const x = a.now.facts.scoreAfter;
  const y = b.now.facts.scoreAfter;
  return !!x && !!y && (oneMore(x, y, b.side) || oneMore(y, x, a.side));
}

function oneMore(x: readonly number[], y: readonly number[], side: Side): boolean {
  const i = side === 1 ? 1 : 0;
  return y[i] === x[i]! + 1 && y[1 - i] === x[1 - i];
}

/** Whether nobody saw both groups as different things, and they do not stretch too far. */
function joinable(rule: MergeRule, a: Report[], b: Report[]): boolean {
  const x = numberOf(rule, a);
  const y = numberOf(rule, b);
  if (x && y && x !== y) return false;
  const when = [...a, ...b].map((r) => r.when);
  if (!x && !y && Math.max(...when) - Math.min(...when) > Math.floor((rule.window * 4) / 3)) return false;
  if (rule.anyone) return true;
  return !a.some((x) =>
    b.some((y) => (x.ev.author === y.ev.author && (Math.abs(x.when - y.when) > rule.tap || rule.apart(x, y))) || (x.confirmed && y.confirmed)),
  );
}

/** What a group's reports are numbered with; 0 if none is. */
const numberOf = (rule: MergeRule, group: readonly Report[]): number => (rule.numbered && group.find((r) => r.now.facts.n)?.now.facts.n) || 0;

/** The first speaks, the others fill gaps. */
function byRank(rule: MergeRule, a: Report, b: Report): number {
  if (a.waits !== b.waits) return a.waits ? 1 : -1;
  if (rule.latest || rule.whole) return a.ev.role - b.ev.role || (rule.latest ? comparePlace(b, a) : comparePlace(a, b));
  return vouched(a) - vouched(b) || Number(!a.confirmed) - Number(!b.confirmed) || a.when - b.when || compare(a.ev.hash, b.ev.hash);
}

/** The rank of the report's author, or of who confirmed it. */
const vouched = (r: Report): number => Math.min(r.ev.role, r.confirmed?.ev.role ?? r.ev.role);

/** Whether somebody confirmed what the item says of a field, and not what another report says. */
const settles = (it: Item, field: string): boolean => (field === "colour" || field === "team" || field === "scored") && !!it.main.confirmed;

function itemOf(rule: MergeRule, group: Report[]): Item {
  group.sort((a, b) => byRank(rule, a, b));
  const it = newItem(group[0]!);
  if (group.length === 1) return it;
  it.others = group.slice(1);
  for (const r of it.others) if (!r.waits || it.main.waits) fill(it, r);
  if (rule.tap > 0 && new Set(group.map((r) => r.ev.author)).size < group.length) it.marks.push("double_tap");
  if (it.differs.some((d) => !settles(it, d.field))) it.marks.push("conflict");
  return it;
}

/** Takes from r what the item does not know yet, and notes what differs. */
function fill(it: Item, r: Report): void {
  if (r.side !== it.main.side) {
    // Its players are not this team's.
    it.differs.push({ field: "team", says: sideName(r.side), by: r.ev.author, hash: r.ev.hash });
    return;
  }
  if (it.facts === it.main.now.facts) it.facts = { ...it.facts };
  const told = r.now.facts;
  for (const field of ["player", "assist", "how"] as const) {
    const has = it.facts[field];
    const says = told[field];
    if (!has || (field === "how" && has === "unknown")) {
      if (says) it.facts[field] = says;
      else delete it.facts[field];
    } else if (says && says !== has && field !== "how") it.differs.push({ field, says, by: r.ev.author, hash: r.ev.hash });
  }
  if (it.main.ev.type === "card" && it.facts.colour !== told.colour)
    it.differs.push({ field: "colour", says: told.colour!, by: r.ev.author, hash: r.ev.hash });
  if (it.main.ev.type === "shootout.kick") {
    if (!it.facts.n && told.n) it.facts.n = told.n;
    if (!it.facts.scored !== !told.scored) it.differs.push({ field: "scored", says: `${!!told.scored}`, by: r.ev.author, hash: r.ev.hash });
  }
  if (it.main.ev.type === "lineup.set" && !sameSet(it.facts.lineup?.on, told.lineup?.on))
    it.differs.push({ field: "on", by: r.ev.author, hash: r.ev.hash });
}

function mark(it: Item, flag: string): void {
  if (!it.marks.includes(flag)) it.marks.push(flag);
}

const reportsOf = (it: Item): Report[] => [it.main, ...it.others];

/** How many people say so; who says it of the other side does not. */
export const authors = (it: Item): number => new Set(reportsOf(it).filter((r) => r.side === it.main.side).map((r) => r.ev.author)).size;

/** Whether one person told of both. */
export function sharedAuthor(a: Item, b: Item): boolean {
  const tellers = new Set(reportsOf(a).map((r) => r.ev.author));
  return reportsOf(b).some((r) => tellers.has(r.ev.author));
}

/** Marks near things that no one person saw both of: they may be one. */
function flagPerhapsSame(rule: MergeRule, items: readonly Item[]): void {
  items.forEach((a, n) => {
    for (const b of items.slice(0, n)) {
      if (!a.counts || !b.counts || a.main.side !== b.main.side || Math.abs(a.main.when - b.main.when) > rule.wide) continue;
      if (sharedAuthor(a, b)) continue;
      mark(a, "perhaps_same");
      mark(b, "perhaps_same");
    }
  });
}

/** Carries a withdrawal by somebody in authority over to what others had reported of the same thing before it. */
function reachWithdrawals(rule: MergeRule, items: readonly Item[]): void {
  for (const w of items) {
    const by = w.main.withdrawn;
    if (!by || !w.main.reach || !stands(w.main)) continue;
    let best: Item | null = null;
    let bestGap = rule.window + 1;
    for (const it of items) {
      const gap = Math.abs(it.main.when - w.main.when);
      if (!it.counts || it.main.side !== w.main.side || gap > rule.window || !rule.same(it.main.now.facts, w.main.now.facts)) continue;
      const confirmed = it.main.confirmed;
      if (reportsOf(it).some((r) => comparePlace(r, by) > 0) || (confirmed && comparePlace(confirmed, by) > 0)) {
        mark(it, "reported_again");
        continue;
      }
      if (gap < bestGap || (gap === bestGap && best && compareItems(it, best) < 0)) {
        best = it;
        bestGap = gap;
      }
    }
    if (best) {
      best.counts = false;
      best.reached = by;
    }
  }
}

/** The order in which a match is walked. */
export function compareItems(a: Item, b: Item): number {
  const x = a.main;
  const y = b.main;
  return walked(x) - walked(y) || walkedAt(a) - walkedAt(b) || x.kind.rank - y.kind.rank || compare(x.own, y.own);
}

/** How many kicks of a shoot-out go by their numbers, before those that have none and go by the clock. */
const firstTurns = 1000;

/** An end without a play time comes behind all that is told of its period. */
function walkedAt({ main: { ev, clocked, at, period }, facts: { n } }: Item): number {
  if (ev.type === "period.end" && !clocked) return Number.MAX_SAFE_INTEGER;
  if (ev.type !== "shootout.kick" || period !== SHOOTOUT) return at;
  return n && n > 0 ? Math.min(n, firstTurns) : at + firstTurns;
}

/** What decides about the whole match comes last when no period is told. */
function walked({ ev, period }: Report): number {
  return period === 0 && (ev.type === "match.end" || ev.type === "ruling") ? 99 : period;
}
