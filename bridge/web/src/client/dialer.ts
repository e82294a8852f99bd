// Keeps a connection to the node: dials, notices that it is gone, dials again. A WebSocket is always first; where a data
// channel is wanted it takes over once the node has greeted it, and whatever becomes of it, the next is a WebSocket again.
import type { Host } from "./host";
import { Ending, GREETING_MS, Hello, Link, Listener, Pace } from "./link";
import type { FrameOf } from "./frames";
import type { Transport } from "./api";
import type { Socket } from "./socket";
import type { Bytes } from "./wire";

/** While somebody looks, a node that is gone is noticed within the sum of the two. */
export const WATCHED: Pace = { pingAfter: 2500, deadline: 2000 };
/** While nobody does, or the page holds back. */
export const QUIET: Pace = { pingAfter: 30_000, deadline: 10_000 };

const eager = 120_000; // for so long after the link was lost pauses are short
const shortPause = 1000;
const longPause = 15_000;

/** From the welcome to the call for a data channel: what there is to send goes first. */
export const CALL_AFTER_MS = 1000;
/** From a call to the node's welcome over the channel. */
export const CALL_MS = 10_000;
/** A channel that lasted less was perhaps dead from the first: it counts as none. */
const proven = 5000;
const mostMisses = 6;

/** How long to wait before calling, after so many calls in a row that came to nothing; milliseconds. */
export const callPause = (misses: number): number => (misses ? 5000 * 2 ** Math.min(misses, mostMisses) : CALL_AFTER_MS);

/** How long to wait before the next try, so long after the link was lost; all in milliseconds. `chance` is from 0 to 1. */
export function pause(lostFor: number, tries: number, chance: number): number {
  const most = lostFor < eager ? shortPause : Math.min(longPause, shortPause * 2 ** Math.max(0, tries));
  return most * (0.3 + 0.7 * chance);
}

const unreached: Ending = { reason: "lost", detail: "the node cannot be reached", againMs: 0 };
const gone: Ending = { reason: "lost", detail: "the connection ended", againMs: 0 };

export interface DialerEvents extends Omit<Listener, "ended" | "welcome"> {
  /** Of each connection, and of a data channel that takes over from one that is still there. */
  welcome(w: FrameOf<"welcome">, link: Link, over: Transport): void;
  /** Something came, whatever it was. */
  heard(): void;
  /** Returns whether to try again. */
  lost(why: Ending): boolean;
  /** Whether anything answers at the node's address; undefined where that cannot be asked. Never rejects. */
  there(): Promise<boolean> | undefined;
  /** Bytes that went and came. */
  spent(sent: number, received: number): void;
  /** Whether the node is looked after less often. */
  quiet(): boolean;
}

export class Dialer {
  link: Link | undefined;
  private socket: Socket | undefined;
  private giveUp: (() => void) | undefined;
  private looking: (() => void) | undefined;
  private retry: (() => void) | undefined;
  private lostAt: number;
  private lateTries = 0;
  private closed = false;
  private resting = false;
  private triedAt = 0;
  private asking: Promise<boolean> | undefined; // whether the node is there
  private hangUp: (() => void) | undefined; // gives up the call that is under way or intended
  private misses = 0;
  private channelSince: number | undefined; // while the connection is one

  constructor(
    private readonly host: Host,
    private url: string,
    private readonly hello: () => Hello,
    private readonly on: DialerEvents,
    private readonly channels = false,
  ) {
    this.lostAt = host.now();
  }

  /** Dials if nothing is under way; a connection that is there has to show that it lives. */
  now(): void {
    if (this.closed) return;
    this.resting = false;
    this.lostAt = this.link?.node ? this.lostAt : this.host.now();
    if (this.link?.node) {
      this.link.probe(this.host.now());
      this.look();
    } else if (!(this.socket || this.asking) || this.host.now() - this.triedAt > GREETING_MS / 2) this.try();
  }

  /** Another address. */
  move(url: string): void {
    this.url = url;
    this.drop();
    this.lostAt = this.host.now();
    this.try();
  }

  /** The page is about to stand still: the node is told, and nothing is tried until now() is called. */
  rest(): void {
    if (this.closed || this.resting) return;
    this.resting = true;
    this.link?.say("bye", { reason: "closing" });
    this.over(gone);
  }

  close(): void {
    this.closed = true;
    this.link?.say("bye", { reason: "closing" });
    this.drop();
  }

  /** Dials where the node is there: after each WebSocket that came to nothing Firefox holds the next back for longer. */
  private try(): void {
    this.drop();
    this.triedAt = this.host.now();
    const asking = (this.asking = this.on.there());
    if (!asking) return this.dial();
    void asking.then((yes) => {
      if (this.asking !== asking) return;
      this.asking = undefined;
      if (yes) this.dial();
      else this.over(unreached);
    });
  }

