// A connection and the dialling of one, with a clock and sockets that the tests move.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Dialer, QUIET, WATCHED, pause } from "../src/client/dialer";
import { Frame, Given, FrameName, decodeFrame, encodeFrame } from "../src/client/frames";
import type { Host, SocketEvents } from "../src/client/host";
import { Ending, Refusal } from "../src/client/link";
import { random } from "../src/core";

const hash = "ab".repeat(32);
const limits = { frame: 16384, follows: 64, inFlight: 64, sessions: 4, idleMs: 90_000 };

/** A page, a clock, and the node's end of each socket. */
class World {
  time = 1_000_000;
  silent = false;
  hidden = false;
  readonly sockets: { readonly on: SocketEvents; readonly sent: Frame[]; closed: boolean }[] = [];
  readonly lost: Ending[] = [];
  readonly came: Frame[] = [];
  private readonly timers: { at: number; then: () => void }[] = [];
  readonly dialer: Dialer;

  constructor() {
    const host: Host = {
      now: () => this.time,
      later: (ms, then) => {
        const timer = { at: this.time + ms, then };
        this.timers.push(timer);
        return () => void (this.timers.includes(timer) && this.timers.splice(this.timers.indexOf(timer), 1));
      },
      dial: (_, on) => {
        const s = { on, sent: [] as Frame[], closed: false };
        this.sockets.push(s);
        return {
          send: (b) => {
            const f = decodeFrame(b);
            s.sent.push(f);
            if (f.is === "ping" && !this.silent) this.node("pong", { number: f.number });
          },
          close: () => void (s.closed = true),
        };
      },
      fetch: () => Promise.reject(new Error()),
      channel: () => ({ post: () => undefined, close: () => undefined }),
      quiet: () => this.hidden, offline: () => false, hints: () => () => undefined,
    };
    this.dialer = new Dialer(host, "ws://node/ws", () => ({ store: random(16) }), {
      welcome: () => undefined, heard: () => undefined, frame: (f) => void this.came.push(f),
      lost: (why) => {
        this.lost.push(why);
        return why.reason !== "token";
      },
    });
  }

  get socket() {
    return this.sockets[this.sockets.length - 1]!;
  }

  node<N extends FrameName>(is: N, fields: Given<N>): void {
    this.socket.on.message(encodeFrame(is, fields));
  }

  greet(): void {
    this.socket.on.open();
    this.node("welcome", { version: 1, nonce: random(16), store: "01".repeat(16), time: this.time, limits });
  }

  /** Lets time pass, timers in order. */
  pass(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const next = this.timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.time = Math.max(this.time, next.at);
      this.timers.splice(this.timers.indexOf(next), 1);
      next.then();
    }
    this.time = end;
  }
}

function live(): World {
  const w = new World();
  w.dialer.now();
  w.greet();
  return w;
}

test("link: a node that falls silent is noticed in less than five seconds, and not before it had time to answer", () => {
  const w = live();
  w.pass(60_000);
  assert.equal(w.lost.length, 0);
  w.silent = true;
  w.pass(WATCHED.deadline);
  assert.equal(w.lost.length, 0);
  w.pass(5000 - WATCHED.deadline);
  assert.deepEqual(w.lost.map((l) => l.reason), ["lost"]);
  assert.ok(w.sockets[0]!.closed);
});

test("link: an unwatched page keeps within a kilobyte a minute", () => {
  const w = live();
  w.hidden = true;
  w.pass(60_000);
  w.socket.sent.length = 0;
  w.pass(600_000);
  const bytes = w.socket.sent.length * 2 * 32; // frame and its answer, with headers
  assert.ok(w.socket.sent.length > 0 && bytes / 10 < 1000, `${bytes} bytes in ten minutes`);
  w.silent = true;
  w.pass(QUIET.pingAfter + QUIET.deadline);
  assert.equal(w.lost.length, 1);
});

test("link: whatever comes is a sign of life", () => {
  const w = live();
  w.silent = true;
  for (let i = 0; i < 100; i++) {
    w.pass(2000);
    w.node("caught", { match: hash, arrival: i });
  }
  assert.equal(w.lost.length, 0);
  assert.equal(w.socket.sent.filter((f) => f.is === "ping").length, 0);
});

test("link: answers go to who asked, also out of order, and fail with the connection", async () => {
  const w = live();
  const ask = () => w.dialer.link!.ask("done", "unfollow", { match: hash });
  const [one, two, three] = [ask(), ask(), ask()];
  const ids = w.socket.sent.filter((f) => f.is === "unfollow").map((f) => f.id);
  w.node("problem", { id: ids[1]!, name: "busy", status: 429, againMs: 1000 });
  w.node("done", { id: ids[0]! });
  assert.equal((await one).id, ids[0]);
  await assert.rejects(two, (err: Refusal) => err.reason === "busy" && err.passing && err.againMs === 1000);
  w.socket.on.closed();
  await assert.rejects(three, (err: Refusal) => err.reason === "lost");
});

test("link: what is no frame ends the connection", () => {
  const w = live();
  w.socket.on.message(Uint8Array.of(0xa0));
  assert.equal(w.lost[0]!.reason, "malformed");
  assert.equal(w.socket.sent.length > 0 && w.sockets[0]!.closed, true);
});

test("dialer: tries again within a second for two minutes, then within fifteen", () => {
  for (const chance of [0, 0.5, 1]) {
    for (const lostFor of [0, 60_000, 119_000]) assert.ok(pause(lostFor, 99, chance) <= 1000 && pause(lostFor, 99, chance) >= 300);
    assert.ok(pause(130_000, 9, chance) <= 15_000 && pause(130_000, 9, chance) >= 4500);
  }
  const w = live();
  w.socket.on.closed();
  for (let i = 0; i < 60; i++) {
    const before = w.sockets.length;
    w.pass(1000);
    assert.equal(w.sockets.length, before + 1, `after ${i} s`);
    w.socket.on.closed();
  }
  w.pass(300_000);
  const late = w.sockets.length;
  w.socket.on.closed();
  w.pass(60_000);
  assert.ok(w.sockets.length - late <= 20);
});

test("dialer: a socket that neither opens nor fails is given up; one that is late says nothing any more", () => {
  const w = new World();
  w.dialer.now();
  const old = w.socket;
  w.pass(7000);
  assert.ok(old.closed && w.sockets.length > 1);
  w.greet();
  old.on.closed();
  old.on.message(encodeFrame("bye", { reason: "closing" }));
  assert.ok(w.dialer.link?.node);
});

test("dialer: a hint dials at once, and makes a connection that is there show that it lives", () => {
  const w = live();
  w.pass(1000);
  w.silent = true;
  w.dialer.now();
  w.pass(WATCHED.deadline);
  assert.equal(w.lost.length, 1);
  const n = w.sockets.length;
  w.dialer.now();
  assert.equal(w.sockets.length, n + 1);
});

test("dialer: who is refused is left alone, who is asked to wait waits", () => {
  const w = live();
  w.node("bye", { reason: "token" });
  w.pass(600_000);
  assert.equal(w.sockets.length, 1);
  const v = live();
  v.node("bye", { reason: "limit", againMs: 5000 });
  v.pass(4900);
  assert.equal(v.sockets.length, 1);
  v.pass(200);
  assert.equal(v.sockets.length, 2);
});
