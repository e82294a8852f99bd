import assert from "node:assert/strict";
import { test } from "node:test";
import { LogSet, hex, makeTime, sum, timeString, SET_NAMES, utf8 } from "../src/core";
import { INITIATOR, Item, RESPONDER, indexKeys, nameOf, newTag, Session, sessionKey, tagKey } from "../src/recon";
import { Random } from "./random";
import { reasonOf } from "./refused";
import { Replica, exchange } from "./replica";
import { unhex, vectors } from "./vectors";

interface Vector {
  name: string;
  initiator: { set: LogSet; time: string; hash: string }[];
  responder: { set: LogSet; time: string; hash: string }[];
  synced: boolean;
  level: string;
  frames: string[];
  sends: [string[] | null, string[] | null];
}

const all = vectors<{
  topic: string;
  keys: Record<string, string>;
  batch: Record<string, string>;
  sessions: Vector[];
  invalid: { name: string; frame: string }[];
}>("recon");
const secret = unhex(all.topic);
const nonce = (n: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? n : 0));
const lastByte = (n: number): Uint8Array => Uint8Array.from({ length: 16 }, (_, i) => (i === 7 ? n : 0));
const key = sessionKey(secret, lastByte(1), nonce(0));
const store = nonce;

test("keys and tags are those of the vectors", () => {
  const [control, events, records] = indexKeys(secret).map(hex);
  assert.deepEqual([control, events, records], ["control", "events", "records"].map((n) => all.keys["index " + n]));
  assert.equal(hex(key), all.keys["session, nonces 0000000000000001 and zeros"]);
  assert.equal(hex(tagKey(secret)), all.keys["tag"]);
  const tag = newTag(secret, nonce(1), utf8("peer"), new Replica().digests());
  assert.equal("1201" + hex(tag), all.batch['tags, of peer "peer" for nonce 01, empty log']);
});

function replicaOf(list: Vector["initiator"]): Replica {
  const r = new Replica();
  for (const e of list) r.add(e.set, { time: BigInt(e.time), hash: e.hash });
  return r;
}

const itemText = (i: Item): string => `${SET_NAMES[i.set]} ${timeString(i.time)} ${i.prefix}`;

test("sessions speak the very bytes of the vectors and send the same bodies", () => {
  for (const v of all.sessions) {
    const a = replicaOf(v.initiator);
    const b = replicaOf(v.responder);
    const since = (mine: Vector["initiator"], theirs: Vector["initiator"]): Item[] =>
      mine.filter((e) => !theirs.some((o) => o.hash === e.hash)).map((e) => ({ set: e.set, ...nameOf({ time: BigInt(e.time), hash: e.hash }) }));
    const syncA = { own: store(1), peer: store(2), ownArrival: 3, peerArrival: 4, since: since(v.initiator, v.responder) };
    const syncB = { own: store(2), peer: store(1), ownArrival: 4, peerArrival: 3, since: since(v.responder, v.initiator) };
    const x = exchange(
      a.session({ role: INITIATOR, secret, key, full: v.level === "full", sync: v.synced ? syncA : undefined }),
      b.session({ role: RESPONDER, secret, key, sync: v.synced ? syncB : undefined }),
    );
    assert.deepEqual(x.frames.map(hex), v.frames, v.name);
    assert.deepEqual(x.sends.map((s) => s.map(itemText)), v.sends.map((s) => s ?? []), v.name);
  }
});

test("frames that are not right are refused", () => {
  for (const v of all.invalid) {
    const reason = reasonOf(() => new Replica().session({ role: RESPONDER, secret, key }).step(unhex(v.frame)));
    assert.ok(reason === "malformed" || reason === "protocol", `${v.name}: ${reason}`);
  }
});

/** Two logs with so many elements in common and on each side, spread over time or at its end. */
function pair(random: Random, both: number, onlyA: number, onlyB: number): [Replica, Replica] {
  const out: [Replica, Replica] = [new Replica(), new Replica()];
  const at = (i: number): number => (random.below(2) ? i : random.below(both + onlyA + onlyB + 1));
  for (let i = 0; i < both + onlyA + onlyB; i++) {
    const e = { time: makeTime(1_700_000_000_000 + 1000 * at(i)) + BigInt(random.below(3)), hash: sum(random.bytes(16)) };
    const set = random.below(3) as LogSet;
    if (i < both || i < both + onlyA) out[0].add(set, e);
    if (i < both || i >= both + onlyA) out[1].add(set, e);
  }
  return out;
}

/** Delivers what was named; returns whether that made the two equal. */
function deliver([a, b]: [Replica, Replica], sends: readonly [Item[], Item[]], sessions: [Session, Session]): void {
  for (const [from, to, items, hearer] of [[a, b, sends[0], sessions[1]], [b, a, sends[1], sessions[0]]] as const)
    for (const i of items) {
      for (const e of from.find(i)) to.add(i.set, e);
      hearer.got(i);
    }
}

test("any two logs become equal, each body is sent once, and none that is held", () => {
  const random = new Random(5);
  const sizes = [0, 1, 5, 40, 300, 900];
  for (let round = 0; round < 16; round++) {
    const size = (): number => random.below(sizes[random.below(sizes.length)]! + 1);
    const [onlyA, onlyB] = [size(), size()];
    const logs = pair(random, size(), onlyA, onlyB);
    const full = random.below(8) === 0;
    const k = random.bytes(32);
    const sessions: [Session, Session] = [
      logs[0].session({ role: INITIATOR, secret, key: k, full }),
      logs[1].session({ role: RESPONDER, secret, key: k }),
    ];
    const x = exchange(...sessions);
    const why = `round ${round}: ${onlyA}, ${onlyB}`;
    assert.deepEqual([x.last[0].done || x.last[1].done, x.sends[0].length, x.sends[1].length], [true, onlyA, onlyB], why);
    deliver(logs, x.sends, sessions);
    assert.deepEqual(logs[0].digests(), logs[1].digests(), why);
    assert.deepEqual([sessions[0].missing, sessions[1].missing], [0, 0], why);
    const again = exchange(logs[0].session({ role: INITIATOR, secret, key: k }), logs[1].session({ role: RESPONDER, secret, key: k }));
    assert.ok(again.last[0].equal && again.last[1].equal && again.flights === 2, why);
  }
});

test("damaged frames give the typed error, and the session ends", () => {
  const random = new Random(6);
  for (let round = 0; round < 80; round++) {
    const logs = pair(random, random.below(60), random.below(30), random.below(30));
    const a = logs[0].session({ role: INITIATOR, secret, key, full: round % 4 === 0 });
    const b = logs[1].session({ role: RESPONDER, secret, key });
    let out = a.start().reply;
    const reason = reasonOf(() => {
      for (let turn = 0; out.length && turn < 100; turn++) {
        const hearer = turn % 2 ? a : b;
        let reply: readonly Uint8Array[] = [];
        for (const f of out) reply = hearer.step(random.below(3) ? f : random.damage(f)).reply;
        out = reply;
      }
    });
    if (reason) assert.ok(["malformed", "protocol", "limit"].includes(reason), reason);
  }
});