  private dial(): void {
    this.giveUp = this.host.later(GREETING_MS, () => this.over(unreached));
    let socket: Socket;
    try {
      socket = this.host.dial(this.url, {
        open: () => this.opened(socket),
        message: (b) => {
          this.on.spent(0, b.length);
          if (this.socket !== socket) return;
          this.on.heard();
          this.link?.take(b, this.host.now());
        },
        closed: () => {
          if (this.socket === socket) this.over(gone);
        },
      });
    } catch (err) {
      return this.over({ reason: "lost", detail: String(err), againMs: 0 });
    }
    this.socket = socket;
  }

  private opened(socket: Socket): void {
    if (this.socket !== socket) return;
    const link: Link = this.greet(socket, this.hello(), (w) => {
      this.giveUp?.();
      this.lateTries = 0;
      this.on.welcome(w, link, "websocket");
      this.look();
      this.callLater(link);
    }, (why) => this.link === link && this.over(why));
    this.link = link;
  }

  private greet(socket: Socket, hello: Hello, welcome: Listener["welcome"], ended: Listener["ended"]): Link {
    const send = (b: Bytes): void => {
      this.on.spent(b.length, 0);
      socket.send(b);
    };
    return new Link(send, { welcome, ended, frame: (f) => this.on.frame(f) }, hello, this.host.now());
  }

  private callLater(under: Link): void {
    if (this.channels && this.host.call && this.link === under) this.hangUp = this.host.later(callPause(this.misses), () => this.call(under));
  }

  /** Calls for a data channel. Until it is greeted nothing changes for the connection that there is. */
  private call(under: Link): void {
    let socket: Socket | undefined;
    let link: Link | undefined;
    let over = false;
    const ended = (why: Ending): void => {
      if (this.socket && this.socket === socket) this.over(why);
      else miss();
    };
    const end = (): void => {
      over = true;
      late();
      socket?.close();
    };
    const miss = (): void => {
      if (over) return;
      end();
      this.misses++;
      this.callLater(under);
    };
    const late = this.host.later(CALL_MS, miss);
    this.hangUp = end;
    this.host.call!(under, {
      open: () => {
        if (over) return;
        const { store } = this.hello(); // who it is the node knows by the call
        link = this.greet(socket!, { store }, (w) => {
          if (over || w.store !== under.node) return miss();
          late();
          this.hangUp = undefined;
          this.carryOn(link!, socket!, w);
        }, ended);
      },
      message: (b) => {
        this.on.spent(0, b.length);
        if (over) return;
        this.on.heard();
        link?.take(b, this.host.now());
      },
      closed: () => ended(gone),
    }).then((s) => {
      socket = s;
      if (over) s.close();
    }, miss);
  }

  /** What was not answered over the old connection is asked again over this one: nothing that a page says counts twice. */
  private carryOn(link: Link, socket: Socket, w: FrameOf<"welcome">): void {
    const [before, old] = [this.link, this.socket];
    [this.link, this.socket, this.channelSince] = [link, socket, this.host.now()];
    this.on.welcome(w, link, "webrtc");
    before?.say("bye", { reason: "closing" });
    before?.end(gone);
    old?.close();
    this.look();
  }

  /** Looks at the link now, and again when it says. */
  private look(): void {
    this.looking?.();
    const { link } = this;
    if (!link || link.ended) return;
    const wait = link.tick(this.host.now(), this.on.quiet() ? QUIET : WATCHED);
    if (!link.ended) this.looking = this.host.later(Math.max(50, wait), () => this.look());
  }

  private over(why: Ending): void {
    const was = this.link?.node;
    if (this.channelSince !== undefined) this.misses = this.host.now() - this.channelSince < proven ? this.misses + 1 : 0;
    this.drop();
    if (was) this.lostAt = this.host.now();
    if (this.closed || !this.on.lost(why) || this.resting) return;
    const lostFor = this.host.now() - this.lostAt;
    if (lostFor >= eager) this.lateTries++;
    // A try that took long was a pause, too. But readers whom one node lost together do not come back together.
    const most = pause(lostFor, this.lateTries, Math.random());
    const rest = was ? most : Math.max(most / 10, most - (this.host.now() - this.triedAt));
    this.retry = this.host.later(Math.max(why.againMs, rest), () => this.try());
  }

  /** Ends whatever is there or under way, without telling anybody but the link's own waiters. */
  private drop(): void {
    const { link, socket } = this;
    [this.link, this.socket, this.channelSince, this.asking] = [undefined, undefined, undefined, undefined];
    for (const stop of [this.giveUp, this.looking, this.retry, this.hangUp]) stop?.();
    link?.end(gone);
    socket?.close();
  }
}
