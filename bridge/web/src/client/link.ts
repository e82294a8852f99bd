// One connection to a node, without socket and timers: bytes and the time come in, bytes go out.
import { Frame, FrameName, FrameOf, Given, decodeFrame, encodeFrame } from "./frames";
import { Bytes, concat, random } from "./wire";

/** Why a connection is over. */
export interface Ending {
  /** Of a node's bye, or "lost": nothing came any more. */
  readonly reason: string;
  readonly detail: string;
  /** How long the node wants to be left alone; milliseconds. */
  readonly againMs: number;
}

/** What a node answered instead of what was asked for. */
export class Refusal extends Error {
  constructor(
    readonly reason: string,
    detail: string,
    readonly againMs: number,
  ) {
    super(detail || reason);
    this.name = "Refusal";
  }

  /** Whether the same may be taken later. */
  get passing(): boolean {
    return ["busy", "read-only", "no-grant", "lost"].includes(this.reason) || this.againMs > 0;
  }
}

export interface Hello {
  /** The page's store: 16 bytes. */
  readonly store: Bytes;
  readonly token?: string | undefined;
}

/** Who is told what comes. */
export interface Listener {
  welcome(w: FrameOf<"welcome">): void;
  /** What is no answer to a request. */
  frame(f: Frame): void;
  /** Once; nothing comes after it. */
  ended(why: Ending): void;
}

/** How often the node is to be heard of, and how long an answer to a ping may take; milliseconds. */
export interface Pace {
  readonly pingAfter: number;
  readonly deadline: number;
}

export type Answer = "proved" | "enrolled" | "following" | "done" | "ack" | "answer";
type Waiting = { readonly answer: Answer; readonly ok: (f: Frame) => void; readonly fail: (problem: unknown) => void };

/** From opening to welcome; milliseconds. */
export const GREETING_MS = 5000;

export class Link {
  /** Of hello, then of welcome: what proofs of this connection are bound to. */
  nonces: Bytes;
  /** The node's store; "" before welcome. */
  node = "";
  private over: Ending | undefined;
  private next = 1;
  private readonly asked = new Map<number, Waiting>();
  private heard: number;
  private pinged: number | undefined;

  constructor(
    private readonly out: (frame: Bytes) => void,
    private readonly on: Listener,
    hello: Hello,
    now: number,
  ) {
    this.nonces = random(16);
    this.heard = now;
    this.say("hello", { version: 1, nonce: this.nonces, store: hello.store, token: hello.token || undefined });
  }

  say<N extends FrameName>(is: N, fields: Given<N>): void {
    if (!this.over) this.out(encodeFrame(is, fields));
  }

  /** A number for a request or a session. */
  number(): number {
    return this.next++;
  }

  /** Sends a request; rejects with a Refusal. `at` is called with the answer before any frame that came after it is dealt with. */
  ask<A extends Answer, N extends FrameName>(answer: A, is: N, fields: Omit<Given<N>, "id">, at?: (f: FrameOf<A>) => void): Promise<FrameOf<A>> {
    if (this.over) return Promise.reject(new Refusal("lost", this.over.detail, 0));
    const id = this.number();
    return new Promise<FrameOf<A>>((ok, fail) => {
      const taken = (f: FrameOf<A>): void => {
        at?.(f);
        ok(f);
      };
      this.asked.set(id, { answer, ok: taken as (f: Frame) => void, fail });
      this.say(is, { ...fields, id } as unknown as Given<N>);
    });
  }

  /** Takes one message of the node. */
  take(b: Bytes, now: number): void {
    if (this.over) return;
    this.heard = now;
    this.pinged = undefined;
    let f: Frame;
    try {
      f = decodeFrame(b);
    } catch (problem) {
      this.say("bye", { reason: "malformed" });
      return this.end({ reason: "malformed", detail: String(problem), againMs: 0 });
    }
    this.deal(f);
  }

  private deal(f: Frame): void {
    switch (f.is) {
      case "welcome":
        this.nonces = concat(this.nonces.subarray(0, 16), f.nonce);
        this.node = f.store;
        return this.on.welcome(f);
      case "ping":
        return this.say("pong", { number: f.number });
      case "pong":
        return;
      case "bye":
        return this.end({ reason: f.reason, detail: f.detail ?? "", againMs: f.againMs ?? 0 });
    }
    const id = "id" in f ? (f.id ?? 0) : 0;
    const waiting = this.asked.get(id);
    if (!waiting) return this.on.frame(f);
    this.asked.delete(id);
    if (f.is === "problem") waiting.fail(new Refusal(f.name, f.detail ?? "", f.againMs ?? 0));
    else if (f.is === waiting.answer) waiting.ok(f);
    else waiting.fail(new Refusal("malformed", `${f.is} is no answer to this`, 0));
  }

  /** Looks at the time: pings, or finds that the node is gone. Returns after how many milliseconds to look again. */
  tick(now: number, pace: Pace): number {
    if (this.over) return Infinity;
    const silent = now - this.heard;
    if (!this.node) {
      if (silent >= GREETING_MS) this.end({ reason: "lost", detail: "the node does not answer", againMs: 0 });
      return GREETING_MS - silent;
    }
    if (this.pinged === undefined) {
      if (silent < pace.pingAfter) return pace.pingAfter - silent;
      this.probe(now);
      return pace.deadline;
    }
    const waited = now - this.pinged;
    if (waited >= pace.deadline) this.end({ reason: "lost", detail: "the node does not answer", againMs: 0 });
    return pace.deadline - waited;
  }

  /** Asks for a sign of life now: something says that the network may have changed. */
  probe(now: number): void {
    if (!this.node || this.over || this.pinged !== undefined) return;
    this.pinged = now;
    this.say("ping", { number: this.number() });
  }

  /** The connection is over; what was asked fails. */
  end(why: Ending): void {
    if (this.over) return;
    this.over = why;
    const asked = [...this.asked.values()];
    this.asked.clear();
    for (const a of asked) a.fail(new Refusal("lost", why.detail, 0));
    this.on.ended(why);
  }

  get ended(): boolean {
    return this.over !== undefined;
  }
}
