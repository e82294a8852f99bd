// One followed match over REST: the state as the node folds it, refreshed whenever its live stream says that something came.
import type { Draft, LogEvent, Match, MatchSnapshot } from "../../client/api";
import type { State } from "../model/state";
import { Cell } from "../model/store";
import { problemOf, Unreachable } from "./http";
import type { RestClient } from "./client";
import { kept } from "./kept";
import type { Own } from "./outbox";
import { blank, localHash, overlay } from "./overlay";
import { uuid7 } from "./uuid";

interface Status {
  readonly holders: number;
}

const silence = 20_000; // the node says something every 15 s
const beat = ": beat\n\n"; // all that it says when nothing came
const settle = 40; // milliseconds in which several events make one refresh
const statusEvery = 10_000;

export class RestMatch implements Match<State> {
  private readonly cell: Cell<MatchSnapshot<State>>;
  private given: State | null;
  private holders = 0;
  private live = false;
  private stop: AbortController | null = null;
  private readonly late = new Set<string>(); // acknowledged since the state was last asked for
  private refreshTimer = 0;
  private retryTimer = 0;
  private statusTimer = 0;
  private users = 0;

  constructor(
    readonly id: string,
    private readonly client: RestClient,
  ) {
    this.given = kept.state(id);
    this.cell = new Cell<MatchSnapshot<State>>(this.snapshot());
  }

  get(): MatchSnapshot<State> {
    return this.cell.get();
  }

  /** The stream is open while somebody looks. */
  subscribe(changed: () => void): () => void {
    const off = this.cell.subscribe(changed);
    if (this.users++ === 0) void this.follow();
    return () => {
      off();
      if (--this.users === 0) this.rest();
    };
  }

  async record(draft: Draft): Promise<LogEvent> {
    return this.eventOf(await this.client.keep({ id: uuid7(), match: this.id, draft, at: Date.now(), reach: "saved" }));
  }

  async retract(hash: string): Promise<LogEvent> {
    const own = this.client.ownOf(this.id).find((o) => localHash(o.id) === hash);
    if (own?.reach === "saved" && !own.tried) {
      // No node can have it: there is nothing to take back, so it is not sent at all.
      await this.client.forget(own.id);
      return this.eventOf(own);
    }
    return this.record({ type: "retract", refs: [hash], data: { reason: "mistake" } });
  }

  close(): void {
    this.rest();
    this.client.forgetMatch(this.id);
  }

  restart(): void {
    this.stop?.abort();
  }

  /** The network may be back. */
  poke(): void {
    if (this.users && !this.stop) void this.follow();
  }

  acknowledged(id: string): void {
    this.late.add(id);
    this.soon();
  }

  /** Own events have changed. */
  refresh(): void {
    this.cell.set(this.snapshot());
  }

  private rest(): void {
    this.stop?.abort();
    clearTimeout(this.refreshTimer);
    clearTimeout(this.retryTimer);
    clearTimeout(this.statusTimer);
  }

  private snapshot(): MatchSnapshot<State> {
    const own = this.client.ownOf(this.id);
    const unsent = own.filter((o) => o.reach === "saved");
    const laid = own.filter((o) => o.reach !== "node" || this.late.has(o.id));
    const state = this.given || laid.length ? overlay(this.given ?? blank, laid) : null;
    const whole = unsent.length === 0 && this.live;
    return {
      id: this.id, events: own.map((o) => this.eventOf(o)), state,
      unsent: unsent.length, holders: whole ? this.holders : 0, atRelay: false, current: this.live,
    };
  }

  private eventOf(o: Own): LogEvent {
    const d = o.draft;
    return {
      id: o.id, hash: o.hash ?? localHash(o.id), type: d.type, data: d.data ?? {}, refs: d.refs ?? [], author: "", role: "", hlc: "",
      createdAt: new Date(o.at).toISOString(), verdict: "counts", own: true,
      reach: o.reach === "node" && this.live && this.holders > 1 ? "devices" : o.reach,
      ...(d.period !== undefined ? { period: d.period } : {}), ...(d.clockMs !== undefined ? { clockMs: d.clockMs } : {}),
      ...(d.teamId ? { teamId: d.teamId } : {}), ...(o.problem ? { problem: o.problem } : {}),
    };
  }

  private async follow(): Promise<void> {
    clearTimeout(this.retryTimer);
    if (this.stop) return;
    const stop = new AbortController();
    this.stop = stop;
    try {
      await this.stream(stop);
    } catch (err) {
      this.client.lost(err);
    }
    this.stop = null;
    this.live = false;
    this.refresh();
    if (this.users) this.retryTimer = window.setTimeout(() => void this.follow(), 500 + Math.random() * 1000);
  }

  /** Reads the live stream until it ends or falls silent. Only that something came matters: the state is asked for. */
  private async stream(stop: AbortController): Promise<void> {
    let watchdog = window.setTimeout(() => stop.abort(), silence);
    try {
      const res = await fetch(`${this.client.http.url}/v1/matches/${this.id}/live?after=now`, {
        headers: this.client.http.headers(), signal: stop.signal, cache: "no-store", credentials: "omit",
      });
      if (!res.ok) throw await problemOf(res);
      if (!res.body) throw new Unreachable("no stream");
      await this.fetchState();
      const reader = res.body.getReader();
      const text = new TextDecoder();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watchdog);
        watchdog = window.setTimeout(() => stop.abort(), silence);
        this.client.heard();
        if (text.decode(value) !== beat) this.soon();
      }
    } finally {
      clearTimeout(watchdog);
    }
  }

  private soon(): void {
    clearTimeout(this.refreshTimer);
    this.refreshTimer = window.setTimeout(() => {
      this.fetchState().catch((err: unknown) => this.client.lost(err));
    }, settle);
  }

  private async fetchState(): Promise<void> {
    const before = [...this.late];
    const state = await this.client.http.get<State>(`/v1/matches/${this.id}/state`);
    for (const id of before) this.late.delete(id);
    this.given = state;
    kept.keepState(this.id, state);
    this.live = true;
    this.holders = 0; // of what was before
    this.client.heard();
    this.refresh();
    void this.askStatus();
  }

  private async askStatus(): Promise<void> {
    clearTimeout(this.statusTimer);
    try {
      const status = await this.client.http.get<Status>(`/v1/matches/${this.id}/status`);
      if (status.holders !== this.holders) {
        this.holders = status.holders;
        this.refresh();
      }
    } catch (err) {
      this.client.lost(err);
    }
    if (this.users) this.statusTimer = window.setTimeout(() => void this.askStatus(), statusEvery);
  }
}
