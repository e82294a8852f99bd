// What this browser holds, in IndexedDB. Own events are written with strict durability, and their place in their
// chain is allotted in the same transaction; what others wrote can be fetched again, and is written relaxed.
import { Bytes, Event, Hash, hex, random } from "../core";
import type { MatchSummary } from "./api";
import { got, openDatabase, write } from "./idb";
import type { ChainRow, EventRow, GrantRow, MemberRow, OwnRow, PlaceRow, ViewRow } from "./rows";

/** What a match has in the database, at one moment. */
export interface Loaded {
  readonly member: MemberRow | undefined;
  readonly events: readonly EventRow[];
  readonly own: readonly OwnRow[];
  readonly views: readonly ViewRow[];
  readonly places: readonly PlaceRow[];
}

/** Signs at a place of a chain. */
export type Signer = (member: MemberRow, place: { readonly incarnation: string; readonly seq: bigint; readonly prev: Hash }) => Event;

const perMatch = ["members", "events", "own", "views", "places"] as const;

export class Replica {
  /** One chain for each right, begun when this page was opened, so that two tabs never write to the same. */
  private readonly incarnations = new Map<Hash, string>();

  private constructor(
    private readonly db: IDBDatabase,
    /** The name of this store: 16 bytes. */
    readonly store: Bytes,
    /** As given now, or at an earlier visit; "" for none. */
    readonly token: string,
    /** The store of the node that was last met; "" for none. */
    public node: string,
  ) {}

  static async open(name: string, token: string | undefined): Promise<Replica> {
    const db = await openDatabase(name, 1, (made) => {
      made.createObjectStore("meta");
      made.createObjectStore("members", { keyPath: "match" });
      made.createObjectStore("chains", { keyPath: "incarnation" });
      for (const [store, key] of [["events", "hash"], ["own", "id"], ["views", ["match", "hash"]], ["places", ["match", "format", "node"]]] as const)
        made.createObjectStore(store, { keyPath: key as string | string[] }).createIndex("match", "match");
    });
    return write(db, ["meta", "views", "places"], true, async (tx) => {
      const meta = tx.objectStore("meta");
      const store = ((await got(meta.get("store"))) as Bytes | undefined) ?? random(16);
      const kept = ((await got(meta.get("token"))) as string | undefined) ?? "";
      const node = ((await got(meta.get("node"))) as string | undefined) ?? "";
      meta.put(store, "store");
      if (token !== undefined && token !== kept) {
        meta.put(token, "token");
        tx.objectStore("views").clear(); // another may see other things
        tx.objectStore("places").clear();
      }
      return new Replica(db, store, token ?? kept, node);
    });
  }

  async load(match: Hash): Promise<Loaded> {
    const tx = this.db.transaction(perMatch as readonly string[] as string[]);
    const of = <T>(store: string) => got(tx.objectStore(store).index("match").getAll(match)) as Promise<T[]>;
    const [member, events, own, views, places] = await Promise.all([
      got(tx.objectStore("members").get(match)) as Promise<MemberRow | undefined>,
      of<EventRow>("events"), of<OwnRow>("own"), of<ViewRow>("views"), of<PlaceRow>("places"),
    ]);
    return { member, events, own, views, places };
  }

  /** What was recorded here in a match, and this browser's part in it. */
  async own(match: Hash): Promise<Pick<Loaded, "own" | "member">> {
    const tx = this.db.transaction(["members", "own"]);
    const [member, own] = await Promise.all([
      got(tx.objectStore("members").get(match)) as Promise<MemberRow | undefined>,
      got(tx.objectStore("own").index("match").getAll(match)) as Promise<OwnRow[]>,
    ]);
    return { member, own };
  }

  /** Everything recorded here, in all matches. */
  async allOwn(): Promise<readonly OwnRow[]> {
    return (await got(this.db.transaction("own").objectStore("own").getAll())) as OwnRow[];
  }

  async events(hashes: readonly Hash[]): Promise<readonly EventRow[]> {
    const store = this.db.transaction("events").objectStore("events");
    const rows = await Promise.all(hashes.map((h) => got(store.get(h)) as Promise<EventRow | undefined>));
    return rows.filter((r) => r !== undefined);
  }

  /** Notes which node was met. */
  meet(node: string): Promise<void> {
    this.node = node;
    return write(this.db, ["meta"], false, async (tx) => void tx.objectStore("meta").put(node, "node"));
  }

  /** This browser's key in a match, made on first use. */
  member(match: Hash): Promise<MemberRow> {
    return write(this.db, ["members"], true, async (tx) => {
      const members = tx.objectStore("members");
      const known = (await got(members.get(match))) as MemberRow | undefined;
      const row = known ?? { match, seed: random(32), hpke: random(32), grants: [] };
      if (!known) members.put(row);
      return row;
    });
  }

