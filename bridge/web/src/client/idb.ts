// IndexedDB with promises, as thin as can be.

/** The value of a request. */
export function got<T>(r: IDBRequest<T>): Promise<T> {
  return new Promise((ok, fail) => {
    r.onsuccess = () => ok(r.result);
    r.onerror = () => fail(r.error ?? new Error("IndexedDB"));
  });
}

/** Opens a database, making its stores if it is new. Another page that wants to delete or change it closes it here. */
export async function openDatabase(name: string, version: number, make: (db: IDBDatabase) => void): Promise<IDBDatabase> {
  const r = indexedDB.open(name, version);
  r.onupgradeneeded = () => make(r.result);
  const db = await got(r);
  db.onversionchange = () => db.close();
  return db;
}

/**
 * Runs work in one transaction; all of it is durable when the promise resolves, and none of it is there when
 * it rejects. Work awaits nothing but requests of its transaction. Strict: also after a power cut.
 */
export function write<T>(db: IDBDatabase, stores: readonly string[], strict: boolean, work: (tx: IDBTransaction) => Promise<T>): Promise<T> {
  return new Promise((ok, fail) => {
    const tx = db.transaction(stores as string[], "readwrite", { durability: strict ? "strict" : "relaxed" });
    let value: T;
    let problem: unknown;
    tx.oncomplete = () => ok(value);
    tx.onabort = () => fail(problem ?? tx.error ?? new Error("IndexedDB"));
    work(tx).then(
      (v) => (value = v),
      (err: unknown) => {
        problem = err;
        try {
          tx.abort();
        } catch {
          fail(err); // it had ended by itself
        }
      },
    );
  });
}
