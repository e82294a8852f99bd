// Where a device writes next (rule R5).
import { hex, random } from "./bytes";
import type { Event, Header } from "./event";

export type Place = Pick<Header, "incarnation" | "seq" | "prev">;

/**
 * One key, one random incarnation, one set, one grant. Whoever cannot prove that it remembers the last
 * place begins a new one, so no counter has to survive a crash.
 */
export class Chain {
  private readonly incarnation = hex(random(8));
  private seq = 0n;
  private prev = "";

  /** The chain fields of the next event. */
  place(): Place {
    return { incarnation: this.incarnation, seq: this.seq + 1n, prev: this.prev };
  }

  /** Moves past an event that was placed here and is durable. After a failed commit, begin a new Chain. */
  advance(e: Event): void {
    this.seq = e.seq;
    this.prev = e.hash;
  }
}
