// A log's three sets by names only, for tests of reconciliation.
import assert from "node:assert/strict";
import { Digest, Digests, Element, LogSet, PerSet, SETS, compareElements } from "../src/core";
import { Item, Output, Session, SessionConfig } from "../src/recon";

export class Replica {
  private readonly by: PerSet<Map<string, Element>> = [new Map(), new Map(), new Map()];

  add(set: LogSet, e: Element): void {
    this.by[set].set(e.hash, e);
  }

  elements(): PerSet<readonly Element[]> {
    const of = (set: LogSet): readonly Element[] => [...this.by[set].values()].sort(compareElements);
    return [of(0), of(1), of(2)];
  }

  digests(): Digests {
    const of = SETS.map((set) => {
      const d = new Digest();
      for (const h of this.by[set].keys()) d.add(h);
      return d;
    });
    return { sums: of.map((d) => d.sum()) as unknown as PerSet<string>, counts: of.map((d) => d.count) as unknown as PerSet<number> };
  }

  find(i: Item): readonly Element[] {
    return [...this.by[i.set].values()].filter((e) => e.time === i.time && e.hash.startsWith(i.prefix));
  }

  session(c: Omit<SessionConfig, "elements" | "digests">): Session {
    return new Session({ ...c, elements: this.elements(), digests: this.digests() });
  }
}

export interface Exchange {
  readonly frames: readonly Uint8Array[];
  readonly sends: readonly [Item[], Item[]];
  readonly last: readonly [Output, Output];
  readonly flights: number;
}

/** Runs two sessions against each other until neither says anything. */
export function exchange(a: Session, b: Session): Exchange {
  const frames: Uint8Array[] = [];
  const sends: [Item[], Item[]] = [[], []];
  const sessions = [a, b];
  const last: [Output, Output] = [a.start(), b.start()];
  let flights = 0;
  for (let turn = 0, out: readonly Uint8Array[] = last[0].reply; out.length; turn = 1 - turn) {
    assert.ok(++flights < 200, "it does not end");
    const hearer = 1 - turn;
    let reply: readonly Uint8Array[] = [];
    for (const f of out) {
      frames.push(f);
      const o = sessions[hearer]!.step(f);
      sends[hearer as 0 | 1].push(...o.send);
      last[hearer as 0 | 1] = o;
      reply = o.reply;
    }
    out = reply;
  }
  return { frames, sends, last, flights };
}
