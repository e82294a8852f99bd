// Sends what was recorded here to the node, until it says that it holds it.
import type { MatchCopy } from "./copy";
import type { Later } from "./host";
import { Link, Refusal } from "./link";
import type { OwnRow } from "./rows";
import { utf8 } from "./wire";
import { withoutWords } from "./words";

const atOnce = 16; // publishes not yet answered; a node takes 64 of a connection
const retryMs = 1000;

/** Problems that no later try changes, with any node. */
const lasting = new Set(["malformed", "too-large", "signature", "wrong-match", "forbidden", "gone", "conflict"]);

export class Outgoing {
  private readonly flying = new Map<string, boolean>(); // whether as a draft
  private paused: (() => void) | undefined;
  private stopped = false;

  constructor(
    private readonly copy: MatchCopy,
    private readonly link: Link,
    private readonly later: Later,
    private readonly may: () => boolean,
    private readonly drafts: () => boolean,
  ) {}

  stop(): void {
    this.stopped = true;
    this.paused?.();
  }

  /** Sends as much as may be on its way at once. */
  run(): void {
    if (this.stopped || this.paused || !this.may()) return;
    for (const row of this.copy.missingAt(this.link.node)) {
      if (this.flying.size >= atOnce) return;
      if (!this.flying.has(row.id)) this.send(row);
    }
  }

  private send(row: OwnRow): void {
    const envelope = row.signed ? this.copy.log.get(row.hash)?.envelope : undefined;
    if (envelope) {
      this.flying.set(row.id, false);
      void this.answered(row, this.link.ask("ack", "publish", { envelope }));
      return;
    }
    // Drafts go one after the other: the node gives them their order.
    if (row.signed || !this.drafts() || [...this.flying.values()].includes(true)) return;
    const refs = this.copy.refsOf(row);
    if (refs.includes("")) return; // what it speaks of goes first
    this.flying.set(row.id, true);
    void this.answered(row, this.draft(row, refs));
  }

  private async draft(row: OwnRow, refs: readonly string[]) {
    await this.copy.changeOwn([row.id], true, (o) => ({ ...o, tried: true }));
    const draft = utf8(JSON.stringify({ id: row.id, matchId: row.match, ...row.draft, ...(refs.length ? { refs } : {}) }));
    return this.link.ask("ack", "publish", { draft });
  }

  private async answered(row: OwnRow, answer: ReturnType<Outgoing["draft"]>): Promise<void> {
    const { node } = this.link;
    try {
      const { hash, arrival } = await answer;
      await this.copy.changeOwn([row.id], false, (o) => ({
        ...o, draft: o.signed ? o.draft : withoutWords(o.draft), hash, node, arrival, devices: 0, relay: false, problem: "",
      }));
    } catch (err) {
      await this.failed(row, err).catch(() => undefined); // it is still to be sent, and so it will be
    }
    this.flying.delete(row.id);
    this.run();
  }

  private async failed(row: OwnRow, why: unknown): Promise<void> {
    if (this.stopped) return;
    const refusal = why instanceof Refusal ? why : undefined;
    if (refusal && lasting.has(refusal.reason)) return this.copy.changeOwn([row.id], true, (o) => ({ ...o, problem: refusal.message }));
    if (refusal?.reason === "no-grant") this.showGrant(row);
    this.paused ??= this.later(refusal?.againMs || retryMs, () => {
      this.paused = undefined;
      this.run();
    });
  }

  /** The node does not know the right under which an event was written: here is what it stands on. */
  private showGrant(row: OwnRow): void {
    const grant = this.copy.log.get(row.hash)?.grant ?? "";
    for (const e of this.copy.log.control.chain(grant) ?? []) this.link.ask("ack", "publish", { envelope: e.envelope }).catch(() => undefined);
  }
}
