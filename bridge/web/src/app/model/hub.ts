// All nodes' doors that this page has a token for, as one: a token opens one match, and people follow several.
import type { Client, Connection, Match, MatchSummary } from "../../client/api";
import { Http } from "../rest/http";
import { AppClient } from "../replica/client";
import type { State } from "./state";
import { dropToken, keepToken, tokens } from "./session";
import { Cell } from "./store";

interface Door {
  readonly token: string | undefined;
  readonly client: Client<State>;
  readonly http: Http;
}

/** A match as listed, and whether this page may record in it. */
export interface Listed extends MatchSummary {
  readonly writes: boolean;
  readonly coaches: boolean;
}

const nobody: Connection = { state: "connecting", unsent: 0, node: location.host, lastHeard: null };

export class Hub {
  readonly matches = new Cell<readonly Listed[]>([]);
  readonly connection = new Cell<Connection>(nobody);
  private readonly doors: Door[] = [];

  constructor(private readonly origin: string = location.origin) {
    for (const t of tokens()) this.open(t);
    if (!this.doors.length) this.open(undefined);
    this.changed();
  }

  /** Lets the page in with a token, now and on later visits. */
  join(token: string): void {
    keepToken(token);
    if (this.doors.some((d) => d.token === token)) return;
    const guest = this.doors.findIndex((d) => d.token === undefined);
    if (guest >= 0) this.doors.splice(guest, 1)[0]?.client.close();
    this.open(token);
    this.changed();
  }

  /** Gives up the right to a match on this device. */
  leave(match: string): void {
    const door = this.doorOf(match);
    if (!door?.token) return;
    dropToken(door.token);
    door.client.close();
    this.doors.splice(this.doors.indexOf(door), 1);
    if (!this.doors.length) this.open(undefined);
    this.changed();
  }

  /** The matches that a token opens, as far as the node has answered. */
  matchesOf(token: string): readonly string[] {
    const door = this.doors.find((d) => d.token === token);
    return door ? door.client.matches.get().filter((m) => !m.team).map((m) => m.id) : [];
  }

  match(id: string): Match<State> {
    return this.doorOf(id)!.client.match(id);
  }

  /** The connection behind a match. */
  connectionOf(match: string): Cell<Connection> | Client<State>["connection"] {
    return this.doorOf(match)?.client.connection ?? this.connection;
  }

  /** Asks the node that has a match for a view that is worked out there. */
  ask<T>(path: string, match?: string): Promise<T> {
    const door = (match ? this.doorOf(match) : undefined) ?? this.doors[0]!;
    return door.http.get<T>(path);
  }

  /** Asks through each door until one opens; the last error if none does. */
  async askAny<T>(path: string): Promise<T[]> {
    const answers = await Promise.allSettled(this.doors.map((d) => d.http.get<T>(path)));
    const good = answers.filter((a) => a.status === "fulfilled").map((a) => a.value);
    if (!good.length) throw (answers[0] as PromiseRejectedResult).reason;
    return good;
  }

  async exportUnsent(): Promise<Blob[]> {
    return Promise.all(this.doors.map((d) => d.client.exportUnsent()));
  }

  private doorOf(match: string): Door | undefined {
    const having = this.doors.filter((d) => d.client.matches.get().some((m) => m.id === match));
    const writing = having.find((d) => d.client.matches.get().some((m) => m.id === match && writes(m.role)));
    return writing ?? having[0] ?? this.doors[this.doors.length - 1];
  }

  private open(token: string | undefined): void {
    const client = new AppClient({ url: this.origin, ...(token ? { token } : {}), database: "touchline" + (token ? "-" + token.slice(4, 24) : "") });
    this.doors.push({ token, client, http: client.http });
    client.matches.subscribe(() => this.changed());
    client.connection.subscribe(() => this.changed());
  }

  private changed(): void {
    const seen = new Map<string, Listed>();
    for (const d of this.doors)
      for (const m of d.client.matches.get()) {
        const old = seen.get(m.id);
        if (!old || (!old.writes && writes(m.role))) seen.set(m.id, { ...m, writes: writes(m.role), coaches: coaches(m.role) });
      }
    const list = [...seen.values()];
    if (JSON.stringify(list) !== JSON.stringify(this.matches.get())) this.matches.set(list);
    this.connection.set(worst(this.doors.map((d) => d.client.connection.get())));
  }
}

/** What to show of several connections: the one that needs attention, and all that is unsent. */
function worst(list: readonly Connection[]): Connection {
  const order: readonly Connection["state"][] = ["live", "connecting", "reconnecting", "offline", "refused"];
  const live = list.some((c) => c.state === "live");
  const rest = live ? list.filter((c) => c.state !== "refused") : list;
  let out = rest[0] ?? nobody;
  for (const c of rest) if (order.indexOf(c.state) > order.indexOf(out.state)) out = c;
  return { ...out, unsent: list.reduce((n, c) => n + c.unsent, 0) };
}

const recording = ["admin", "referee", "coach", "record"];

function writes(role: string): boolean {
  return recording.includes(role);
}

function coaches(role: string): boolean {
  return role === "admin" || role === "coach";
}
