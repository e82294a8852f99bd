// A connection and the dialling of one, with a clock and sockets that the tests move.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CALL_AFTER_MS, Dialer, QUIET, WATCHED, pause } from "../src/client/dialer";
import { Frame, Given, FrameName, decodeFrame, encodeFrame } from "../src/client/frames";
import type { Host } from "../src/client/host";
import type { Socket, SocketEvents } from "../src/client/socket";
import { Ending, Link, Refusal } from "../src/client/link";
import { random } from "../src/core";

const hash = "ab".repeat(32);
const limits = { frame: 16384, follows: 64, inFlight: 64, sessions: 4, idleMs: 90_000 };

/** A page, a clock, and the node's end of each socket. */
class World {
  time = 1_000_000;
  silent = false;
  hidden = false;
  sent = 0;
  received = 0;
  readonly sockets: { readonly on: SocketEvents; readonly sent: Frame[]; closed: boolean }[] = [];
  readonly calls: { readonly over: Link; readonly on: SocketEvents; readonly sent: Frame[]; closed: boolean }[] = [];
  /** The browser forbids calls. */
  failing = false;
  /** Whether something answers at the node's address; "void": nobody says no either. */
  address: undefined | "there" | "refuses" | "void";
  asked = 0;
  readonly greeted: string[] = [];
  readonly lost: Ending[] = [];
  readonly came: Frame[] = [];
  private readonly timers: { at: number; then: () => void }[] = [];
  readonly dialer: Dialer;

