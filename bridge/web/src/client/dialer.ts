// Keeps a connection to the node: dials, notices that it is gone, dials again.
import type { Host, Socket } from "./host";
import { Ending, GREETING_MS, Hello, Link, Listener, Pace } from "./link";
import type { FrameOf } from "./frames";

/** While somebody looks, a node that is gone is noticed within the sum of the two. */
export const WATCHED: Pace = { pingAfter: 2500, deadline: 2000 };
/** While nobody does, or data are to be saved. */
export const QUIET: Pace = { pingAfter: 30_000, deadline: 10_000 };

const eager = 120_000; // for so long after the link was lost pauses are short
const shortPause = 1000;
const longPause = 15_000;

/** How long to wait before the next try, so long after the link was lost; all in milliseconds. `chance` is from 0 to 1. */
export function pause(lostFor: number, tries: number, chance: number): number {
  const most = lostFor < eager ? shortPause : Math.min(longPause, shortPause * 2 ** Math.max(0, tries));
  return most * (0.3 + 0.7 * chance);
}

export interface DialerEvents extends Omit<Listener, "ended" | "welcome"> {
  welcome(w: FrameOf<"welcome">, link: Link): void;
  /** Something came, whatever it was. */
  heard(): void;
  /** Returns whether to try again. */
  lost(why: Ending): boolean;
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
  private dialledAt = 0;

  constructor(
    private readonly host: Host,
    private url: string,
    private readonly hello: () => Hello,
    private readonly on: DialerEvents,
  ) {
    this.lostAt = host.now();
  }

  /** Dials if nothing is under way; a connection that is there has to show that it lives. */
  now(): void {
    if (this.closed) return;
    this.lostAt = this.link?.node ? this.lostAt : this.host.now();
    if (this.link?.node) {
      this.link.probe(this.host.now());
      this.look();
    } else if (!this.socket || this.host.now() - this.dialledAt > GREETING_MS / 2) this.dial();
  }

  /** Another address. */
  move(url: string): void {
    this.url = url;
    this.drop();
    this.lostAt = this.host.now();
    this.dial();
  }

  close(): void {
    this.closed = true;
    this.link?.say("bye", { reason: "closing" });
    this.drop();
  }

  private dial(): void {
    this.drop();
    this.dialledAt = this.host.now();
    this.giveUp = this.host.later(GREETING_MS, () => this.over({ reason: "lost", detail: "the node cannot be reached", againMs: 0 }));
    let socket: Socket;
    try {
      socket = this.host.dial(this.url, {
        open: () => this.opened(socket),
        message: (b) => {
          if (this.socket !== socket) return;
          this.on.heard();
          this.link?.take(b, this.host.now());
        },
        closed: () => {
          if (this.socket === socket) this.over({ reason: "lost", detail: "the connection ended", againMs: 0 });
        },
      });
    } catch (err) {
      return this.over({ reason: "lost", detail: String(err), againMs: 0 });
    }
    this.socket = socket;
  }

  private opened(socket: Socket): void {
    if (this.socket !== socket) return;
    const link: Link = new Link((b) => socket.send(b), {
      welcome: (w) => {
        this.giveUp?.();
        this.lateTries = 0;
        this.on.welcome(w, link);
        this.look();
      },
      frame: (f) => this.on.frame(f),
      ended: (why) => {
        if (this.link === link) this.over(why);
      },
    }, this.hello(), this.host.now());
    this.link = link;
  }

  /** Looks at the link now, and again when it says. */
  private look(): void {
    this.looking?.();
    const { link } = this;
    if (!link || link.ended) return;
    const wait = link.tick(this.host.now(), this.host.quiet() ? QUIET : WATCHED);
    if (!link.ended) this.looking = this.host.later(Math.max(50, wait), () => this.look());
  }

  private over(why: Ending): void {
    const was = this.link?.node;
    this.drop();
    if (was) this.lostAt = this.host.now();
    if (this.closed || !this.on.lost(why)) return;
    const lostFor = this.host.now() - this.lostAt;
    if (lostFor >= eager) this.lateTries++;
    this.retry = this.host.later(Math.max(why.againMs, pause(lostFor, this.lateTries, Math.random())), () => this.dial());
  }

  /** Ends whatever is there or under way, without telling anybody but the link's own waiters. */
  private drop(): void {
    const { link, socket } = this;
    [this.link, this.socket] = [undefined, undefined];
    for (const stop of [this.giveUp, this.looking, this.retry]) stop?.();
    link?.end({ reason: "lost", detail: "the connection ended", againMs: 0 });
    socket?.close();
  }
}
