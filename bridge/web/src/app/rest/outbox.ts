// Own events in IndexedDB: durable before anything is sent, kept until a node has acknowledged them and for two days after.
import type { Draft, Reach } from "../../client/api";

export interface Own {
  readonly id: string;
  readonly match: string;
  readonly draft: Draft;
  /** When it was tapped; milliseconds since 1970. */
  readonly at: number;
  /** Order of the taps. */
  readonly order: number;
  readonly reach: Reach;
  readonly hash?: string;
  readonly problem?: string;
  /** Whether a node may have got it. */
  readonly tried?: boolean;
}

const keepMs = 48 * 3600_000;
const storeName = "own";

export class Outbox {
  private constructor(
    private readonly db: IDBDatabase,
    readonly own: Map<string, Own>,
  ) {}

  static async open(name: string): Promise<Outbox> {
    const db = await new Promise<IDBDatabase>((ok, fail) => {
      const req = indexedDB.open(name, 1);
      req.onupgradeneeded = () => req.result.createObjectStore(storeName, { keyPath: "id" });
      req.onsuccess = () => ok(req.result);
      req.onerror = () => fail(req.error ?? new Error("IndexedDB"));
      req.onblocked = () => fail(new Error("IndexedDB is blocked"));
    });
    db.onversionchange = () => db.close();
    const box = new Outbox(db, new Map());
    await box.load();
    return box;
  }

  private async load(): Promise<void> {
    const all = await new Promise<Own[]>((ok, fail) => {
      const req = this.db.transaction(storeName).objectStore(storeName).getAll();
      req.onsuccess = () => ok(req.result as Own[]);
      req.onerror = () => fail(req.error);
    });
    const old = Date.now() - keepMs;
    for (const o of all.sort((a, b) => a.order - b.order)) {
      if (o.reach !== "saved" && o.at < old) await this.remove(o.id);
      else this.own.set(o.id, o);
    }
  }

  /** Resolves when it is on the disk. */
  async put(o: Own): Promise<void> {
    await this.write((s) => s.put(o));
    this.own.set(o.id, o);
  }

  async remove(id: string): Promise<void> {
    await this.write((s) => s.delete(id));
    this.own.delete(id);
  }

  nextOrder(): number {
    let last = 0;
    for (const o of this.own.values()) last = Math.max(last, o.order);
    return last + 1;
  }

  close(): void {
    this.db.close();
  }

  private write(change: (s: IDBObjectStore) => void): Promise<void> {
    return new Promise((ok, fail) => {
      const tx = this.db.transaction(storeName, "readwrite", { durability: "strict" });
      tx.oncomplete = () => ok();
      tx.onerror = () => fail(tx.error ?? new Error("IndexedDB"));
      tx.onabort = () => fail(tx.error ?? new Error("IndexedDB"));
      change(tx.objectStore(storeName));
    });
  }
}
