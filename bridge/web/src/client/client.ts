// The client: one connection, the matches that the page follows, and those in which something is still to be sent.
import type { Client, Connection, Limits, MatchSummary, Options, Transport, Usage } from "./api";
import { Cell } from "./cell";
import { MatchCopy, Stored } from "./copy";
import { Dialer } from "./dialer";
import type { Frame, FrameOf } from "./frames";
import { exportFile } from "./export";
import type { Channel, Host } from "./host";
import type { Ending, Link } from "./link";
import { ClientMatch, Fold } from "./match";
import { Replica } from "./replica";
import { Caller, Status, Sync } from "./sync";
import { Meter, holding } from "./thrift";

const compareEvery = 60_000; // while somebody looks
const listEvery = 30_000;
const statusEvery = 10_000;
const heardEvery = 10_000; // between two times that it is told while the node is there
const usageEvery = 10_000; // between two times that it is told
const settle = 300; // after which several changes are asked about at once

/** What a page tells the others over the same database. */
interface Note extends Stored {
  readonly match: string;
}

export class ReplicaClient<State> implements Client<State> {
  readonly connection: Cell<Connection>;
  readonly matches = new Cell<readonly MatchSummary[]>([]);
  readonly usage = new Cell<Usage>({ sent: 0, received: 0, lastHour: 0, holding: "" });
  private readonly meter = new Meter();
  private limits: Limits;
  private toldUsage = 0;
  private readonly open = new Map<string, ClientMatch<State>>();
  private readonly opening: Promise<Replica>;
  private replica: Replica | undefined;
  private dialer: Dialer | undefined;
  private channel: Channel | undefined;
  private caller: Caller | undefined;
  private folding: Fold<State>;
  private withoutToken = false;
  private mayAsk = false; // the page that this is part of lets it fetch
  private readonly asking = new Set<string>();
  private heardAt = 0;
  private closed = false;
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly options: Options,
    private readonly host: Host,
    public url: string,
    loadFold: () => Promise<Fold<State>>,
  ) {
    this.limits = options;
    this.connection = new Cell<Connection>({ state: "connecting", unsent: 0, node: new URL(url).host, lastHeard: null });
    const name = options.database ?? "touchline";
    this.opening = Replica.open(name, options.token);
    this.opening.then((r) => this.begin(r, name)).catch((err: unknown) => this.noStorage(err));
    loadFold().then(
      (fold) => {
        this.folding = fold;
        this.refreshAll();
      },
      () => undefined, // without it there are events, and no state
    );
  }

  private async begin(r: Replica, name: string): Promise<void> {
    this.replica = r;
    if (this.closed) return r.close();
    this.channel = this.host.channel("touchline " + name, (m) => this.heardTab(m as Note));
    this.matches.set(await r.list());
    await this.openUnsent();
    this.dialer = new Dialer(this.host, socketUrl(this.url), () => ({ store: r.store, token: this.tokenNow() }), {
      welcome: (w, link, over) => this.welcome(w, link, over),
      frame: (f) => this.frame(f),
      heard: () => this.heard(),
      lost: (why) => this.lost(why),
      there: () => (this.mayAsk ? this.host.answers(this.url + "/healthz") : undefined),
      spent: (sent, received) => this.spent(sent, received),
      quiet: () => this.quiet(),
    }, this.options.transport === "webrtc");
    if (this.closed) return;
    this.stops.push(this.host.hints(() => this.dialer?.now(), () => this.dialer?.rest()));
    this.every(compareEvery, () => this.open.forEach((m) => void m.sync?.compare()));
    this.every(listEvery, () => void this.list());
    this.every(statusEvery, () => this.open.forEach((m) => void this.askStatus(m)));
    this.dialer.now();
  }

  private every(ms: number, work: () => void): void {
    const again = (): void => {
      stop = this.host.later(ms, () => {
        if (this.caller && !this.quiet()) work();
        again();
      });
    };
    let stop = (): void => undefined;
    again();
    this.stops.push(() => stop());
  }

  /** Nobody looks, or the page holds back. */
  quiet(): boolean {
    return this.host.hidden() || this.usage.get().holding !== "";
  }

  /** Counts what went and came. */
  spent(sent: number, received: number): void {
    this.meter.add(sent, received, this.host.now());
    this.tellUsage();
  }

  limit(limits: Limits): void {
    this.limits = limits;
    this.toldUsage = 0;
    this.tellUsage();
    this.dialer?.now();
  }

  private tellUsage(): void {
    const now = this.host.now();
    const lastHour = this.meter.lastHour(now);
    const why = holding(this.limits, this.host.spare(), lastHour);
    if (why === this.usage.get().holding && now - this.toldUsage < usageEvery) return;
    this.toldUsage = now;
    this.usage.set({ sent: this.meter.sent, received: this.meter.received, lastHour, holding: why });
  }

  private async ask(path: string): Promise<unknown> {
    const { json, bytes } = await this.host.fetch(this.url + path, this.tokenNow());
    this.spent(0, bytes);
    this.mayAsk = true;
    return json;
  }

  /** What was recorded and no node took is sent whether or not somebody looks at its match. */
  private async openUnsent(): Promise<void> {
    const r = this.replica!;
    for (const o of await r.allOwn()) if (o.node !== r.node && !o.problem) this.match(o.match);
  }

  match(id: string): ClientMatch<State> {
    let m = this.open.get(id);
    if (m) return m;
    const opening = this.opening.then((r) => MatchCopy.open(id, r, this.host.now, (stored) => this.changed(id, stored)));
    m = new ClientMatch<State>(id, opening, {
      node: () => this.replica?.node ?? "", fold: () => this.folding,
      recorded: () => this.dialer?.now(), closed: () => this.shut(id),
    });
    this.open.set(id, m);
    const opened = m;
    opening.then((copy) => {
      opened.copy = copy;
      this.changed(id);
      this.attach(opened);
    }, (err: unknown) => this.noStorage(err));
    return m;
  }

  private shut(id: string): void {
    const m = this.open.get(id);
    m?.sync?.stop();
    if (this.dialer?.link && m?.sync) this.dialer.link.ask("done", "unfollow", { match: id }).catch(() => undefined);
    this.open.delete(id);
  }

  /** Begins to follow over the connection that there is. */
  private attach(m: ClientMatch<State>): void {
    const link = this.dialer?.link;
    m.sync?.stop();
    m.sync = undefined;
    if (!link?.node || !m.copy || !this.caller || this.open.get(m.id) !== m) return;
    const sync: Sync = new Sync(m.copy, link, this.caller, this.host.later, () => {
      this.changed(m.id);
      // What it was let in by has ended before its time.
      if (sync.denied && this.withoutToken && !this.caller?.role) this.report({ state: "refused", problem: sync.denied, why: "token" });
      if (sync.current && !sync.holders) this.soon(m);
    }, () => m.coming?.());
    m.sync = sync;
  }

  private soon(m: ClientMatch<State>): void {
    if (this.asking.has(m.id)) return;
    this.asking.add(m.id);
    this.host.later(settle, () => {
      this.asking.delete(m.id);
      void this.askStatus(m);
    });
  }

  /** Asks who holds the match, for somebody who looks. */
  private async askStatus(m: ClientMatch<State>): Promise<void> {
    const { sync } = m;
    if (!m.watched || !sync?.current) return;
    try {
      const s = (await this.ask(`/v1/matches/${m.id}/status`)) as Status;
      if (m.sync === sync) sync.status(s);
    } catch {
      // It is asked again.
    }
  }

  private tokenNow(): string {
    return this.withoutToken ? "" : this.replica!.token;
  }

  // The connection.

  private welcome(w: FrameOf<"welcome">, link: Link, over: Transport): void {
    const r = this.replica!;
    this.caller = { role: w.role ?? 0, match: w.match ?? "", token: this.tokenNow() !== "" };
    const other = r.node !== link.node;
    if (this.mayNothing) this.report({ state: "refused", problem: "this node lets nobody in without a token", why: this.withoutToken ? "token" : "closed" });
    else this.report({ state: "live", lastHeard: this.host.now(), over });
    const ready = other ? r.meet(link.node).then(() => this.openUnsent()) : Promise.resolve();
    ready.then(
      () => {
        if (this.dialer?.link === link) for (const m of this.open.values()) this.attach(m);
        this.refreshAll();
      },
      (err: unknown) => link.end({ reason: "lost", detail: String(err), againMs: 0 }),
    );
    void this.list();
  }

  /** Neither the token nor a right of its own lets this page in. */
  private get mayNothing(): boolean {
    return !this.caller?.role && !this.mayByItself;
  }

  /** This browser was given rights of its own, and one of them has not ended. */
  private get mayByItself(): boolean {
    return [...this.open.values()].some((m) => m.copy?.member?.grants.some((g) => !g.notAfter || g.notAfter > this.host.now()));
  }

  private heard(): void {
    this.heardAt = this.host.now();
    if (this.heardAt - (this.connection.get().lastHeard ?? 0) >= heardEvery) this.report({ lastHeard: this.heardAt });
  }

  private frame(f: Frame): void {
    for (const m of this.open.values()) if (m.sync?.take(f)) return;
  }

  private lost(why: Ending): boolean {
    this.caller = undefined;
    if (this.heardAt) this.report({ lastHeard: this.heardAt });
    for (const m of this.open.values()) {
      m.sync?.stop();
      m.sync = undefined;
    }
    this.refreshAll();
    const refused = why.reason === "token";
    const retry = refused && !this.withoutToken && this.mayByItself;
    this.withoutToken = retry; // a right of its own may let this page in; the next connection shows the token again
    if (refused && !retry) {
      this.report({ state: "refused", problem: why.detail, why: "token" });
      return false;
    }
    if (retry) return true;
    this.report({ state: this.host.offline() ? "offline" : "reconnecting" });
    return true;
  }

  private report(change: Partial<Connection>): void {
    const { problem: _, why: __, over: ___, ...before } = this.connection.get();
    this.connection.set({ ...(change.state ? before : this.connection.get()), ...change });
  }

  private noStorage(err: unknown): void {
    this.report({ state: "refused", problem: String(err), why: "storage" });
  }

  move(url: string): void {
    this.url = trimmed(url);
    this.withoutToken = false;
    this.report({ state: "connecting", node: new URL(url).host });
    this.dialer?.move(socketUrl(this.url));
  }

  // What is shown.

  private changed(id: string, stored?: Stored): void {
    if (this.closed) return;
    if (stored) this.channel?.post({ match: id, ...stored } satisfies Note);
    this.open.get(id)?.refresh();
    this.count();
  }

  private heardTab({ match, ...stored }: Note): void {
    this.open.get(match)?.copy?.reload(stored).catch(() => undefined); // what it missed comes from the node as well
  }

  private refreshAll(): void {
    for (const m of this.open.values()) m.refresh();
    this.count();
  }

  private count(): void {
    let unsent = 0;
    for (const m of this.open.values()) unsent += m.copy?.missingAt(this.replica?.node ?? "").length ?? 0;
    if (unsent !== this.connection.get().unsent) this.connection.set({ ...this.connection.get(), unsent });
  }

  private async list(): Promise<void> {
    try {
      const { matches } = (await this.ask("/v1/matches")) as { readonly matches: readonly RestMatch[] };
      const list = matches.map(summaryOf);
      if (JSON.stringify(list) === JSON.stringify(this.matches.get())) return;
      this.matches.set(list);
      await this.replica!.keepList(list);
    } catch {
      // The list that is there goes on being shown.
    }
  }

  /** How many events are here that no node has and a node may yet take, in all matches. */
  async unsent(): Promise<number> {
    const r = await this.opening;
    return (await r.allOwn()).filter((o) => o.node !== r.node && !o.problem).length;
  }

  async exportUnsent(): Promise<Blob> {
    const r = await this.opening;
    const matches = [...new Set((await r.allOwn()).map((o) => o.match))];
    const copies = await Promise.all(matches.map((id) => MatchCopy.open(id, r, this.host.now, () => undefined)));
    return exportFile(copies, r.node);
  }

  close(): void {
    this.closed = true;
    for (const stop of this.stops) stop();
    for (const m of this.open.values()) m.sync?.stop();
    this.dialer?.close();
    this.channel?.close();
    void this.opening.then((r) => r.close(), () => undefined);
  }
}

export const trimmed = (url: string): string => url.replace(/\/$/, "");

/** http://node:3001 → ws://node:3001/ws */
function socketUrl(url: string): string {
  return trimmed(url).replace(/^http/, "ws") + "/ws";
}

/** A match as a node lists it. */
type RestMatch = { readonly matchId: string; readonly label?: string } & Omit<MatchSummary, "id" | "label">;

function summaryOf(m: RestMatch): MatchSummary {
  return {
    id: m.matchId, label: m.label ?? "", role: m.role,
    ...(m.team ? { team: true } : {}), ...(m.ofTeam ? { ofTeam: m.ofTeam } : {}), ...(m.sealed ? { sealed: true } : {}), ...(m.blind ? { blind: true } : {}),
  };
}
