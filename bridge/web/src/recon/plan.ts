// How the answerer of a ladder goes about the ranges that differ.
import type { Bytes } from "../core";
import { maxList } from "./bits";
import { Rung, Span } from "./message";
import { compareNames } from "./name";
import { Entry, View, spansOf } from "./view";

export const firstCells = 48;
const listCost = 42; // tenths of a byte to list one element
const sketchCost = 9 * 15 + 30; // tenths of a byte to sketch one difference and ask for it
const sketchSpare = 8;

export interface Plan {
  /** To be listed, newest first. */
  readonly dense: readonly Span[];
  /** Estimated differences in the rest. */
  readonly sparse: number;
}

/** How many cells are sent for an estimated difference. */
export const sketchCells = (d: number): number => d + Math.floor((d + 1) / 2) + sketchSpare;

export function makePlan(view: View, printKey: Bytes, rungs: readonly Rung[]): Plan {
  const dense: Span[] = [];
  let sparse = 0;
  let adjacent = false;
  spansOf(rungs.map((r) => r.bound)).forEach(({ span }, i) => {
    const own = view.rung(printKey, span);
    const d = distance(own.tug, rungs[i]!.tug);
    const listed = own.print !== rungs[i]!.print && own.count * listCost <= d * sketchCost;
    if (own.print !== rungs[i]!.print && !listed) sparse += d;
    if (listed) dense.push(adjacent ? { from: span.from, to: dense.pop()!.to } : span);
    adjacent = listed;
  });
  return { dense, sparse };
}

/** Estimates how many elements differ between two ranges, at least 1. */
function distance(a: Bytes, b: Bytes): number {
  const total = a.reduce((sum, v, i) => sum + (((v - b[i]!) << 24) >> 24) ** 2, 0);
  return Math.max(1, Math.floor((total + 8) / 16));
}

/** Cuts a span so that no part holds more items than a list takes, newest part first. */
export function splitSpan(view: View, r: Span): readonly { readonly span: Span; readonly items: readonly Entry[] }[] {
  let all = [...view.items(r)].sort(compareNames);
  let { to } = r;
  const parts: { span: Span; items: readonly Entry[] }[] = [];
  while (all.length > maxList) {
    let cut = all.length - maxList;
    while (cut < all.length && compareNames(all[cut]!, all[cut - 1]!) === 0) cut++; // a name in two sets stays together
    const { time, prefix } = all[cut]!;
    const from = { time, prefix };
    parts.push({ span: { from, to }, items: all.slice(cut) });
    to = from;
    all = all.slice(0, cut);
  }
  return [...parts, { span: { from: r.from, to }, items: all }];
}
