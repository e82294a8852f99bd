import type { Event, LogSet } from "../event";
import type { Hash } from "../hash";

/** An event's place in its author's chain. */
export interface Placed {
  /** Names the chain: grant, incarnation, set. The author follows from the grant. */
  readonly chain: string;
  readonly grant: Hash;
  readonly seq: bigint;
  readonly hash: Hash;
  readonly prev: Hash;
}

export function chainName(grant: Hash, incarnation: string, set: LogSet | number): string {
  return `${grant}/${incarnation}/${set}`;
}

export function placeOf(e: Event): Placed {
  return { chain: chainName(e.grant, e.incarnation, e.set), grant: e.grant, seq: e.seq, hash: e.hash, prev: e.prev };
}
