// The client as the app uses it: the replica keeps and sends what is recorded, and the node, which has the names
// of people and knows who may see what, folds the state while it is there.
import type { Client, Connection, Limits, MatchSummary, Options, Store, Usage } from "../../client/api";
import { ReplicaClient } from "../../client/client";
import { browserHost } from "../../client/host";
import type { State } from "../model/state";
import { Cell } from "../model/store";
import { Http } from "../rest/http";
import { kept } from "../rest/kept";
import { AppMatch } from "./match";

export class AppClient implements Client<State> {
  readonly http: Http;
  readonly connection: Store<Connection>;
  readonly usage: Store<Usage>;
  /** As the node listed them last, before it is asked. */
  readonly matches: Cell<readonly MatchSummary[]>;
  private readonly host = browserHost();
  private readonly replica: ReplicaClient<State>;
  private readonly database: string;
  private readonly open = new Map<string, AppMatch>();

  constructor(options: Options & { readonly url: string; readonly database: string }) {
    this.database = options.database;
    this.http = new Http(options.url, options.token, (bytes) => this.replica.spent(0, bytes));
    this.replica = new ReplicaClient<State>(options, this.host, options.url, () => Promise.resolve(undefined));
    this.connection = this.replica.connection;
    this.usage = this.replica.usage;
    this.matches = new Cell(kept.list(options.database));
    const { matches } = this.replica;
    matches.subscribe(() => {
      this.matches.set(matches.get());
      kept.keepList(options.database, matches.get());
    });
  }

  match(id: string): AppMatch {
    let m = this.open.get(id);
    if (!m) this.open.set(id, (m = this.openMatch(id)));
    return m;
  }

  private openMatch(id: string): AppMatch {
    const role = (): string => this.matches.get().find((m) => m.id === id)?.role ?? "";
    const surroundings = { ...this.host, quiet: () => this.usage.get().holding !== "" };
    return new AppMatch(this.replica.match(id), this.http, role, surroundings, () => this.open.delete(id));
  }

  move(url: string): void {
    this.http.url = url.replace(/\/$/, "");
    this.replica.move(url);
  }

  limit(limits: Limits): void {
    this.replica.limit(limits);
  }

  exportUnsent(): Promise<Blob> {
    return this.replica.exportUnsent();
  }

  /** How many events are here that no node has and a node may yet take. */
  unsent(): Promise<number> {
    return this.replica.unsent();
  }

  /** Destroys what is stored here, save what was shown of matches that others go on showing. */
  forget(others: readonly string[]): void {
    const ids = this.matches.get().map((m) => m.id);
    this.close();
    kept.forget(this.database, ids.filter((id) => !others.includes(id)));
    indexedDB.deleteDatabase(this.database);
  }

  close(): void {
    for (const m of this.open.values()) m.close();
    this.replica.close();
  }
}
