// One match as this browser has it: its log in memory over the replica, what was recorded here, and what a node
// showed of it. Everything is durable before it is added.
import {
  CONTROL, Chains, Clock, EVENTS, Event, Hash, LIVE, Log, TouchlineError, decodeEvent, encodeContent, mayWrite, pad, signEvent, signingKey, uuidv7,
} from "../core";
import type { Role } from "../core";
import type { Draft } from "./api";
import type { Loaded, Replica } from "./replica";
import type { GrantRow, MemberRow, OwnRow, RestEvent } from "./rows";
import type { Bytes } from "./wire";
import { divide, withoutWords } from "./words";

/** What a change left in the database for the other pages of this browser to look at. */
export interface Stored {
  readonly hashes: readonly Hash[];
  /** Rows of what was recorded here. */
  readonly own: boolean;
}

/** Envelopes are redacted for nobody: signed is for a replica, view is what the node shows. */
export const SIGNED = 1;
export const VIEW = 2;

/** What names an own event that is not signed yet, as a hash does. */
export const localHash = (id: string): string => "local:" + id;

const verifiedAtOnce = 4; // signatures between two looks at what else is to do

export class MatchCopy {
  readonly log: Log;
  readonly chains = new Chains();
  readonly own = new Map<string, OwnRow>();
  readonly views = new Map<Hash, RestEvent>();
  member: MemberRow | undefined;
  private readonly clock: Clock;
  private readonly places = new Map<string, number>();
  private work: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly id: Hash,
    readonly replica: Replica,
    private readonly now: () => number,
    private readonly changed: (stored?: Stored) => void,
  ) {
    this.log = new Log(id);
    this.clock = new Clock(now);
  }

  static async open(id: Hash, replica: Replica, now: () => number, changed: (stored?: Stored) => void): Promise<MatchCopy> {
    const c = new MatchCopy(id, replica, now, changed);
    c.take(await replica.load(id));
    return c;
  }

  private take(l: Loaded): void {
    this.member = l.member;
    for (const row of l.own) this.own.set(row.id, row);
    for (const row of l.views) this.views.set(row.hash, row.event);
    for (const p of l.places) this.places.set(p.format + p.node, p.arrival);
    this.insert(l.events.map((row) => decodeEvent(row.envelope)));
    for (const row of l.own) this.clock.observe(row.time);
  }

  // What others wrote.

  /** Takes envelopes of a node: judges, keeps, adds. Returns those that the log holds now, or never will. */
  receive(envelopes: readonly Bytes[]): Promise<readonly Event[]> {
    return this.inTurn(async () => {
      const settled: Event[] = [];
      let fresh: Event[] = [];
      for (const [i, envelope] of envelopes.entries()) {
        if (i % verifiedAtOnce === verifiedAtOnce - 1) await breath();
        const e = this.judge(envelope, settled);
        if (!e) continue;
        fresh.push(e);
        if (e.set !== CONTROL) continue;
        await this.add(fresh); // what follows may be judged by it
        fresh = [];
      }
      await this.add(fresh);
      return settled;
    });
  }

  private judge(envelope: Bytes, settled: Event[]): Event | undefined {
    try {
      const { event, is } = this.log.judge(envelope);
      if (is === "waits") this.log.wait(event);
      else settled.push(event);
      return is === "new" ? event : undefined;
    } catch (problem) {
      if (!(problem instanceof TouchlineError)) throw problem;
      if (problem.reason === "gone") settled.push(decodeEvent(envelope));
      return undefined; // that it is missing shows when sets are compared
    }
  }

  private async add(events: readonly Event[]): Promise<void> {
    for (let todo = events; todo.length; ) {
      await this.replica.receive(this.id, todo);
      const { ready, gone } = this.insert(todo);
      if (gone.length) await this.replica.destroy(gone);
      this.changed({ hashes: todo.map((e) => e.hash), own: false });
      todo = ready;
    }
  }

  /** Adds events that are in the database. */
  private insert(events: readonly Event[]): { readonly ready: readonly Event[]; readonly gone: readonly Event[] } {
    const { added, ready, gone } = this.log.add(events);
    for (const e of added) {
      this.clock.observe(e.time);
      if (e.set === EVENTS) this.chains.add(e);
    }
    return { ready, gone };
  }

  /** Takes events as the node shows them. Free text is shown, and not kept: nobody could take it out of here. */
  receiveViews(events: readonly RestEvent[]): Promise<void> {
    return this.inTurn(async () => {
      await this.replica.receiveViews(events.map((event) => ({ match: this.id, hash: event.hash, event: withoutWords(event) })));
      for (const e of events) this.views.set(e.hash, e);
      this.changed();
    });
  }

  /**
   * All up to there has been received. What waits for a grant keeps the place back, for it is not in the
   * database; and so does what could not be kept: then it is not `still` so.
   */
  caught(format: number, node: string, arrival: number, still: () => boolean): Promise<void> {
    return this.inTurn(async () => {
      if (!still() || this.log.waitingCount || arrival <= this.place(format, node)) return;
      await this.replica.caught({ match: this.id, format, node, arrival });
      this.places.set(format + node, arrival);
    });
  }

  place(format: number, node: string): number {
    return this.places.get(format + node) ?? 0;
  }

  /** Another page of this browser changed the database. */
  reload({ hashes, own }: Stored): Promise<void> {
    return this.inTurn(async () => {
      const missing = hashes.filter((h) => !this.log.has(h));
      const rows = missing.length ? await this.replica.events(missing) : [];
      if (own) await this.reloadOwn(); // first: an event of this browser's is never shown as another's
      this.insert(rows.map((row) => decodeEvent(row.envelope)));
      this.changed();
    });
  }

  private async reloadOwn(): Promise<void> {
    const before = [...this.own.keys()];
    const { own, member } = await this.replica.own(this.id);
    for (const row of own) this.own.set(row.id, row);
    const there = new Set(own.map((row) => row.id));
    for (const id of before) if (!there.has(id)) this.own.delete(id);
    this.member = member ?? this.member;
  }

  // What is recorded here.

  /** The newest right that this browser may sign under now. */
  grant(): GrantRow | undefined {
    if (this.sealed) return undefined;
    return this.member?.grants.filter((g) => mayWrite(g.role as Role) && (!g.notAfter || g.notAfter > this.now())).pop();
  }

  /** A sealed match is written and read through the node. */
  get sealed(): boolean {
    return this.log.control.founding?.sealed ?? false;
  }

  /** Resolves when it is durable here. `durable` is called as soon as it is, before anybody is told. */
  async record(draft: Draft, durable: () => void = () => undefined): Promise<OwnRow> {
    const at = this.now();
    const { time } = this.clock.now();
    const row: OwnRow = {
      id: uuidv7(at), match: this.id, at, time, draft, hash: "", signed: false, tried: false, node: "", arrival: 0, devices: 0, relay: false, problem: "",
    };
    checkContent(row, draft);
    return (await this.signed(row, false, durable)) ?? this.kept(row, durable);
  }

  private async kept(row: OwnRow, durable: () => void): Promise<OwnRow> {
    await this.replica.keep(row);
    this.own.set(row.id, row);
    durable();
    this.changed({ hashes: [], own: true });
    return row;
  }

  /** Signs what was recorded; undefined if that cannot be now, must not be, or needs not be any more. */
  private async signed(row: OwnRow, kept: boolean, durable: () => void = () => undefined): Promise<OwnRow | undefined> {
    const grant = this.grant();
    const refs = row.draft.refs?.map((r) => this.resolve(r)) ?? [];
    if (!grant || refs.includes("") || hasWords(row.draft)) return undefined;
    const { event, own } = await this.replica.sign(row, grant.grant, kept, (member, place) =>
      signEvent(signingKey(member.seed), {
        ...place, set: EVENTS, log: this.id, time: row.time, ownMs: row.at, grant: grant.grant, lane: LIVE, epoch: "",
        refs: [...new Set(refs)].sort(), payload: pad(contentOf(row.id, row.draft)),
      }),
    );
    if (event) this.insert([event]);
    if (own) this.own.set(own.id, own);
    durable();
    this.changed({ hashes: event ? [event.hash] : [], own: true });
    return own;
  }

  /** Signs what was recorded before this browser had a right. */
  async signKept(): Promise<void> {
    for (const row of this.unsigned()) if (!row.tried) await this.signed(row, true);
  }

  unsigned(): readonly OwnRow[] {
    return [...this.own.values()].filter((o) => !o.signed && !o.hash && !o.problem).sort(byTime);
  }

  /** The hash of what a reference names; "" while it has none. */
  private resolve(ref: string): Hash {
    return ref.startsWith("local:") ? (this.own.get(ref.slice(6))?.hash ?? "") : ref;
  }

  refsOf(row: OwnRow): readonly Hash[] {
    return row.draft.refs?.map((r) => this.resolve(r)) ?? [];
  }

  ownOf(hash: string): OwnRow | undefined {
    if (hash.startsWith("local:")) return this.own.get(hash.slice(6));
    for (const o of this.own.values()) if (o.hash === hash) return o;
    return undefined;
  }

  /** Takes back what no node can have; false: it has to be retracted. */
  async forget(id: string): Promise<boolean> {
    if (!(await this.replica.forget(id))) return false;
    this.own.delete(id);
    this.changed({ hashes: [], own: true });
    return true;
  }

  /** What a node with this store is not known to hold, in order. */
  missingAt(node: string): readonly OwnRow[] {
    return [...this.own.values()].filter((o) => o.node !== node && !o.problem).sort(byTime);
  }

  async changeOwn(ids: readonly string[], strict: boolean, to: (row: OwnRow) => OwnRow): Promise<void> {
    if (!ids.length) return;
    for (const row of await this.replica.change(ids, strict, to)) this.own.set(row.id, row);
    this.changed({ hashes: [], own: true });
  }

  /** A right that a node gave, with the control events that it stands on. */
  async enrolled(grant: GrantRow, chain: readonly Bytes[]): Promise<void> {
    await this.receive(chain);
    this.member = await this.replica.enrolled(this.id, grant);
  }

  /** This browser's key, made on first use. */
  async keys(): Promise<MemberRow> {
    this.member = await this.replica.member(this.id);
    return this.member;
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.work.then(work);
    this.work = done.catch(() => undefined);
    return done;
  }
}

/** Free text is for the node to keep, beside the log. */
const hasWords = (d: Draft): boolean => d.data !== undefined && divide(d.type, d.data).words !== undefined;

const byTime = (a: OwnRow, b: OwnRow): number => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0);

function contentOf(id: string, d: Draft): Bytes {
  return encodeContent({ id, type: d.type, team: d.teamId, period: d.period, clockMs: d.clockMs, data: d.data });
}

/** Throws what makes a draft one that nobody could ever take. */
function checkContent(row: OwnRow, d: Draft): void {
  pad(contentOf(row.id, d));
}

/** Lets the page do something else. */
const breath = (): Promise<void> => new Promise((ok) => setTimeout(ok));
