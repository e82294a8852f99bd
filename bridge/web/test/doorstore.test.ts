// Where the links are kept: what a phone has after it was off at once, and what its pages tell each other.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { admit, type Kept } from "../src/app/model/doors";
import { DoorStore, legacyKey } from "../src/app/model/doorstore";
import { concat, encodeCbor, random } from "../src/core";

const now = Date.now();
const mint = (of = random(32)): string => "tl1." + Buffer.from(concat(encodeCbor({ 1: random(12), 2: of, 3: 4, 4: now + 3_600_000 }), random(32))).toString("base64url");
const tokens = (list: readonly Kept[]): readonly string[] => list.flatMap((k) => k.tokens).sort();
const opened = async (): Promise<DoorStore> => DoorStore.open();
const join = (s: DoorStore, token: string) => s.update((list) => admit(list, token, now));

let legacy: Map<string, string>;
beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  legacy = new Map();
  globalThis.localStorage = { getItem: (k: string) => legacy.get(k) ?? null, setItem: (k: string, v: string) => void legacy.set(k, v), removeItem: (k: string) => void legacy.delete(k) } as unknown as Storage;
});

test("doorstore: a link is durable when it is said to be, and localStorage has no part in it", async (t) => {
  const modes: unknown[] = [];
  const begin = IDBDatabase.prototype.transaction;
  t.mock.method(IDBDatabase.prototype, "transaction", function (this: IDBDatabase, ...args: Parameters<typeof begin>) {
    if (args[1] === "readwrite") modes.push(args[2]?.durability);
    return begin.apply(this, args);
  });
  const [page, token] = [await opened(), mint()];
  await join(page, token);
  assert.deepEqual(modes, ["strict"]);
  assert.equal(legacy.size, 0);
  const later = await opened(); // the first was never closed: the phone went off
  assert.deepEqual(tokens(later.get()), [token]);
  page.close();
  later.close();
});

test("doorstore: what an earlier version kept is taken over, and removed there only then", async () => {
  const [old, fresh] = [mint(), mint()];
  legacy.set(legacyKey, JSON.stringify(admit([], old, now)));
  const first = await opened();
  assert.deepEqual(tokens(first.get()), [old]);
  assert.equal(legacy.size, 0);
  await join(first, fresh);
  first.close();
  const second = await opened();
  assert.deepEqual(tokens(second.get()), [old, fresh].sort());
  second.close();
});

test("doorstore: two pages that open links at once keep both, and each tells the other", async () => {
  const [a, b] = [await opened(), await opened()];
  const [one, two] = [mint(), mint()];
  const both = (s: DoorStore) => new Promise<void>((ok) => {
    const look = () => s.get().length === 2 && ok();
    s.subscribe(look);
    look();
  });
  await Promise.all([join(a, one), join(b, two), both(a), both(b)]);
  await a.update((list) => list.filter((k) => !k.tokens.includes(two)));
  const c = await opened();
  assert.deepEqual(tokens(c.get()), [one]);
  for (const s of [a, b, c]) s.close();
});

test("doorstore: where IndexedDB is forbidden localStorage has to do", async () => {
  globalThis.indexedDB = { open: () => { throw new Error("forbidden"); } } as unknown as IDBFactory;
  const [page, token] = [await opened(), mint()];
  await join(page, token);
  assert.deepEqual(tokens((await opened()).get()), [token]);
});
