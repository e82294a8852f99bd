// One match of the app, over a client's match and a node that the test plays.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { MatchSnapshot } from "../src/client/api";
import type { ClientMatch } from "../src/client/match";
import { AppMatch } from "../src/app/replica/match";
import { blank } from "../src/app/replica/overlay";
import type { State } from "../src/app/model/state";
import type { Http } from "../src/app/rest/http";

const settled = () => new Promise((ok) => setImmediate(ok));
const stored = new Map<string, string>();
(globalThis as { localStorage?: unknown }).localStorage = {
  getItem: (k: string) => stored.get(k) ?? null, setItem: (k: string, v: string) => stored.set(k, v), removeItem: (k: string) => stored.delete(k),
};

class World {
  time = 1000;
  asked = 0;
  answer: (state: State) => void = () => undefined;
  readonly later: (() => void)[] = [];
  private told: () => void = () => undefined;
  readonly sync = { number: 1, last: 0, following: true, current: true };
  readonly below: { sync: unknown; coming?: () => void } & Record<string, unknown>;
  readonly match: AppMatch;
  readonly shown: (readonly number[] | undefined)[] = [];

  constructor(readonly id: string) {
    const snapshot: MatchSnapshot<State> = { id, events: [], state: null, unsent: 0, holders: 0, atRelay: false, current: true };
    this.below = {
      id, sync: this.sync, get: () => snapshot, close: () => undefined,
      subscribe: (changed: () => void) => ((this.told = changed), () => undefined),
    };
    const http = { get: () => (this.asked++, new Promise<State>((ok) => (this.answer = ok))) };
    const host = { now: () => this.time, later: (_: number, then: () => void) => (this.later.push(then), () => void this.later.splice(this.later.indexOf(then), 1)), quiet: () => false };
    this.match = new AppMatch(this.below as unknown as ClientMatch<State>, http as unknown as Http, () => "watch", host, () => undefined);
  }

  /** An event comes; it is not written yet. */
  comes(): void {
    this.sync.last++;
    this.below.coming?.();
  }

  /** What came is written, and told of. */
  written(): void {
    this.told();
  }

  async answers(home: number): Promise<void> {
    this.answer({ ...blank, score: [home, 0] });
    await settled();
  }

  look(): () => void {
    return this.match.subscribe(() => this.shown.push(this.match.get().state?.score));
  }
}

test("appmatch: the node is asked as soon as an event comes, not once it is written here, too", async () => {
  const w = new World("a");
  w.look();
  assert.equal(w.asked, 1, "what was said before");
  await w.answers(0);
  w.time += 1000;
  w.comes();
  assert.equal(w.asked, 2);
  w.written();
  assert.equal(w.asked, 2, "and once");
  await w.answers(1);
  assert.deepEqual(w.match.get().state?.score, [1, 0]);
});

test("appmatch: a state is shown before it is kept for a reload", async () => {
  const w = new World("b");
  w.look();
  await w.answers(3);
  assert.deepEqual([w.shown.at(-1), stored.has("touchline.state.b")], [[3, 0], false]);
  w.later.forEach((then) => then());
  assert.deepEqual((JSON.parse(stored.get("touchline.state.b")!) as State).score, [3, 0]);
});

test("appmatch: of a match that was left nothing is kept, whatever comes later", async () => {
  for (const before of [false, true]) {
    const w = new World("c");
    w.look();
    if (before) await w.answers(1);
    w.match.close();
    await w.answers(2);
    w.later.forEach((then) => then());
    assert.equal(stored.has("touchline.state.c"), false);
    w.comes();
    assert.equal(w.asked, 1);
  }
});
