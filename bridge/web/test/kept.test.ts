// What this browser keeps, over an IndexedDB in memory: chains, drafts and places, with two pages over one database.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { test } from "node:test";
import { MatchCopy, SIGNED, VIEW } from "../src/client/copy";
import { Replica } from "../src/client/replica";
import { reachOf } from "../src/client/shown";
import { Chain, CONTROL, EVENTS, Event, LIVE, encodeContent, hex, hpkePublic, kinds, pad, random, signEvent, signingKey } from "../src/core";
import { encodeAs } from "../src/core/shape";

const founder = signingKey(random(32));
const chain = new Chain();
const founding = write({ set: CONTROL, log: "", grant: "" }, encodeAs(kinds.founding, { kind: 1, rules: 1, salt: random(16), purpose: 1, sealed: false, topic: random(32), hpke: "33".repeat(32) }));
const match = founding.hash;
let time = 1n;

function write(h: { readonly set: 0 | 1; readonly log: string; readonly grant: string }, plain: Uint8Array): Event {
  const e = signEvent(founder, { ...h, ...chain.place(), time: (time = (time ?? 0n) + 1n), ownMs: 1, lane: LIVE, epoch: "", refs: [], payload: pad(plain) });
  chain.advance(e);
  return e;
}

const goal = (id: string): Event => write({ set: EVENTS, log: match, grant: match }, encodeContent({ id, type: "goal" }));

let databases = 0;
const fresh = (): string => `kept ${++databases}`;
const page = async (name: string): Promise<MatchCopy> => MatchCopy.open(match, await Replica.open(name, undefined), () => 1_700_000_000_000, () => undefined);

/** A page that was given a right to record. */
async function member(name: string): Promise<MatchCopy> {
  const c = await page(name);
  if (c.grant()) return c;
  const m = await c.keys();
  const grant = write(
    { set: CONTROL, log: match, grant: match },
    encodeAs(kinds.grant, { kind: 2, subject: signingKey(m.seed).public, role: 4, audiences: 1, team: undefined, notAfter: undefined, enrols: undefined, hpke: hpkePublic(m.hpke) }),
  );
  await c.enrolled({ grant: grant.hash, role: 4, notAfter: 0 }, [founding.envelope, grant.envelope]);
  return c;
}

const ownOf = (c: MatchCopy): Event[] => [...c.own.values()].map((o) => c.log.get(o.hash)!);

test("kept: two pages of one browser, and a page that is loaded anew, never write at one place", async () => {
  const name = fresh();
  const [a, b] = [await member(name), await member(name)];
  await Promise.all([...Array(5)].flatMap(() => [a.record({ type: "goal" }), b.record({ type: "goal" })]));
  const c = await page(name);
  await c.record({ type: "goal" });
  const events = ownOf(c);
  assert.equal(events.length, 11);
  assert.equal(new Set(events.map((e) => `${e.incarnation} ${e.seq}`)).size, 11);
  assert.deepEqual([...new Set(events.map((e) => e.incarnation))].map((i) => events.filter((e) => e.incarnation === i).length).sort(), [1, 5, 5]);
  for (const e of events) if (e.seq > 1n) assert.ok(events.some((p) => p.hash === e.prev && p.seq === e.seq - 1n));
});

test("kept: after a commit that failed a new chain begins", async () => {
  const c = await member(fresh());
  await c.record({ type: "goal" });
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
    if (this.name === "own") throw new DOMException("full", "QuotaExceededError");
    return put.apply(this, args);
  };
  await assert.rejects(c.record({ type: "goal" }));
  IDBObjectStore.prototype.put = put;
  await c.record({ type: "goal" });
  const [one, two] = ownOf(c);
  assert.equal(c.own.size, 2);
  assert.notEqual(one!.incarnation, two!.incarnation);
  assert.equal(two!.seq, 1n);
});

test("kept: what was recorded before there was a right is signed once, whoever of two pages gets to it", async () => {
  const name = fresh();
  const before = await page(name);
  const first = await before.record({ type: "goal" });
  await before.record({ type: "confirm", refs: ["local:" + first.id] });
  assert.ok([...before.own.values()].every((o) => !o.signed && reachOf(o, "n") === "saved"));
  const [a, b] = [await member(name), await member(name)];
  await Promise.all([a.signKept(), b.signKept()]);
  const c = await page(name);
  const events = ownOf(c);
  assert.equal(events.length, 2);
  assert.equal(c.log.events(EVENTS).length, 2);
  const [said, confirmed] = events.sort((x, y) => (x.time < y.time ? -1 : 1));
  assert.deepEqual(confirmed!.refs, [said!.hash]);
  assert.equal(said!.ownMs, 1_700_000_000_000);
});