  constructor(channels = false) {
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
        return this.far(s);
      },
      call: (over, on) => {
        const c = { over, on, sent: [] as Frame[], closed: false };
        this.calls.push(c);
        // At once, since the tests' time does not wait for promises.
        const answer = (ok: (s: Socket) => void, no: (err: unknown) => void) => (this.failing ? no(new Error("forbidden")) : ok(this.far(c)));
        return { then: answer } as Promise<Socket>;
      },
      fetch: () => Promise.reject(new Error()),
      answers: () => Promise.reject(new Error()),
      channel: () => ({ post: () => undefined, close: () => undefined }),
      hidden: () => this.hidden, spare: () => "", offline: () => false, hints: () => () => undefined,
    };
    this.dialer = new Dialer(host, "ws://node/ws", () => ({ store: random(16) }), {
      welcome: (_, __, over) => void this.greeted.push(over), heard: () => undefined, frame: (f) => void this.came.push(f),
      lost: (why) => {
        this.lost.push(why);
        return why.reason !== "token";
      },
      there: () => (this.address ? this.askedFor() : undefined),
      spent: (sent, received) => {
        this.sent += sent;
        this.received += received;
      },
      quiet: () => this.hidden,
    }, channels);
  }

  /** At once or after two seconds, since the tests' time does not wait for promises. */
  private askedFor(): Promise<boolean> {
    this.asked++;
    const then = (say: (yes: boolean) => void): void => {
      if (this.address !== "void") say(this.address === "there");
      else this.timers.push({ at: this.time + 2000, then: () => say(this.address === "there") });
    };
    return { then } as Promise<boolean>;
  }

  /** The node's end of a connection: it answers pings while it is there. */
  private far(s: { readonly on: SocketEvents; readonly sent: Frame[]; closed: boolean }): Socket {
    return {
      send: (b) => {
        const f = decodeFrame(b);
        s.sent.push(f);
        if (f.is === "ping" && !this.silent) s.on.message(encodeFrame("pong", { number: f.number }));
      },
      close: () => void (s.closed = true),
    };
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

function live(channels = false): World {
  const w = new World(channels);
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

test("link: a page keeps within a kilobyte a minute while nothing happens, and far within it while nobody looks", () => {
  const w = live();
  for (const [hidden, most] of [[false, 1000], [true, 50]] as const) {
    w.hidden = hidden;
    w.pass(60_000);
    const before = w.sent + w.received;
    w.pass(600_000);
    const bytes = (w.sent + w.received - before) / 10;
    assert.ok(bytes > 0 && bytes <= most, `${bytes} bytes a minute`);
  }
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

test("dialer: no WebSocket is dialled into the void, and one soon after the path is back", () => {
  for (const dead of ["void", "refuses"] as const) {
    const w = live();
    w.silent = true;
    w.address = dead;
    w.pass(40_000);
    w.dialer.now(); // as a tap does
    assert.equal(w.sockets.length, 1, dead);
    assert.ok(w.asked >= 15 && w.asked <= 120, `${dead}: asked ${w.asked} times`);
    w.address = "there";
    const before = w.time;
    while (w.sockets.length === 1) w.pass(50);
    assert.ok(w.time - before <= 2000, `${dead}: ${w.time - before} ms`);
    w.silent = false;
    w.greet();
    w.pass(60_000);
    assert.equal(w.sockets.length, 2);
  }
});

test("dialer: an answer that comes when nobody waits for it any more dials nothing", () => {
  const w = live();
  w.address = "void";
  w.socket.on.closed();
  w.pass(1000);
  assert.equal(w.asked, 1);
  w.dialer.rest();
  w.address = "there";
  w.pass(60_000);
  assert.equal(w.sockets.length, 1);
});

test("dialer: readers whom a node lost together come back apart, also after a connection that was long", () => {
  const at = Array.from({ length: 50 }, () => {
    const w = live();
    w.pass(60_000);
    w.socket.on.closed();
    const before = w.time;
    while (w.sockets.length === 1) w.pass(10);
    return w.time - before;
  });
  assert.ok(Math.min(...at) >= 300 && Math.max(...at) - Math.min(...at) > 300, String(at));
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

// The data channel.

/** Calls for a channel over the connection that there is, and answers its greeting. */
function callFrom(w: World): World["calls"][number] {
  w.pass(CALL_AFTER_MS);
  return w.calls[w.calls.length - 1]!;
}

function greetOver(w: World, store = "01".repeat(16)): void {
  const c = w.calls[w.calls.length - 1]!;
  c.on.open();
  c.on.message(encodeFrame("welcome", { version: 1, nonce: random(16), store, time: w.time, limits }));
}

test("channel: it takes over when the node has greeted it; what was asked is asked again, and the WebSocket says goodbye", async () => {
  const w = live(true);
  const before = w.dialer.link!;
  const asked = before.ask("done", "unfollow", { match: hash });
  const call = callFrom(w);
  assert.equal(call.over, before);
  assert.equal(w.dialer.link, before);
  call.on.open();
  assert.equal(w.dialer.link, before, "an open channel is not a greeted one");
  const [hello] = call.sent;
  assert.ok(hello?.is === "hello" && hello.token === undefined);
  greetOver(w);
  await assert.rejects(asked, (err: Refusal) => err.passing);
  assert.deepEqual(w.greeted, ["websocket", "webrtc"]);
  assert.equal(w.sockets[0]!.sent.at(-1)!.is, "bye");
  assert.ok(w.sockets[0]!.closed && !call.closed);
  w.dialer.link!.say("fin", { session: 1 });
  assert.equal(call.sent.at(-1)!.is, "fin");
  assert.equal(w.lost.length, 0);
  w.sockets[0]!.on.closed();
  w.pass(60_000);
  assert.deepEqual([w.lost.length, w.sockets.length, w.calls.length], [0, 1, 1]);
});

test("channel: a black hole is noticed in less than five seconds, and a WebSocket dialled", () => {
  const w = live(true);
  callFrom(w);
  greetOver(w);
  w.pass(60_000);
  assert.equal(w.lost.length, 0);
  w.silent = true;
  w.pass(5000);
  assert.deepEqual(w.lost.map((l) => l.reason), ["lost"]);
  w.pass(1000);
  assert.ok(w.calls[0]!.closed && w.sockets.length === 2);
  w.silent = false;
  w.greet();
  callFrom(w);
  assert.equal(w.calls.length, 2, "one that lasted is tried again at once");
});

test("channel: one that does not come about changes nothing, and is tried ever more rarely", () => {
  for (const fault of ["no answer", "closed", "refused", "another node", "malformed"]) {
    const w = live(true);
    const at: number[] = [];
    for (let i = 0; i < 5; i++) {
      const n = w.calls.length;
      w.failing = fault === "refused";
      while (w.calls.length === n) w.pass(500);
      at.push(w.time);
      const c = w.calls[n]!;
      if (fault === "closed") c.on.closed();
      if (fault === "another node") greetOver(w, "02".repeat(16));
      if (fault === "malformed") (c.on.open(), c.on.message(Uint8Array.of(1)));
    }
    assert.deepEqual(w.greeted, ["websocket"], fault);
    assert.deepEqual([w.lost.length, w.sockets.length], [0, 1], fault);
    assert.ok(w.calls.slice(0, 4).every((c) => c.closed || fault === "refused" || fault === "closed"), fault);
    for (let i = 1; i < 4; i++) assert.ok(at[i + 1]! - at[i]! >= 1.5 * (at[i]! - at[i - 1]!), `${fault}: ${at}`);
  }
});

test("channel: it is not called for unless it is wanted and there is one, and a lost WebSocket ends the call", () => {
  const plain = live();
  plain.pass(600_000);
  assert.equal(plain.calls.length, 0);
  const w = live(true);
  const call = callFrom(w);
  w.socket.on.closed();
  assert.ok(call.closed);
  call.on.open();
  assert.equal(call.sent.length, 0);
  w.pass(1000);
  assert.equal(w.sockets.length, 2);
});

test("link: a page that is put away says so and tries nothing until it is back", () => {
  const w = live();
  w.dialer.rest();
  w.dialer.rest(); // pagehide, then freeze
  assert.deepEqual([w.socket.sent.at(-1)!.is, w.socket.closed, w.lost.length, w.sockets.length], ["bye", true, 1, 1]);
  w.pass(600_000);
  assert.equal(w.sockets.length, 1);
  w.dialer.now();
  assert.equal(w.sockets.length, 2);
  w.greet();
  assert.equal(w.greeted.length, 2);
  w.silent = true;
  w.pass(5000);
  w.pass(2000);
  assert.ok(w.sockets.length > 2, "and tries again by itself from then on");
});

test("link: a page that is put away while it dials tries nothing either", () => {
  const w = new World();
  w.dialer.now();
  w.dialer.rest();
  w.pass(600_000);
  assert.deepEqual([w.sockets.length, w.socket.closed], [1, true]);
});
