// The links as this browser keeps them for later visits and shares them with its other pages: in IndexedDB, strictly.
// localStorage is written some seconds later, and a phone may be off by then; earlier versions kept the links there.
import { got, openDatabase, write } from "../../client/idb";
import { parseKept, type Kept } from "./doors";
import { now } from "./time";

const database = "touchline doors"; // no replica has a name like this
const row = "doors";
const patience = 2000; // milliseconds until a database that does not open is done without

/** Where links were kept before. */
export const legacyKey = "touchline.tokens";

export type Change = (list: readonly Kept[]) => readonly Kept[];

export class DoorStore {
  private list: readonly Kept[];
  private writing = 0;
  private readonly subscribers = new Set<() => void>();
  private channel: BroadcastChannel | undefined;

  private constructor(
    private readonly db: IDBDatabase | undefined,
    list: readonly Kept[],
  ) {
    this.list = list;
    if (!db) return;
    this.channel = new BroadcastChannel(database);
    this.channel.onmessage = () => void this.reload().catch(() => undefined); // what is here goes on being shown
  }

  /** Reads what is kept. Where IndexedDB is forbidden, localStorage has to do; else as long as the page is open. */
  static async open(): Promise<DoorStore> {
    const legacy = parseKept(readLegacy(), now());
    try {
      const db = await inTime(openDatabase(database, 1, (made) => made.createObjectStore("kept")));
      const store = new DoorStore(db, legacy);
      await store.migrate(legacy);
      return store;
    } catch {
      return new DoorStore(undefined, legacy);
    }
  }

  get(): readonly Kept[] {
    return this.list;
  }

  /** Changes the list here at once, and what is kept. Durable when it resolves: also after a power cut. */
  async update(change: Change): Promise<void> {
    this.list = change(this.list);
    if (!this.db) return keepLegacy(this.list);
    this.writing++;
    try {
      const kept = await write(this.db, ["kept"], true, async (tx) => {
        const store = tx.objectStore("kept");
        const next = change(parseKept((await got(store.get(row))) as string | null, now())); // other pages may have changed it
        store.put(JSON.stringify(next), row);
        return next;
      });
      this.channel?.postMessage("");
      if (this.writing === 1) this.take(kept);
    } catch {
      keepLegacy(this.list); // the disk is full, or the database was deleted: better late than never
    } finally {
      this.writing--;
    }
  }

  /** Calls back when another page of this browser opened a link or left a match. */
  subscribe(changed: () => void): () => void {
    this.subscribers.add(changed);
    return () => void this.subscribers.delete(changed);
  }

  close(): void {
    this.channel?.close();
    this.db?.close();
  }

  /** What an earlier version kept joins what is kept; it is removed only when that is durable. */
  private async migrate(legacy: readonly Kept[]): Promise<void> {
    await this.reload();
    if (!legacy.length) return;
    await this.update((list) => [...legacy.filter((l) => !list.some((k) => k.database === l.database)), ...list]);
    forgetLegacy();
  }

  private async reload(): Promise<void> {
    const text = (await got(this.db!.transaction("kept").objectStore("kept").get(row))) as string | null;
    if (!this.writing) this.take(parseKept(text, now()));
  }

  private take(list: readonly Kept[]): void {
    if (JSON.stringify(list) === JSON.stringify(this.list)) return;
    this.list = list;
    for (const changed of [...this.subscribers]) changed();
  }
}

function inTime<T>(opening: Promise<T>): Promise<T> {
  return Promise.race([opening, new Promise<T>((_, fail) => setTimeout(() => fail(new Error("IndexedDB")), patience))]);
}

function readLegacy(): string | null {
  try {
    return localStorage.getItem(legacyKey);
  } catch {
    return null;
  }
}

function keepLegacy(list: readonly Kept[]): void {
  try {
    localStorage.setItem(legacyKey, JSON.stringify(list));
  } catch {
    // Forbidden: the links hold until the page is closed.
  }
}

function forgetLegacy(): void {
  try {
    localStorage.removeItem(legacyKey);
  } catch {
    // It was read and is forbidden now: the next visit finds the same links in it.
  }
}
