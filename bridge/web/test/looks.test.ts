// When the app asks the node for the state, with a clock that the test moves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Looks, pause, quietPause, retry } from "../src/app/replica/looks";

class World {
  time = 1000;
  place = 0;
  seen = 0;
  readonly at: number[] = [];
  fails = false;
  quiet = false;
  private readonly timers: { at: number; then: () => void }[] = [];
  private answer: (() => void) | undefined;
  readonly looks = new Looks(
    {
      now: () => this.time,
      quiet: () => this.quiet,
      later: (ms, then) => {
        const timer = { at: this.time + ms, then };
        this.timers.push(timer);
        return () => void this.timers.splice(this.timers.indexOf(timer), 1);
      },
    },
    () => this.place !== this.seen,
    async () => {
      this.at.push(this.time);
      const { place } = this;
      await new Promise<void>((ok) => (this.answer = ok));
      if (this.fails) throw new Error("no network");
      this.seen = place;
    },
  );

  event(): void {
    this.place++;
    this.looks.want();
  }

  async answered(): Promise<void> {
    this.answer!();
    await new Promise((ok) => setImmediate(ok));
  }

  async pass(ms: number): Promise<void> {
    this.time += ms;
    for (const t of [...this.timers].filter((x) => x.at <= this.time)) {
      this.timers.splice(this.timers.indexOf(t), 1);
      t.then();
    }
    await new Promise((ok) => setImmediate(ok));
  }
}

test("looks: the first event after quiet is asked about at once, what follows together", async () => {
  const w = new World();
  w.event();
  assert.deepEqual(w.at, [1000]);
  await w.pass(20);
  w.event();
  await w.answered();
  w.event();
  assert.deepEqual(w.at, [1000], "one question at a time, and not again within the pause");
  await w.pass(pause);
  assert.deepEqual(w.at, [1000, 1020 + pause]);
  await w.answered();
  await w.pass(10 * pause);
  assert.equal(w.at.length, 2, "nothing new, nothing asked");
  w.event();
  assert.equal(w.at.length, 3);
});

test("looks: events without a pause do not put it off", async () => {
  const w = new World();
  for (let i = 0; i < 100; i++) {
    w.event();
    if (w.at.length && w.seen !== w.place) await w.answered();
    await w.pass(10);
  }
  assert.ok(w.at.length >= 9 && w.at.length <= 11, `${w.at.length} looks in a second`);
});

test("looks: one that failed is made again, also by who comes back meanwhile", async () => {
  const w = new World();
  w.fails = true;
  w.event();
  await w.answered();
  w.looks.rest();
  w.fails = false;
  w.looks.want();
  assert.equal(w.at.length, 1);
  await w.pass(retry);
  assert.equal(w.at.length, 2);
  await w.answered();
  assert.equal(w.seen, w.place);
});

test("looks: a page that holds back sees the first event at once, and those after it together", async () => {
  const w = new World();
  w.quiet = true;
  w.event();
  assert.deepEqual(w.at, [1000]);
  await w.answered();
  w.event();
  w.event();
  w.pass(quietPause - 1);
  assert.deepEqual(w.at, [1000]);
  w.pass(1);
  assert.deepEqual(w.at, [1000, 1000 + quietPause]);
  await w.answered();
});
