// Places of events in their authors' chains: where a chain forked, and what lies before a place (rules
// R5, R6). Hashes only; a function of the events added, in whatever order.
import type { Event } from "../event";
import type { Hash } from "../hash";
import type { Head } from "./kinds";
import { Placed, chainName, placeOf } from "./place";

interface Link {
  readonly hash: Hash;
  readonly prev: Hash;
}

/** One chain's bodies by place, usually one each. */
interface Chain {
  readonly places: Map<bigint, Link[]>;
  /** Lowest place with two bodies. */
  forked: bigint | undefined;
}

export class Chains {
  private readonly by = new Map<string, Chain>();

  /** Takes note of an event's place. Adding twice changes nothing. */
  add(e: Event): void {
    this.addPlace(placeOf(e));
  }

  addPlace(p: Placed): void {
    const chain = this.by.get(p.chain) ?? { places: new Map<bigint, Link[]>(), forked: undefined };
    this.by.set(p.chain, chain);
    const bodies = chain.places.get(p.seq) ?? [];
    chain.places.set(p.seq, bodies);
    if (bodies.some((b) => b.hash === p.hash)) return;
    bodies.push(p);
    if (bodies.length > 1 && (chain.forked === undefined || p.seq < chain.forked)) chain.forked = p.seq;
  }

  /** Whether the place or one before it has two bodies. */
  forkedBelow(p: Placed): boolean {
    const forked = this.by.get(p.chain)?.forked;
    return forked !== undefined && forked <= p.seq;
  }

  /**
   * Whether what lies at p is the head, or lies before it; while links between them are missing, an
   * unforked place below counts.
   */
  includes(grant: Hash, h: Head, p: Placed): boolean {
    const chain = this.by.get(p.chain);
    if (!chain || p.chain !== chainName(grant, h.incarnation, h.set) || p.seq > h.seq) return false;
    let seq = h.seq;
    for (let want = h.hash; seq > 0n && want; seq--) {
      const link = chain.places.get(seq)?.find((l) => l.hash === want);
      if (!link) break;
      if (seq === p.seq) return link.hash === p.hash;
      want = link.prev;
    }
    return seq >= p.seq && p.seq < h.seq && chain.places.get(p.seq)?.length === 1;
  }
}
