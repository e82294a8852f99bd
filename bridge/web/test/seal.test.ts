import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Event, commitmentOf, decodeEvent, encodeContent, guardiansOf, hex, hpkePublic, openBox, openCarried, openPayload, openRecord, openWrap, pad, recordName,
  sealBox, sealPayload, sealRecord, shape, signEvent, signingKey, staffOf, utf8, wrapKey,
} from "../src/core";
import { Random } from "./random";
import { reasonOf } from "./refused";
import { unhex, vectors } from "./vectors";

type Fields = "name" | "kind" | "key" | "epoch" | "envelope" | "box" | "log" | "grant" | "commitment" | "sealed" | "topicSecret" | "label" | "child" | "result" | "error";
type Vector = Partial<Record<Fields, string>>;

const epochKey = (v: Vector): { epoch: string; audience: number; scope: Uint8Array; key: Uint8Array } => ({
  epoch: v.epoch!, audience: 1, scope: new Uint8Array(), key: unhex(v.key!),
});

/** What a vector opens to, in hexadecimal. */
function opened(v: Vector): string {
  const event = (): Event => decodeEvent(unhex(v.envelope!));
  switch (v.kind) {
    case "payload":
      return hex(openPayload(epochKey(v), event()));
    case "box": {
      const p = openBox(epochKey(v), event(), unhex(v.box!));
      const form = shape.struct({ type: shape.string(1, 64), team: shape.opt(shape.string(1, 64)), data: shape.opt(shape.bytes(1, 999)) }, { type: 1, team: 2, data: 3 });
      return hex(shape.encodeAs(form, { type: p.type, team: p.team, data: p.data && utf8(JSON.stringify(p.data)) }));
    }
    case "wrap":
      return hex(openWrap(unhex(v.sealed!), unhex(v.key!), unhex(v.commitment!), v.log!, v.grant!));
    case "carried":
      return hex(openCarried({ epoch: v.epoch!, key: unhex(v.sealed!) }, unhex(v.key!), unhex(v.commitment!), v.log!));
    case "commitment":
      return hex(commitmentOf(unhex(v.key!)));
    case "scope":
      return hex((v.child ? guardiansOf(unhex(v.topicSecret!), v.label!, v.child) : staffOf(unhex(v.topicSecret!), v.label!)).scope);
  }
  throw new Error(`kind ${v.kind}`);
}

test("what is sealed opens as the vectors say, and else for the same reason", () => {
  for (const v of vectors<Vector[]>("sealed")) {
    assert.equal(reasonOf(() => opened(v)), v.error?.replace(" ", "-"), v.name);
    if (!v.error) assert.equal(opened(v), v.result, v.name);
  }
});

test("records open as the vectors say, and else for the same reason", () => {
  type Record = { name: string; log: string; key: string; payload: string; record?: string; kind?: number; subject?: string; body?: string; consent?: number; error?: string };
  for (const v of vectors<Record[]>("record")) {
    const open = () => openRecord(v.log, unhex(v.key), unhex(v.payload));
    assert.equal(reasonOf(open), v.error, v.name);
    if (v.error) continue;
    const r = open();
    assert.deepEqual([r.kind, r.subject, new TextDecoder().decode(r.body), r.consent], [v.kind, v.subject, v.body, v.consent ?? 0], v.name);
    assert.equal(recordName({ payload: unhex(v.payload) } as Event), v.record, v.name);
  }
});

const key = new Uint8Array(32).fill(9);
const log = "11".repeat(32);
const k = { epoch: "22".repeat(32), audience: 1, scope: new Uint8Array(), key };
const device = signingKey(new Uint8Array(32).fill(7));
const header = {
  set: 1, log, author: device.public, incarnation: "33".repeat(8), seq: 1n, prev: "", time: 5n << 16n, ownMs: 5, grant: "44".repeat(32), lane: 0, epoch: k.epoch, refs: [],
} as const;

test("what is sealed here opens here, and nowhere else", () => {
  const part = { type: "injury", team: "home", data: { player: "7" } };
  const box = sealBox(k, header, part);
  const content = encodeContent({ id: "1", type: "stopped", boxes: [box] });
  const e = signEvent(device, { ...header, payload: sealPayload(k, header, content) });
  assert.deepEqual(openPayload(k, e), content);
  assert.deepEqual(openBox(k, e, box), part);
  assert.equal(reasonOf(() => openPayload({ ...k, key: pad(key).subarray(0, 32).map((b) => b ^ 1) }, e)), "seal");
  assert.equal(reasonOf(() => openPayload(undefined, e)), "no-key");
  const wrapped = wrapKey(key, unhex(hpkePublic(key)), log, header.grant);
  assert.deepEqual(openWrap(wrapped, key, commitmentOf(key), log, header.grant), key);
  assert.equal(reasonOf(() => wrapKey(key, new Uint8Array(32), log, header.grant)), "seal");
  const record = { kind: 1, subject: "p7", body: utf8("Mia"), consent: 1 };
  assert.deepEqual(openRecord(log, key, sealRecord(log, key, record)), record);
});

test("damaged ciphertext gives the typed error and nothing else", () => {
  const random = new Random(8);
  for (const v of vectors<Vector[]>("sealed").filter((v) => !v.error && v.sealed))
    for (let i = 0; i < 60; i++) reasonOf(() => opened({ ...v, sealed: hex(random.damage(unhex(v.sealed!))) }));
});
