// What names an element: its time and the first 16 bytes of its hash.
import { Bytes, Element, LogSet, concat, unhex } from "../core";
import { uint64 } from "../core/bytes";

export interface Name {
  readonly time: bigint;
  /** 32 hexadecimal digits. Should two elements share a name, whoever is told to send it sends both. */
  readonly prefix: string;
}

/** A name in one of the log's sets. */
export interface Item extends Name {
  readonly set: LogSet;
}

export const noPrefix = "0".repeat(32);

export const nameOf = (e: Element): Name => ({ time: e.time, prefix: e.hash.slice(0, 32) });

export function compareNames(a: Name, b: Name): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  return a.prefix < b.prefix ? -1 : a.prefix > b.prefix ? 1 : 0;
}

/** The order of sending: control first, then events, then records; in each the newest first. */
export const bySending = (a: Item, b: Item): number => a.set - b.set || compareNames(b, a);

export const nameBytes = (n: Name): Bytes => concat(uint64(n.time), unhex(n.prefix));

/** A key for maps. */
export const keyOf = (i: Item): string => `${i.set}/${i.time}/${i.prefix}`;
