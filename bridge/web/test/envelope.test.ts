import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeEvent, hex, openEvent, pad, plainOf, RECORDS, SET_NAMES, signEvent, signingKey, utf8, verifyEvent } from "../src/core";
import { Random } from "./random";
import { reasonOf } from "./refused";
import { unhex, vectors } from "./vectors";

interface Vector {
  name: string;
  envelope: string;
  hash?: string;
  error?: string;
  author?: string;
  content?: string;
  set?: string;
}

test("envelopes are read as the vectors say, and refused for the same reasons", () => {
  for (const v of [...vectors<Vector[]>("envelope"), ...vectors<Vector[]>("signature")]) {
    const b = unhex(v.envelope);
    assert.equal(reasonOf(() => openEvent(b)), v.error, v.name);
    if (v.error) continue;
    const e = openEvent(b);
    const content = e.set === RECORDS ? "" : hex(plainOf(e));
    assert.deepEqual([e.hash, e.author, content, SET_NAMES[e.set]], [v.hash, v.author, v.content ?? "", v.set], v.name);
  }
});

const key = signingKey(new Uint8Array(32).fill(7));
const draft = {
  set: 1, log: "11".repeat(32), incarnation: "22".repeat(8), seq: 2n, prev: "33".repeat(32), time: 5n << 16n, ownMs: 5,
  grant: "44".repeat(32), lane: 0, epoch: "", refs: ["aa".repeat(32), "bb".repeat(32)], payload: pad(utf8("content")),
} as const;

test("what is signed reads back as it was meant", () => {
  const e = signEvent(key, draft);
  verifyEvent(e);
  assert.deepEqual(decodeEvent(e.envelope), e);
  assert.deepEqual({ ...e, ...draft }, e);
});

test("drafts that break a rule of form are not signed", () => {
  for (const wrong of [
    { prev: "" }, { seq: 0n }, { grant: "" }, { log: "" }, { refs: [...draft.refs].reverse() }, { refs: [draft.refs[0], draft.refs[0]] },
    { payload: utf8("not padded") }, { set: 0, epoch: "11".repeat(32) }, { epoch: "11".repeat(32) }, { ownMs: -1 }, { refs: ["00".repeat(32)] },
  ] as const)
    assert.equal(reasonOf(() => signEvent(key, { ...draft, ...wrong })), "malformed", JSON.stringify(Object.keys(wrong)));
});

test("damaged envelopes are refused with the typed error and nothing else", () => {
  const random = new Random(1);
  const valid = vectors<Vector[]>("envelope").filter((v) => !v.error).map((v) => unhex(v.envelope));
  for (let i = 0; i < 20_000; i++) {
    const from = valid[i % valid.length]!;
    const b = i % 5 ? random.damage(from) : random.bytes(random.below(80));
    const reason = reasonOf(() => decodeEvent(b));
    if (reason === undefined && hex(b) !== hex(from)) assert.ok(b.length > 100);
  }
});
