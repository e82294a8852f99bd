// What the pad takes back, when several taps are one entry; and how hours are written.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogEvent, Match } from "../src/client/api";
import { regional, Words } from "../src/app/i18n";
import { kickNumber } from "../src/app/model/kicks";
import { Pad } from "../src/app/model/pad";
import type { State } from "../src/app/model/state";
import { blank } from "../src/app/replica/overlay";

const at = Date.UTC(2026, 4, 1, 16, 28);
const goal = (hash: string, own: boolean, type = "goal", refs: readonly string[] = []): LogEvent =>
  ({ id: hash, hash, type, teamId: "home", own, refs, createdAt: new Date(at).toISOString() }) as unknown as LogEvent;

/** A match with an entry of these reports, the first the main one. */
function world(parts: readonly string[], events: readonly LogEvent[]) {
  const taken: string[] = [];
  const match = { get: () => ({ events }), retract: (h: string) => (taken.push(h), Promise.resolve(goal(h, true))) } as unknown as Match<State>;
  const entry = { hash: parts[0]!, sources: parts.slice(1).map((hash) => ({ hash })), type: "goal" };
  const state = { ...blank, timeline: [entry] } as unknown as State;
  return { pad: new Pad(match, () => state), taken };
}

test("pad: taking back takes every own tap of the entry, and nobody else's", async () => {
  const events = [goal("a", true), goal("b", true), goal("c", false), goal("d", true)];
  for (const from of ["a", "b"]) {
    const { pad, taken } = world(["a", "b", "c"], events);
    await pad.withdrawAll(from);
    assert.deepEqual(taken.sort(), ["a", "b"]);
  }
  const alone = world(["a"], events);
  await alone.pad.withdrawAll("d"); // not in the state yet
  assert.deepEqual(alone.taken, ["d"]);
});

test("pad: a second tap within ten seconds is told from another goal", () => {
  const { pad } = world(["a"], [goal("a", true)]);
  assert.deepEqual([pad.again("home", at + 9_999), pad.again("home", at + 10_000), pad.again("away", at + 1)], [true, false, false]);
  assert.equal(world(["a"], [goal("a", false)]).pad.again("home", at + 1), false);
  assert.equal(world(["a"], [goal("a", true), goal("r", true, "retract", ["a"])]).pad.again("home", at + 1), false);
});

/** What somebody told of a shoot-out: "h3" is home's kick 3, "a" one of away's without a number, "-h3" taken back, "+h3" another's. */
const kicks = (said: string): LogEvent[] =>
  said.split(" ").filter(Boolean).flatMap((word, i) => {
    const [, sign, side, n] = /^([-+]?)([ha])(\d*)$/.exec(word)!;
    const e = { hash: `k${i}`, type: "shootout.kick", teamId: side === "h" ? "home" : "away", own: sign !== "+", refs: [], data: n ? { n: Number(n) } : {}, createdAt: new Date(at + i * 30_000).toISOString() };
    return [e, ...(sign === "-" ? [{ ...e, hash: `r${i}`, type: "retract", refs: [e.hash] }] : [])] as unknown as LogEvent[];
  });

test("pad: kicks are numbered by turns, so that who missed one counts right again", () => {
  for (const [said, side, want] of [
    ["", "h", 1], ["h1", "a", 1], ["h1 a1", "h", 2], ["a1", "h", 1], ["a1 h1", "a", 2],
    ["h1 a1", "a", 2], // home's second was missed
    ["h1 a1 a2", "h", 3],
    ["h1 a1 h2", "h", 3], // away's second was missed
    ["h1 a1 h2 h3", "a", 3],
    ["h1 a1 -h2", "h", 2],
    ["+h1 +a1", "h", undefined], // came late
    ["+h1 h1 +a1 +h2", "a", 1], // others are ahead
    ["+h1 h", "a", undefined],
  ] as const)
    assert.equal(kickNumber(kicks(said), (id) => id === (side === "h" ? "home" : "away"), at + 1_000_000), want, `${said}, then ${side}`);
  const home = (id: string): boolean => id === "home";
  assert.deepEqual([kickNumber(kicks("h1"), home, at + 4_999), kickNumber(kicks("h1"), home, at + 5_000)], [1, 2]); // a double tap
});

test("words: hours are written as where the phone is from", () => {
  assert.equal(regional("en", ["de-DE", "en-GB", "en"]), "en-GB");
  assert.equal(regional("de", ["en-GB"]), "de");
  assert.doesNotMatch(new Words("en", "en-GB").time(at), /[AP]M/i);
  assert.match(new Words("en", "en-US").time(at), /[AP]M/i);
});