test("kept: a draft that a node may have is not signed here any more, and not forgotten", async () => {
  const name = fresh();
  const c = await page(name);
  const row = await c.record({ type: "goal" });
  await c.changeOwn([row.id], true, (o) => ({ ...o, tried: true }));
  assert.equal(await c.forget(row.id), false);
  const d = await member(name);
  await d.signKept();
  assert.equal(d.own.get(row.id)!.signed, false);
  const other = await d.record({ type: "goal" });
  assert.equal(await d.forget(other.id), false);
});

test("kept: what is recorded can be sent when it is durable, before anything is drawn", async () => {
  for (const right of [true, false]) {
    const name = fresh();
    if (right) await member(name);
    const order: string[] = [];
    const c = await MatchCopy.open(match, await Replica.open(name, undefined), () => 1_700_000_000_000, () => order.push("told"));
    await c.record({ type: "goal" }, () => order.push(c.missingAt("n")[0]!.signed === right ? "to be sent" : "?"));
    assert.deepEqual(order, ["to be sent", "told"]);
    assert.equal((await page(name)).own.size, 1);
  }
});

test("kept: what nobody could ever take is refused at once", async () => {
  const c = await member(fresh());
  await assert.rejects(c.record({ type: "" }));
  await assert.rejects(c.record({ type: "note", data: { text: "x".repeat(20_000) } }));
  assert.equal(c.own.size, 0);
});

test("kept: an event before its grant waits, and keeps the place back", async () => {
  const name = fresh();
  const c = await page(name);
  const e = goal("early");
  await c.receive([e.envelope]);
  await c.caught(SIGNED, "n", 7, () => true);
  assert.deepEqual([c.log.has(e.hash), c.place(SIGNED, "n")], [false, 0]);
  await c.receive([founding.envelope]);
  await c.caught(SIGNED, "n", 8, () => true);
  assert.deepEqual([c.log.has(e.hash), c.place(SIGNED, "n"), c.place(VIEW, "n")], [true, 8, 0]);
  const again = await page(name);
  assert.deepEqual([again.log.combined(), again.place(SIGNED, "n"), again.place(SIGNED, "m")], [c.log.combined(), 8, 0]);
});

test("kept: what could not be written does not count as received", async () => {
  const c = await member(fresh());
  const put = IDBObjectStore.prototype.put;
  IDBObjectStore.prototype.put = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  const e = goal("lost");
  await assert.rejects(c.receive([e.envelope]));
  IDBObjectStore.prototype.put = put;
  assert.equal(c.log.has(e.hash), false);
});

test("kept: a forged event is no member", async () => {
  const c = await member(fresh());
  const e = goal("forged");
  const forged = e.envelope.slice();
  forged[forged.length - 1]! ^= 1;
  await c.receive([forged]);
  assert.equal(c.log.events(EVENTS).length, 0);
});

test("kept: pages of one browser show each other what they recorded", async () => {
  const name = fresh();
  const [a, b] = [await member(name), await member(name)];
  const row = await a.record({ type: "goal" });
  await b.reload({ hashes: [row.hash], own: true });
  assert.ok(b.log.has(row.hash) && b.own.has(row.id));
  await a.changeOwn([row.id], false, (o) => ({ ...o, node: "n", arrival: 3 }));
  await b.reload({ hashes: [], own: true });
  assert.equal(reachOf(b.own.get(row.id)!, "n"), "node");
});

test("kept: an event is at a node by that node's word, and at no other", async () => {
  const c = await member(fresh());
  const row = await c.record({ type: "goal" });
  const at = { ...row, node: "n" };
  assert.deepEqual([reachOf(row, "n"), reachOf(at, "n"), reachOf(at, "m"), reachOf({ ...at, devices: 2 }, "n"), reachOf({ ...at, devices: 1 }, "n"), reachOf({ ...at, problem: "no" }, "n")],
    ["saved", "node", "saved", "devices", "node", "refused"]);
  await c.changeOwn([row.id], false, (o) => ({ ...o, node: "n" }));
  assert.deepEqual([c.missingAt("n").length, c.missingAt("m").length], [0, 1]);
  assert.equal(hex(c.replica.store).length, 32);
});
