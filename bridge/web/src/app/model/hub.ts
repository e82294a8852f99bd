// All matches that this page has a link to, as one: a link opens one match, and people follow several.
import type { Client, Connection, Limits, Match, MatchSummary, Usage } from "../../client/api";
import { AppClient } from "../replica/client";
import { admit, drains, matchOf, readToken, refuse, type Kept } from "./doors";
import type { Change, DoorStore } from "./doorstore";
import { prefs } from "./prefs";
import type { State } from "./state";
import { Cell } from "./store";
import { now } from "./time";

interface Door {
  readonly database: string;
  /** Undefined: as a guest. */
  readonly token: string | undefined;
  readonly client: AppClient;
}

/** A match as listed, and whether this page may record in it. */
export interface Listed extends MatchSummary {
  readonly writes: boolean;
  readonly coaches: boolean;
}

/** What is wrong with the link that was opened last; "" for nothing. */
export type Wrong = "" | "incomplete" | "invite" | "expired" | "invalid";

/** Why a match cannot be reached, whatever the network does; "" while it may be. */
export type Trouble = "" | "expired" | "invalid" | "closed" | "storage";

const nobody: Connection = { state: "connecting", unsent: 0, node: location.host, lastHeard: null };
const shownFor = 86_400_000; // milliseconds for which a match whose link has expired stays in the list

export class Hub {
  readonly matches = new Cell<readonly Listed[]>([]);
  readonly connection = new Cell<Connection>(nobody);
  /** Of all doors together. */
  readonly usage = new Cell<Usage>({ sent: 0, received: 0, lastHour: 0, holding: "" });
  readonly wrong = new Cell<Wrong>("");
  /** Changes when a match is reached through another replica or token than before: what came from match() is over. */
  readonly generation = new Cell(0);
  private doors: Door[] = [];

  constructor(
    private readonly kept: DoorStore,
    private readonly origin: string = location.origin,
  ) {
    this.follow();
    kept.subscribe(() => this.follow());
    let limits = limitsOf();
    prefs.subscribe(() => {
      const next = limitsOf();
      if (next.saving === limits.saving && next.budget === limits.budget) return;
      limits = next;
      for (const d of this.doors) d.client.limit(this.share());
    });
  }

  /** Lets the page in with a token, now and on later visits. Returns the match that it is for. */
  join(token: string): string {
    this.wrong.set("");
    this.keep((list) => admit(list, token, now()));
    return readToken(token)?.match ?? "";
  }

  /** Gives up the right to a match on this device, with what is stored of it. */
  leave(match: string): void {
    this.drop(this.behind(match).map((d) => d.database));
  }

  /** What leaving a match would destroy, as files; how many events that are. */
  async unsentOf(match: string): Promise<{ readonly count: number; readonly files: () => Promise<Blob[]> }> {
    const doors = this.behind(match);
    const counts = await Promise.all(doors.map((d) => d.client.unsent()));
    return { count: counts.reduce((n, c) => n + c, 0), files: () => Promise.all(doors.filter((_, i) => counts[i]).map((d) => d.client.exportUnsent())) };
  }

  private behind(match: string): readonly Door[] {
    return this.doors.filter((d) => d.token && this.opens(d, match));
  }

  match(id: string): Match<State> {
    return this.doorOf(id).client.match(id);
  }

  /** The connection behind a match. */
  connectionOf(match: string): Client<State>["connection"] {
    return this.doorOf(match).client.connection;
  }

  /** Asks the node that has a match for a view that is worked out there. */
  ask<T>(path: string, match?: string): Promise<T> {
    const door = match ? this.doorOf(match) : this.best()[0]!;
    return door.client.http.get<T>(path);
  }

  /** Asks through each door until one opens, the answer of who may see most first; the last error if none does. */
  async askAny<T>(path: string): Promise<T[]> {
    const answers = await Promise.allSettled(this.best().map((d) => d.client.http.get<T>(path)));
    const good = answers.filter((a) => a.status === "fulfilled").map((a) => a.value);
    if (!good.length) throw (answers[0] as PromiseRejectedResult).reason;
    return good;
  }

  async exportUnsent(): Promise<Blob[]> {
    return Promise.all(this.doors.map((d) => d.client.exportUnsent()));
  }

  /** The doors, those that open before those that do not, and those of who may do most first. */
  private best(): readonly Door[] {
    const rank = (d: Door): number => (d.client.connection.get().state === "refused" ? 100 : 0) + (readToken(d.token ?? "")?.role ?? 99);
    return [...this.doors].reverse().sort((a, b) => rank(a) - rank(b));
  }

  private opens(d: Door, match: string): boolean {
    return (d.token && readToken(d.token)?.match === match) || d.client.matches.get().some((m) => m.id === match);
  }

  /** Whether a link of this page leads to a match, or may as far as is known: a guest is told what there is. */
  reaches(match: string): boolean {
    return this.doors.some((d) => this.opens(d, match) || (!d.token && d.client.connection.get().state !== "refused" && !d.client.matches.get().length));
  }

  private doorOf(match: string): Door {
    const list = this.kept.get();
    const having = this.best().filter((d) => !drains(list, d.database));
    return having.find((d) => this.opens(d, match)) ?? having[0]!;
  }

