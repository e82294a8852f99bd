// One log in memory: its three sets, their digests, the rights in it, and what waits for a grant. It
// decides what may be a member; making events durable is its caller's part, before `add`.
import type { Bytes } from "./bytes";
import { Control } from "./access/control";
import { Digests, combineSums } from "./digest";
import { decodeEvent, verifyEvent } from "./envelope";
import { TouchlineError, refuse } from "./errors";
import { CONTROL, EVENTS, Element, Event, LogSet, PerSet, RECORDS, SETS, logOf } from "./event";
import type { Hash } from "./hash";
import { MemberSet } from "./members";

/** How many events wait for their grant at most. What finds no room comes again by reconciliation. */
export const MAX_WAITING = 512;

/** What `add` brought about. */
export interface Change {
  /** New members. */
  readonly added: readonly Event[];
  /** Members no more, or never: erased or purged. Their bytes are to be destroyed. */
  readonly gone: readonly Event[];
  /** Waited for a grant that is here now: to be made durable and added. */
  readonly ready: readonly Event[];
}

export class Log {
  readonly control: Control;
  private readonly sets: PerSet<MemberSet> = [new MemberSet(), new MemberSet(), new MemberSet()];
  private readonly members = new Map<Hash, Event>();
  private readonly waiting = new Map<Hash, Event>();

  constructor(readonly id: Hash) {
    this.control = new Control(id);
  }

  /**
   * Parses an envelope and says whether it may be a member now: "new", or "held" already, or it "waits"
   * for its grant. Throws why it is refused. Nothing changes.
   */
  judge(envelope: Bytes): { readonly event: Event; readonly is: "new" | "held" | "waits" } {
    const event = decodeEvent(envelope);
    if (logOf(event) !== this.id) refuse("wrong-match", "event belongs to another match");
    const known = this.known(event);
    if (this.members.has(event.hash)) return { event, is: "held" };
    verifyEvent(event);
    return { event, is: known ? "new" : "waits" };
  }

  /** Keeps an event until its grant comes; throws "busy" when too many wait. */
  wait(e: Event): void {
    if (!this.waiting.has(e.hash) && this.waiting.size >= MAX_WAITING) refuse("busy", "too many events wait for their grant");
    this.waiting.set(e.hash, e);
  }

  /** Adds judged events that are durable here. What is held already changes nothing. */
  add(events: readonly Event[]): Change {
    const added = this.addControl(events.filter((e) => e.set === CONTROL));
    const gone = added.some((e) => this.control.bars(e)) ? this.sweep() : [];
    for (const e of events) {
      if (e.set === CONTROL || this.members.has(e.hash)) continue;
      if (this.isGone(e)) gone.push(e);
      else if (this.known(e)) this.insert(e, added);
      else this.wait(e);
    }
    return { added, gone, ready: added.some((e) => e.set === CONTROL) ? this.takeReady() : [] };
  }

  /** Adds control events as their grants come, in whatever order they are. */
  private addControl(events: readonly Event[]): Event[] {
    const added: Event[] = [];
    let left = events.filter((e) => !this.members.has(e.hash));
    for (let before = -1; left.length && before !== left.length; ) {
      before = left.length;
      left = left.filter((e) => {
        if (!this.known(e)) return true;
        this.control.add(e);
        this.insert(e, added);
        return false;
      });
    }
    left.forEach((e) => this.wait(e));
    return added;
  }

  private insert(e: Event, added: Event[]): void {
    if (!this.sets[e.set].add(e)) return;
    this.members.set(e.hash, e);
    added.push(e);
  }

  /** Takes out all members that the control set bars. */
  private sweep(): Event[] {
    const gone = [...this.members.values()].filter((e) => e.set !== CONTROL && this.isGone(e));
    for (const e of gone) {
      this.sets[e.set].remove(e);
      this.members.delete(e.hash);
    }
    return gone;
  }

  private takeReady(): Event[] {
    const ready = [...this.waiting.values()].filter((e) => this.reason(e) !== "no-grant");
    for (const e of ready) this.waiting.delete(e.hash);
    return ready.filter((e) => this.reason(e) === undefined);
  }

  /** Whether the grant of an event is known; throws if it may never be a member. */
  private known(e: Event): boolean {
    const reason = this.reason(e);
    if (reason === undefined || reason === "no-grant") return reason === undefined;
    this.control.check(e);
    return false;
  }

  private isGone(e: Event): boolean {
    return this.reason(e) === "gone";
  }

  private reason(e: Event): string | undefined {
    try {
      this.control.check(e);
    } catch (problem) {
      if (problem instanceof TouchlineError) return problem.reason;
      throw problem;
    }
    return undefined;
  }

  has(h: Hash): boolean {
    return this.members.has(h);
  }

  get(h: Hash): Event | undefined {
    return this.members.get(h);
  }

  /** The members of a set, in the log's order by (time, hash). */
  events(set: LogSet): readonly Event[] {
    return this.sets[set].snapshot().map((e) => this.members.get(e.hash)!);
  }

  /** The elements of the three sets as they are now. */
  elements(): PerSet<readonly Element[]> {
    return [this.sets[CONTROL].snapshot(), this.sets[EVENTS].snapshot(), this.sets[RECORDS].snapshot()];
  }

  /** Members with this time whose hash begins with these digits: usually one. */
  find(set: LogSet, time: bigint, prefix: string): readonly Event[] {
    return this.sets[set].at(time).filter((e) => e.hash.startsWith(prefix)).map((e) => this.members.get(e.hash)!);
  }

  /** Of the same moment as `elements`. */
  digests(): Digests {
    const [c, e, r] = this.sets;
    return {
      sums: [c.digest.sum(), e.digest.sum(), r.digest.sum()],
      counts: [c.digest.count, e.digest.count, r.digest.count],
    };
  }

  /** One name for all three sets: equal names are equal logs. */
  combined(): Hash {
    return combineSums(this.digests().sums);
  }

  /** How many events wait for their grant. */
  get waitingCount(): number {
    return this.waiting.size;
  }

  /** How many members the three sets have. */
  get size(): number {
    return SETS.reduce<number>((n, set) => n + this.sets[set].digest.count, 0);
  }
}
