// The client interface over REST and server-sent events: the way for browsers in which nothing better works.
// Own events are durable here first and sent one after the other, each under an ID that makes sending twice harmless.
import type { Client, Connection, MatchSummary, Options } from "../../client/api";
import type { State } from "../model/state";
import { Cell } from "../model/store";
import { Http, Problem } from "./http";
import { kept } from "./kept";
import { RestMatch } from "./match";
import { Outbox, type Own } from "./outbox";

const listEvery = 15_000; // milliseconds between looks at the list of matches
const retryFirst = 500;
const retryMost = 15_000;

export class RestClient implements Client<State> {
  readonly connection: Cell<Connection>;
  readonly matches: Cell<readonly MatchSummary[]>;
  readonly http: Http;
  private readonly open = new Map<string, RestMatch>();
  private readonly database: string;
  private readonly box: Promise<Outbox>;
  private ready: Outbox | null = null;
  private sending = false;
  private retry = retryFirst;
  private timer = 0;
  private lister = 0;
  private closed = false;
  private readonly wake = () => this.now();

  constructor(options: Options = {}) {
    this.http = new Http((options.url ?? location.origin).replace(/\/$/, ""), options.token);
    this.connection = new Cell<Connection>({ state: "connecting", unsent: 0, node: new URL(this.http.url).host, lastHeard: null });
    this.database = options.database ?? "touchline-rest";
    this.matches = new Cell<readonly MatchSummary[]>(kept.list(this.database));
    this.box = Outbox.open(this.database);
    this.box.then(
      (box) => {
        this.ready = box;
        this.changed();
        this.now();
      },
      () => this.now(),
    );
    addEventListener("online", this.wake);
    addEventListener("pageshow", this.wake);
    document.addEventListener("visibilitychange", this.wake);
  }

  match(id: string): RestMatch {
    let m = this.open.get(id);
    if (!m) {
      m = new RestMatch(id, this);
      this.open.set(id, m);
    }
    return m;
  }

  move(url: string): void {
    this.http.url = url.replace(/\/$/, "");
    this.report({ state: "connecting", node: new URL(url).host });
    for (const m of this.open.values()) m.restart();
    this.now();
  }

  async exportUnsent(): Promise<Blob> {
    const box = await this.box;
    const list = [...box.own.values()].filter((o) => o.reach === "saved").map((o) => ({ id: o.id, matchId: o.match, ...o.draft }));
    return new Blob([JSON.stringify(list, null, 1)], { type: "application/json" });
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearTimeout(this.lister);
    removeEventListener("online", this.wake);
    removeEventListener("pageshow", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    for (const m of this.open.values()) m.close();
    this.ready?.close();
  }

  /** Durable here when it resolves. */
  async keep(o: Omit<Own, "order">): Promise<Own> {
    const box = await this.box;
    const own = { ...o, order: box.nextOrder() };
    await box.put(own);
    this.changed();
    void this.send();
    return own;
  }

  /** Own events of a match, in order; empty while the database is being opened. */
  ownOf(match: string): readonly Own[] {
    return this.ready ? [...this.ready.own.values()].filter((o) => o.match === match) : [];
  }

  async forget(id: string): Promise<void> {
    const box = await this.box;
    await box.remove(id);
    this.changed();
  }

  forgetMatch(id: string): void {
    this.open.delete(id);
  }

  heard(): void {
    this.retry = retryFirst;
    this.report({ state: "live", lastHeard: Date.now() });
    if (!this.sending && this.unsent()) void this.send();
  }

  lost(err: unknown): void {
    if (err instanceof Problem && (err.status === 401 || err.status === 403)) {
      this.connection.set({ ...this.connection.get(), state: "refused", problem: err.message });
      return;
    }
    if (err instanceof Problem) return;
    this.report({ state: navigator.onLine === false ? "offline" : "reconnecting" });
  }

  private report(change: Partial<Connection>): void {
    const { problem: _, ...old } = this.connection.get();
    this.connection.set({ ...old, ...change });
  }

  private unsent(): number {
    let n = 0;
    for (const o of this.ready?.own.values() ?? []) if (o.reach === "saved") n++;
    return n;
  }

  private changed(): void {
    this.connection.set({ ...this.connection.get(), unsent: this.unsent() });
    for (const m of this.open.values()) m.refresh();
  }

  /** Tries everything at once: something says that the network may be back. */
  private now(): void {
    if (this.closed || document.visibilityState === "hidden") return;
    this.retry = retryFirst;
    void this.list();
    void this.send();
    for (const m of this.open.values()) m.poke();
  }

  private async list(): Promise<void> {
    clearTimeout(this.lister);
    try {
      const res = await this.http.get<{ matches: { matchId: string; label?: string; role: string; team?: boolean }[] }>("/v1/matches");
      this.matches.set(res.matches.map((m) => ({ id: m.matchId, label: m.label ?? "", role: m.role, ...(m.team ? { team: true } : {}) })));
      kept.keepList(this.database, this.matches.get());
      this.heard();
    } catch (err) {
      this.lost(err);
    }
    if (this.closed) return;
    const wait = this.connection.get().state === "live" ? listEvery : 2000;
    clearTimeout(this.lister);
    this.lister = window.setTimeout(() => this.now(), wait);
  }

  private async send(): Promise<void> {
    clearTimeout(this.timer);
    if (this.sending || this.closed) return;
    this.sending = true;
    try {
      const box = await this.box;
      for (let o = next(box); o && !this.closed; o = next(box)) await this.sendOne(box, o);
    } catch (err) {
      this.lost(err);
      this.timer = window.setTimeout(() => void this.send(), this.retry * (0.5 + Math.random()));
      this.retry = Math.min(this.retry * 2, retryMost);
    } finally {
      this.sending = false;
      this.changed();
    }
  }

  private async sendOne(box: Outbox, o: Own): Promise<void> {
    if (!o.tried) await box.put({ ...o, tried: true });
    try {
      const refs = o.draft.refs?.map((r) => (r.startsWith("local:") ? (box.own.get(r.slice(6))?.hash ?? r) : r));
      const stored = await this.http.post<{ hash: string }>("/v1/events", { id: o.id, matchId: o.match, ...o.draft, ...(refs ? { refs } : {}) });
      await box.put({ ...o, tried: true, reach: "node", hash: stored.hash });
      this.open.get(o.match)?.acknowledged(o.id);
      this.heard();
    } catch (err) {
      if (!(err instanceof Problem) || again(err.status)) throw err;
      await box.put({ ...o, tried: true, reach: "refused", problem: err.message });
    }
    this.changed();
  }
}

function next(box: Outbox): Own | undefined {
  let first: Own | undefined;
  for (const o of box.own.values()) if (o.reach === "saved" && (!first || o.order < first.order)) first = o;
  return first;
}

/** Whether a later try may succeed: full, busy, failing, or a token that can be renewed. */
function again(status: number): boolean {
  return status >= 500 || status === 429 || status === 401 || status === 408;
}