  private keep(change: Change): void {
    void this.kept.update(change);
    this.follow();
  }

  /** Opens and closes doors as is kept. */
  private follow(): void {
    const list = this.kept.get();
    const wanted: readonly { readonly database: string; readonly token: string | undefined }[] = list.length
      ? list.map((k) => ({ database: k.database, token: k.tokens[0] }))
      : [{ database: "touchline", token: undefined }];
    const same = (d: Pick<Door, "database" | "token">) => wanted.some((w) => w.database === d.database && w.token === d.token);
    const gone = this.doors.filter((d) => !same(d));
    const before = this.doors.length;
    for (const d of gone) d.client.close();
    this.doors = wanted.map((w) => this.doors.find((d) => d.database === w.database && d.token === w.token) ?? this.open(w.database, w.token));
    for (const d of this.doors) d.client.limit(this.share());
    this.changed();
    if (gone.length || before !== this.doors.length) this.generation.set(this.generation.get() + 1);
  }

  /** Each door's part of the budget. */
  private share(): Limits {
    const { saving, budget } = limitsOf();
    return { saving, budget: Math.ceil(budget / Math.max(1, this.doors.length)) };
  }

  private open(database: string, token: string | undefined): Door {
    const client = new AppClient({ url: this.origin, ...(token ? { token } : {}), database, transport: prefs.get().webrtc ? "webrtc" : "websocket", ...limitsOf() });
    const door: Door = { database, token, client };
    client.matches.subscribe(() => this.changed());
    client.usage.subscribe(() => this.usage.set(together(this.doors.map((d) => d.client.usage.get()))));
    client.connection.subscribe(() => {
      this.changed();
      void this.settle(door).catch(() => undefined); // it is looked at again with the next change
    });
    return door;
  }

  /** Takes the next token in place of one that the node refuses, and gives up what opens nothing and holds nothing. */
  private async settle(door: Door): Promise<void> {
    const { token, client } = door;
    const { state, why, unsent } = client.connection.get();
    if (!token || !this.doors.includes(door)) return;
    if (state === "live" && !unsent && drains(this.kept.get(), door.database) && !(await client.unsent())) return this.drop([door.database]);
    if (state !== "refused" || why !== "token") return;
    const next = refuse(this.kept.get(), token);
    if (this.keptOf(next, door)?.tokens[0] !== token) return this.keep((list) => refuse(list, token));
    const unknown = !client.matches.get().length;
    const old = (readToken(token)?.expires ?? 0) < now() - shownFor;
    if ((unknown || old) && !(await client.unsent())) {
      if (unknown) this.wrong.set(whyRefused(token));
      this.drop([door.database]);
    }
  }

  private keptOf(list: readonly Kept[], door: Door): Kept | undefined {
    return list.find((k) => k.database === door.database);
  }

  /** Gives up replicas, with what they hold. */
  private drop(databases: readonly string[]): void {
    const gone = this.doors.filter((d) => databases.includes(d.database));
    this.keep((list) => list.filter((k) => !databases.includes(k.database)));
    for (const d of gone) d.client.forget(this.kept.get().map(matchOf));
  }

  private changed(): void {
    const seen = new Map<string, Listed>();
    const list = this.kept.get();
    for (const d of this.doors)
      for (const m of d.client.matches.get()) {
        const old = seen.get(m.id);
        const first = !drains(list, d.database) && (!old || (!old.writes && writes(m.role)));
        if (first) seen.set(m.id, { ...m, writes: writes(m.role), coaches: coaches(m.role) });
      }
    const matches = [...seen.values()];
    if (JSON.stringify(matches) !== JSON.stringify(this.matches.get())) this.matches.set(matches);
    this.connection.set(worst(this.doors.map((d) => d.client.connection.get())));
  }

  /** What keeps a match from being reached, other than the network. */
  trouble(match: string): Trouble {
    if (!this.reaches(match)) return "closed";
    const { token, client } = this.doorOf(match);
    const { state, why } = client.connection.get();
    if (state !== "refused") return "";
    return why === "token" ? whyRefused(token) : (why ?? "closed");
  }
}

/** A node refuses a token that has ended, and one that it does not know or that was revoked. */
function whyRefused(token: string | undefined): "expired" | "invalid" {
  return (readToken(token ?? "")?.expires ?? 0) <= now() ? "expired" : "invalid";
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

/** What the person allows. */
function limitsOf(): Required<Limits> {
  const { saving, budget } = prefs.get();
  return { saving, budget: budget * 1_000_000 };
}

function together(list: readonly Usage[]): Usage {
  const sum = (of: (u: Usage) => number): number => list.reduce((n, u) => n + of(u), 0);
  return { sent: sum((u) => u.sent), received: sum((u) => u.received), lastHour: sum((u) => u.lastHour), holding: list.find((u) => u.holding)?.holding ?? "" };
}

const recording = ["admin", "referee", "coach", "record"];

function writes(role: string): boolean {
  return recording.includes(role);
}

function coaches(role: string): boolean {
  return role === "admin" || role === "coach";
}
