// One comparison of a match with the node, and the reconciliation if the two differ: docs/protocol-bridge.md, section 6.
import { EVENTS, Event, LogSet, random } from "../core";
import { INITIATOR, Item, Session, nameOf, newTag, sessionKey } from "../recon";
import type { MatchCopy } from "./copy";
import type { Frame, FrameOf } from "./frames";
import type { Link } from "./link";
import { Bytes, equal, unhex } from "./wire";

/** How it ended: the node proved to hold exactly what is here, up to `arrival` in its order; or it did not. */
export type Outcome = { readonly equal: boolean; readonly arrival: number; readonly held: ReadonlySet<string> };

const bodiesRoom = (14 << 10) + 1024; // bytes of envelopes in a frame, at most
const itemRoom = 8;

export class Exchange {
  readonly number: number;
  readonly outcome: Promise<Outcome>;
  private end!: (o: Outcome) => void;
  private fail!: (problem: unknown) => void;
  private readonly nonce = random(16);
  private theirs: Bytes | undefined;
  private session: Session | undefined;
  private finSent = false;
  private finGot = false;
  private work: Promise<void> = Promise.resolve();

  /** Begins at once. `full`: a session before left the two different. */
  constructor(
    private readonly copy: MatchCopy,
    private readonly link: Link,
    private readonly secret: Bytes,
    private readonly full: boolean,
  ) {
    this.number = link.number();
    this.outcome = new Promise((ok, fail) => ([this.end, this.fail] = [ok, fail]));
    this.outcome.catch(() => undefined);
    link.say("compare", { session: this.number, match: copy.id, nonce: this.nonce });
  }

  /** Takes a frame of this session; they are dealt with one after the other. */
  take(f: Frame): void {
    this.work = this.work.then(() => this.step(f)).catch((problem: unknown) => this.fail(problem));
  }

  /** The connection is over. */
  drop(): void {
    this.fail(new Error("the connection ended"));
  }

  private async step(f: Frame): Promise<void> {
    switch (f.is) {
      case "compared":
        return this.compared(f);
      case "recon":
        return this.obey(() => this.session!.step(f.frame));
      case "bodies":
        for (const e of await this.copy.receive(f.envelopes)) this.session?.got({ set: e.set, ...nameOf(e) });
        return;
      case "gone":
        return this.session?.got({ set: f.set as LogSet, time: f.time, prefix: f.prefix });
      case "fin":
        this.finGot = true;
        return this.proveWhenThrough();
      case "proof":
        return this.end(this.outcomeOf(f));
      case "problem":
        return this.fail(new Error(f.detail ?? f.name));
    }
  }

  /** What the node's tag proves of what is here now. */
  private outcomeOf(f: { readonly tag: Bytes; readonly arrival: number }): Outcome {
    const same = equal(f.tag, newTag(this.secret, this.nonce, unhex(this.link.node), this.copy.log.digests()));
    return { equal: same, arrival: f.arrival, held: new Set(same ? this.copy.log.events(EVENTS).map((e) => e.hash) : []) };
  }

  private ownTag(): Bytes {
    return newTag(this.secret, this.theirs!, this.copy.replica.store, this.copy.log.digests());
  }

  private compared(f: FrameOf<"compared">): void {
    this.theirs = f.nonce;
    const outcome = this.outcomeOf(f);
    if (outcome.equal) {
      this.link.say("equal", { session: this.number, tag: this.ownTag() });
      return this.end(outcome);
    }
    const { log } = this.copy;
    this.session = new Session({
      role: INITIATOR, secret: this.secret, key: sessionKey(this.secret, this.nonce, f.nonce), elements: log.elements(), digests: log.digests(), full: this.full,
    });
    this.obey(() => this.session!.start());
  }

  private obey(step: () => ReturnType<Session["step"]>): void {
    const out = step();
    for (const frame of out.reply) this.link.say("recon", { session: this.number, frame });
    this.give(out.send);
    if (!out.done || this.finSent) return;
    this.finSent = true;
    this.link.say("fin", { session: this.number });
    this.proveWhenThrough();
  }

  /** Sends what the node lacks. */
  private give(items: readonly Item[]): void {
    let batch: Event[] = [];
    let size = 0;
    const flush = (): void => {
      if (batch.length) this.link.say("bodies", { session: this.number, envelopes: batch.map((e) => e.envelope) });
      [batch, size] = [[], 0];
    };
    for (const { set, time, prefix } of items) {
      const found = this.copy.log.find(set, time, prefix);
      if (!found.length) this.link.say("gone", { session: this.number, set, time, prefix });
      for (const e of found) {
        if (size + e.envelope.length + itemRoom > bodiesRoom) flush();
        batch.push(e);
        size += e.envelope.length + itemRoom;
      }
    }
    flush();
  }

  private proveWhenThrough(): void {
    if (this.finSent && this.finGot) this.link.say("proof", { session: this.number, tag: this.ownTag(), arrival: this.copy.log.size });
  }
}
