// A match as the page sees it.
import type { Draft, LogEvent, Match, MatchSnapshot } from "./api";
import type { MatchCopy } from "./copy";
import { Told, logEvent, told } from "./shown";
import type { OwnRow } from "./rows";
import type { Sync } from "./sync";

/** What makes a state of events; undefined while it is being loaded. */
export type Fold<State> = ((events: readonly Told[]) => State) | undefined;

/** What a match needs of the client. */
export interface Surroundings<State> {
  /** The store of the node that was last met. */
  node(): string;
  fold(): Fold<State>;
  /** Something was recorded, or the match was closed. */
  recorded(): void;
  closed(): void;
}

export class ClientMatch<State> implements Match<State> {
  copy: MatchCopy | undefined;
  sync: Sync | undefined;
  /** Called when events came of which nothing is shown yet. */
  coming: (() => void) | undefined;
  private snapshot: MatchSnapshot<State> | undefined;
  private readonly subscribers = new Set<() => void>();
  private telling = false;

  constructor(
    readonly id: string,
    private readonly opening: Promise<MatchCopy>,
    private readonly around: Surroundings<State>,
  ) {}

  get(): MatchSnapshot<State> {
    return (this.snapshot ??= this.look());
  }

  subscribe(changed: () => void): () => void {
    this.subscribers.add(changed);
    return () => void this.subscribers.delete(changed);
  }

  /** Somebody looks. */
  get watched(): boolean {
    return this.subscribers.size > 0;
  }

  /** Many changes at once are told once. */
  refresh(): void {
    this.snapshot = undefined;
    if (this.telling) return;
    this.telling = true;
    queueMicrotask(() => {
      this.telling = false;
      for (const changed of [...this.subscribers]) changed();
    });
  }

  private look(): MatchSnapshot<State> {
    const { copy, sync, id } = this;
    if (!copy) return { id, events: [], state: null, unsent: 0, holders: 0, atRelay: false, current: false };
    const node = this.around.node();
    const all = told(copy);
    const own = new Map([...copy.own.values()].map((o) => [o.id, o] as const));
    const unsent = copy.missingAt(node).length;
    const fold = this.around.fold();
    return {
      id, events: all.map((t) => logEvent(t, ownRow(own, t), node)), state: fold && (all.length || sync?.current) ? fold(all) : null, unsent,
      holders: unsent ? 0 : (sync?.holders ?? 0), atRelay: !unsent && (sync?.atRelay ?? false), current: sync?.current ?? false,
    };
  }

  async record(draft: Draft): Promise<LogEvent> {
    const copy = await this.opening;
    const row = await copy.record(draft, () => this.sync?.publish()); // what is to be drawn waits for it
    this.around.recorded();
    return this.eventOf(copy, row);
  }

  async retract(hash: string): Promise<LogEvent> {
    const copy = await this.opening;
    const row = copy.ownOf(hash);
    // What no node can have is not sent at all.
    if (row && !row.signed && !row.tried) {
      const event = this.eventOf(copy, row);
      if (await copy.forget(row.id)) return event;
    }
    return this.record({ type: "retract", refs: [row?.hash || hash], data: { reason: "mistake" } });
  }

  private eventOf(copy: MatchCopy, row: OwnRow): LogEvent {
    const t = told(copy).find(({ event }) => event.id === row.id && (!row.hash || event.hash === row.hash));
    return logEvent(t!, row, this.around.node());
  }

  close(): void {
    this.subscribers.clear();
    this.around.closed();
  }
}

/** The row of an own event: by its ID, unless it is another author's of the same ID. */
function ownRow(own: ReadonlyMap<string, OwnRow>, { event }: Told): OwnRow | undefined {
  const row = own.get(event.id ?? "");
  return row && (!row.hash || row.hash === event.hash) ? row : undefined;
}
