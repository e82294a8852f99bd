// The three sets of a log as one, at one moment: ranges cut through all of them.
import { Bytes, Element, PerSet, SETS, concat } from "../core";
import { uint64 } from "../core/bytes";
import { indexKeys } from "./keys";
import { Rung, Span } from "./message";
import { Item, Name, compareNames, nameBytes, nameOf } from "./name";
import { sipHash } from "./sip";
import { Cell, addSymbol, newSketch, sketchId, symbolOf } from "./sketch";

/** An item of our own with its keyed hash. */
export interface Entry extends Item {
  readonly keyed: bigint;
}

const lanes = 16;

export const inSpan = (r: Span, n: Name): boolean => (!r.from || compareNames(n, r.from) >= 0) && (!r.to || compareNames(n, r.to) < 0);

export class View {
  private readonly entries: readonly Entry[];
  private readonly keys: PerSet<Bytes>;
  private readonly largest: readonly Element[];

  /** @param elements each set's in order */
  constructor(secret: Bytes, elements: PerSet<readonly Element[]>) {
    this.keys = indexKeys(secret);
    const all = SETS.flatMap((set) => elements[set].map((e) => ({ set, ...nameOf(e) })));
    this.entries = all
      .filter((e, i) => i === 0 || all[i - 1]!.set !== e.set || compareNames(all[i - 1]!, e) !== 0)
      .map((e) => ({ ...e, keyed: this.keyed(e) }));
    this.largest = elements.reduce((a, b) => (b.length > a.length ? b : a));
  }

  keyed(i: Item): bigint {
    return sipHash(this.keys[i.set], nameBytes(i));
  }

  items(r: Span): readonly Entry[] {
    return this.entries.filter((e) => inSpan(r, e));
  }

  /** The first n cells over everything outside the spans. */
  sketch(n: number, without: readonly Span[]): Cell[] {
    const cells = newSketch(n);
    for (const e of this.entries) if (!without.some((r) => inSpan(r, e))) addSymbol(cells, symbolOf(e.keyed));
    return cells;
  }

  /** Our items with these sketch IDs. */
  find(ids: readonly number[]): readonly Entry[] {
    const wanted = new Set(ids);
    return this.entries.filter((e) => wanted.has(sketchId(e.keyed)));
  }

  /** Count, fingerprint and counters of a range. */
  rung(printKey: Bytes, r: Span): { readonly count: number; readonly print: bigint; readonly tug: Bytes } {
    let count = 0;
    let sum = 0n;
    const tug = new Int32Array(lanes);
    for (const { keyed } of this.items(r)) {
      count++;
      sum += keyed;
      const low = Number(keyed & 0xffffn);
      for (let i = 0; i < lanes; i++) tug[i]! += ((low >> i) & 1) * 2 - 1;
    }
    const print = sipHash(printKey, concat(uint64(count), uint64(BigInt.asUintN(64, sum))));
    return { count, print, tug: Uint8Array.from(tug) };
  }

  /** Cuts the log into ranges of 16, 32, 64 … names of its largest set, newest first. */
  ladder(printKey: Bytes): readonly Rung[] {
    return spansOf(rungBounds(this.largest)).map(({ span, bound }) => ({ bound, ...this.rung(printKey, span) }));
  }
}

/** The ranges of a ladder with these lower ends, descending, the last 0. */
export function spansOf(bounds: readonly bigint[]): readonly { readonly span: Span; readonly bound: bigint }[] {
  let to: Name | undefined;
  return bounds.map((bound) => {
    const from = bound > 0n ? { time: bound, prefix: "0".repeat(32) } : undefined;
    const span = { from, to };
    to = from;
    return { span, bound };
  });
}

const firstRung = 16;
const maxRungs = 40;

/** Where many names share a time, rungs are larger. */
function rungBounds(largest: readonly Element[]): readonly bigint[] {
  const bounds: bigint[] = [];
  for (let size = firstRung, rank = largest.length - firstRung; rank > 0 && bounds.length < maxRungs - 1; ) {
    const { time } = largest[rank]!;
    const before = bounds[bounds.length - 1];
    if (time > 0n && (before === undefined ? time < (1n << 64n) - 1n : time < before)) bounds.push(time);
    size *= 2;
    rank -= size;
  }
  return [...bounds, 0n];
}