  /** Keeps a right that a node gave. */
  enrolled(match: Hash, grant: GrantRow): Promise<MemberRow> {
    return write(this.db, ["members"], true, async (tx) => {
      const members = tx.objectStore("members");
      const row = (await got(members.get(match))) as MemberRow;
      const now = { ...row, grants: [...row.grants.filter((g) => g.grant !== grant.grant), grant] };
      members.put(now);
      return now;
    });
  }

  /** Keeps what a node is to sign, or what is signed once this browser has a right. Durable when it resolves. */
  async keep(own: OwnRow): Promise<void> {
    await write(this.db, ["own"], true, async (tx) => void tx.objectStore("own").put(own));
  }

  /**
   * Signs at the next place of this page's chain and keeps it. Durable when it resolves. What another page of this
   * browser signed, tried or took back meanwhile is left as it is: the answer has no event.
   */
  sign(own: OwnRow, grant: Hash, kept: boolean, sign: Signer): Promise<{ readonly event?: Event; readonly own?: OwnRow }> {
    const incarnation = this.incarnations.get(grant) ?? hex(random(8));
    this.incarnations.set(grant, incarnation);
    const done = write(this.db, ["members", "chains", "events", "own"], true, async (tx) => {
      const rows = tx.objectStore("own");
      const chains = tx.objectStore("chains");
      const [before, member, last] = await Promise.all([
        got(rows.get(own.id)) as Promise<OwnRow | undefined>,
        got(tx.objectStore("members").get(own.match)) as Promise<MemberRow>,
        got(chains.get(incarnation)) as Promise<ChainRow | undefined>,
      ]);
      if (kept && (!before || before.signed || before.tried)) return before ? { own: before } : {};
      const event = sign(member, { incarnation, seq: (last?.seq ?? 0n) + 1n, prev: last?.prev ?? "" });
      const row: OwnRow = { ...own, hash: event.hash, signed: true };
      chains.put({ incarnation, seq: event.seq, prev: event.hash });
      tx.objectStore("events").put({ hash: event.hash, match: own.match, envelope: event.envelope });
      rows.put(row);
      return { event, own: row };
    });
    // Whether a failed commit wrote anything is not known: what comes next begins a new chain (rule R5).
    return done.catch((err: unknown) => {
      if (this.incarnations.get(grant) === incarnation) this.incarnations.delete(grant);
      throw err;
    });
  }

  /** Changes own rows as they are now. Rows that are there no more stay away. */
  change(ids: readonly string[], strict: boolean, to: (row: OwnRow) => OwnRow): Promise<readonly OwnRow[]> {
    return write(this.db, ["own"], strict, async (tx) => {
      const rows = tx.objectStore("own");
      const out: OwnRow[] = [];
      for (const id of ids) {
        const row = (await got(rows.get(id))) as OwnRow | undefined;
        if (!row) continue;
        const now = to(row);
        if (now !== row) rows.put(now);
        out.push(now);
      }
      return out;
    });
  }

  /** Forgets an own draft that no node can have; false: it is signed, or a node may have it. */
  forget(id: string): Promise<boolean> {
    return write(this.db, ["own"], true, async (tx) => {
      const rows = tx.objectStore("own");
      const row = (await got(rows.get(id))) as OwnRow | undefined;
      if (!row || row.signed || row.tried) return false;
      rows.delete(id);
      return true;
    });
  }

  /** Keeps events that a node sent. */
  receive(match: Hash, events: readonly Event[]): Promise<void> {
    return write(this.db, ["events"], false, async (tx) => putEvents(tx, match, events));
  }

  /** Destroys the bytes of events that were erased or purged. */
  destroy(events: readonly Event[]): Promise<void> {
    return write(this.db, ["events"], true, async (tx) => {
      for (const e of events) tx.objectStore("events").delete(e.hash);
    });
  }

  receiveViews(rows: readonly ViewRow[]): Promise<void> {
    return write(this.db, ["views"], false, async (tx) => {
      for (const row of rows) tx.objectStore("views").put(row);
    });
  }

  /** All up to this place has been received and is in the database. */
  caught(row: PlaceRow): Promise<void> {
    return write(this.db, ["places"], false, async (tx) => void tx.objectStore("places").put(row));
  }

  /** The matches as a node listed them last. */
  async list(): Promise<readonly MatchSummary[]> {
    return ((await got(this.db.transaction("meta").objectStore("meta").get("matches"))) as readonly MatchSummary[] | undefined) ?? [];
  }

  keepList(list: readonly MatchSummary[]): Promise<void> {
    return write(this.db, ["meta"], false, async (tx) => void tx.objectStore("meta").put(list, "matches"));
  }

  close(): void {
    this.db.close();
  }
}

function putEvents(tx: IDBTransaction, match: Hash, events: readonly Event[]): void {
  const store = tx.objectStore("events");
  for (const e of events) store.put({ hash: e.hash, match, envelope: e.envelope });
}
