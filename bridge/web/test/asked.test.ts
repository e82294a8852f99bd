// What is shown of tables while no node answers: what was said last, marked as old, and nothing that a node refuses.
import assert from "node:assert/strict";
import { test } from "node:test";
import { asked, before } from "../src/app/rest/asked";
import { Problem, Unreachable } from "../src/app/rest/http";
import { kept } from "../src/app/rest/kept";

class Stored {
  getItem(k: string): string | null {
    return (this as unknown as Record<string, string>)[k] ?? null;
  }
  setItem(k: string, v: string): void {
    (this as unknown as Record<string, string>)[k] = v;
  }
  removeItem(k: string): void {
    delete (this as unknown as Record<string, string>)[k];
  }
}
(globalThis as { localStorage?: unknown }).localStorage = new Stored();

const table = { rows: [{ team: "Blue", points: 3 }] };
const says = (path: string, at = 5) => asked(path, () => Promise.resolve(table), () => at);
const fails = (path: string, why: unknown) => asked(path, () => Promise.reject(why));

test("asked: an answer is of now; without a network it is the last one, and says of when", async () => {
  assert.deepEqual(await says("/t"), { ok: table, at: 5, old: false });
  for (const why of [new Unreachable("no network"), new Problem(503, "it starts", ""), new Problem(429, "later", "")])
    assert.deepEqual(await fails("/t", why), { ok: table, at: 5, old: true });
  assert.deepEqual(before("/t"), { ok: table, at: 5, old: true });
  const why = new Unreachable("no network");
  assert.deepEqual(await fails("/other", why), { problem: why });
});

test("asked: what a node does not show any more is gone, also without a network after it", async () => {
  await says("/t");
  const no = new Problem(403, "not for you", "");
  assert.deepEqual(await fails("/t", no), { problem: no });
  const why = new Unreachable("no network");
  assert.deepEqual(await fails("/t", why), { problem: why });
});

test("asked: who leaves a match has no tables of it", async () => {
  await says("/t");
  kept.forget("touchline", []);
  assert.equal(before("/t"), null);
});
