import assert from "node:assert/strict";
import { test } from "node:test";
import {
  CONTROL, Chains, Clock, Control, Event, Log, Verdicts, becauseText, decodeEvent, inviteText, join, meetingName, openEvent, parseInvite, proveMembership,
  roleName, signingKey, verifyEvent, hex, utf8,
} from "../src/core";
import { Random } from "./random";
import { reasonOf } from "./refused";
import { unhex, vectors } from "./vectors";

interface Vectors {
  log: string;
  rights: { name: string; envelope: string; error?: string }[];
  invites: { name: string; text: string; role?: string; error?: string }[];
  stories: { log: string; events: string[]; says: Says[] }[];
}

interface Says {
  state: string;
  reason?: string;
  by: string;
  expired?: boolean;
  forked?: boolean;
  overused?: boolean;
}

const all = vectors<Vectors>("access");
const noHash = "0".repeat(64);

test("who may write is decided as the vectors say, for the same reasons", () => {
  const control = new Control(all.log);
  for (const v of all.rights) {
    const e = openEvent(unhex(v.envelope));
    assert.equal(reasonOf(() => control.check(e)), v.error, v.name);
    if (!v.error) control.add(e);
  }
});

test("invites are read as the vectors say", () => {
  for (const v of all.invites) {
    assert.equal(reasonOf(() => parseInvite(v.text)), v.error, v.name);
    if (v.error) continue;
    const i = parseInvite(v.text);
    assert.equal(roleName(i.right.role), v.role, v.name);
    assert.equal(inviteText(i).split("#")[1], v.text.split("#")[1]!.replace(/\s/g, ""), v.name);
  }
});

test("who joins by an invite may write what its role may", () => {
  const { member, events } = join(parseInvite(all.invites[0]!.text), new Clock(() => 1_700_000_000_000));
  const control = new Control(member.log);
  for (const e of events) {
    verifyEvent(e);
    control.add(decodeEvent(e.envelope));
  }
  const right = control.right(member.grant)!;
  assert.equal(right.subject, signingKey(member.seed).public);
  assert.deepEqual([roleName(right.role), right.parent?.enrols], ["record", 3n]);
  assert.deepEqual(control.chain(member.grant)?.map((e) => e.hash), events.map((e) => e.hash));
});

test("verdicts are those of the vectors, in whatever order events come", () => {
  const random = new Random(2);
  for (const [at, story] of all.stories.entries()) {
    const events = story.events.map((b) => openEvent(unhex(b)));
    const log = new Log(story.log);
    for (const e of random.shuffled(events)) assert.ok(["gone", undefined].includes(reasonOf(() => add(log, [e]))));
    const chains = new Chains();
    for (const e of [...log.events(1), ...log.events(2)]) chains.add(e);
    const verdicts = new Verdicts(log.control, chains);
    events.forEach((e, i) => {
      const v = verdicts.of(e);
      const want = story.says[i]!;
      const got = [v.state, becauseText(v), v.by || noHash, v.expired, v.forked, v.overused];
      assert.deepEqual(got, [want.state, want.reason ?? "", want.by, !!want.expired, !!want.forked, !!want.overused], `story ${at}, event ${i}`);
    });
  }
});

/** Adds events one by one, and those that waited when they are ready. */
function add(log: Log, events: readonly Event[]): void {
  for (const e of events) {
    const { is } = log.judge(e.envelope);
    if (is === "waits") log.wait(e);
    if (is === "new") for (let more: readonly Event[] = [e]; more.length; ) more = log.add(more).ready;
  }
}

test("a log becomes the same whatever the order, and purges leave nothing of what came first", () => {
  const events = all.rights.filter((v) => ["no-grant", "gone", undefined].includes(v.error)).map((v) => openEvent(unhex(v.envelope)));
  const control = new Control(all.log);
  all.rights.forEach((v) => v.error || control.add(openEvent(unhex(v.envelope))));
  const never = events.filter((e) => reasonOf(() => control.check(e)) === "gone");
  const random = new Random(3);
  const sums = new Set<string>();
  for (let round = 0; round < 5; round++) {
    const log = new Log(all.log);
    for (const e of random.shuffled(events)) if (reasonOf(() => add(log, [e]))) assert.ok(never.includes(e));
    for (const e of never) assert.ok(!log.has(e.hash));
    assert.equal(log.waitingCount, 0);
    assert.equal(log.size, new Set(events.map((e) => e.hash)).size - new Set(never.map((e) => e.hash)).size);
    sums.add(log.combined());
  }
  assert.equal(sums.size, 1);
});

test("what hangs on a purged grant, by events that were members already, is gone", () => {
  const log = new Log(all.log);
  const open = (name: string): Event => openEvent(unhex(all.rights.find((v) => v.name === name)!.envelope));
  const first = all.rights.filter((v) => !v.error && !v.name.startsWith("purge")).map((v) => openEvent(unhex(v.envelope)));
  log.add(first);
  const lost = open("event beneath a purged grant");
  assert.deepEqual(log.add([lost]).added, [lost]);
  const { gone } = log.add([open("purge beneath a grant")]);
  assert.ok(gone.some((e) => e.hash === lost.hash) && !log.has(lost.hash));
  assert.equal(reasonOf(() => log.judge(lost.envelope)), "gone");
});

test("membership proofs are those of the vectors", () => {
  type Vector = Record<"topicSecret" | "seed" | "log" | "grant" | "prover" | "verifier" | "proverNonce" | "verifierNonce" | "name" | "signature", string>;
  for (const v of vectors<Vector[]>("member")) {
    const at = { prover: v.prover, verifier: v.verifier, proverNonce: unhex(v.proverNonce), verifierNonce: unhex(v.verifierNonce) };
    assert.equal(hex(meetingName(unhex(v.topicSecret), at)), v.name);
    assert.equal(hex(proveMembership({ log: v.log, grant: v.grant, seed: unhex(v.seed) }, at)), v.signature);
  }
});

test("damaged control events and invites give the typed error and nothing else", () => {
  const random = new Random(4);
  const control = new Control(all.log);
  const valid = all.rights.filter((v) => !v.error).map((v) => openEvent(unhex(v.envelope)));
  valid.forEach((e) => e.set === CONTROL && control.add(e));
  for (let i = 0; i < 3000; i++) {
    const e = valid[i % valid.length]!;
    reasonOf(() => control.check({ ...e, payload: random.damage(e.payload) }));
    const text = all.invites[0]!.text;
    const damaged = new TextDecoder("latin1").decode(random.damage(utf8(text)));
    if (damaged !== text && i < 300) reasonOf(() => parseInvite(damaged));
  }
});
