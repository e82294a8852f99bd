// What a page sees of the client: plain values, and stores that one subscribes to.
// A Store fits React's useSyncExternalStore as it is.

/** A value that changes. `get` returns the same object until it has changed. */
export interface Store<T> {
  get(): T;
  /** Calls back after each change; returns how to stop. */
  subscribe(changed: () => void): () => void;
}

/** Where an event has got to. Each step is proved, never guessed (promise 7). */
export type Reach =
  | "saved" /** durable in this browser */
  | "node" /** durable at the node this page talks to */
  | "devices" /** proved at other devices, see `holders` */
  | "refused"; /** the node will not take it; `problem` says why */

/** What carries the frames. */
export type Transport = "websocket" | "webrtc";

/** The link to the node. */
export interface Connection {
  readonly state: "connecting" | "live" | "reconnecting" | "offline" | "refused";
  /** Events of this browser that no node has acknowledged, in all matches. */
  readonly unsent: number;
  /** The node's address as shown to people. */
  readonly node: string;
  /** When anything was last heard from the node; milliseconds since 1970. */
  readonly lastHeard: number | null;
  /** What carries it; absent unless it is live. */
  readonly over?: Transport;
  /** With `refused`: what to tell the person. */
  readonly problem?: string;
  /** With `refused`: whether it is the token, that there is none and the node wants one, or this browser's own storage. */
  readonly why?: "token" | "closed" | "storage";
}

/** A match as it is listed. */
export interface MatchSummary {
  readonly id: string;
  readonly label: string;
  readonly role: string;
  readonly team?: boolean;
  /** The team that the right to record is bound to; absent: both. */
  readonly ofTeam?: string;
  /** Only members who may read it can. */
  readonly sealed?: boolean;
  /** It is sealed, and the node holds no key of it. */
  readonly blind?: boolean;
}

/** An event to record. Names and other words about people are not data: see DESIGN R8. */
export interface Draft {
  readonly type: string;
  readonly period?: number;
  readonly clockMs?: number;
  readonly teamId?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  /** Hashes of the events this one confirms, amends or retracts. */
  readonly refs?: readonly string[];
}

/** One event as this browser knows it. */
export interface LogEvent {
  readonly id: string;
  readonly hash: string;
  readonly type: string;
  readonly period?: number;
  readonly clockMs?: number;
  readonly teamId?: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly refs: readonly string[];
  readonly author: string;
  readonly role: string;
  readonly hlc: string;
  /** By the author's own clock; RFC 3339. */
  readonly createdAt: string;
  readonly verdict: string;
  readonly own: boolean;
  /** Of own events; what others recorded came from a node. */
  readonly reach: Reach;
  readonly problem?: string;
}

/** All that is known of a match. Immutable; a new one after each change. */
export interface MatchSnapshot<State> {
  readonly id: string;
  readonly events: readonly LogEvent[];
  /** Folded here where the events can be read here; else as the node gives it. */
  readonly state: State | null;
  /** Own events by reach. */
  readonly unsent: number;
  /** Devices that provably hold all of it, the node included; 0 while unknown. */
  readonly holders: number;
  /** Whether a relay is among them. */
  readonly atRelay: boolean;
  /** Whether all that the node held when last asked is here. */
  readonly current: boolean;
}

/** A followed match. */
export interface Match<State> extends Store<MatchSnapshot<State>> {
  readonly id: string;
  /** Resolves when the event is durable in this browser, whatever the network does. */
  record(draft: Draft): Promise<LogEvent>;
  /** Takes back an own event. */
  retract(hash: string): Promise<LogEvent>;
  /** Stops following; what is stored stays. */
  close(): void;
}

/** What a page may spend. Whatever it is, what is recorded is sent at once, and what others record comes at once. */
export interface Limits {
  /**
   * When to hold back: the node is asked less often whether it is there, so that one that is gone is noticed after 40
   * seconds instead of 5, and lists, statuses and comparisons wait. "auto", the default, does so when the system saves data,
   * the battery is below a fifth, or the budget is spent. A page that nobody looks at always holds back.
   */
  readonly saving?: "auto" | "always" | "never";
  /** Bytes an hour in both directions after which "auto" holds back; 0, the default: any number. */
  readonly budget?: number;
}

/** Why a page holds back. */
export type Holding = "" | "chosen" | "system" | "battery" | "budget";

/** What a page has spent since it was opened: bytes of frames and of answers to requests, without what lower layers add. */
export interface Usage {
  readonly sent: number;
  readonly received: number;
  /** In both directions. */
  readonly lastHour: number;
  readonly holding: Holding;
}

/** One per page. */
export interface Client<State> {
  readonly connection: Store<Connection>;
  /** Changes at most every ten seconds while holding stays the same. */
  readonly usage: Store<Usage>;
  readonly matches: Store<readonly MatchSummary[]>;
  match(id: string): Match<State>;
  /** Another node address, as after a change of DHCP address. What is unsent goes there. */
  move(url: string): void;
  /** Other limits from now on. */
  limit(limits: Limits): void;
  /** Everything of this browser's own that no node has, as a file to hand over. */
  exportUnsent(): Promise<Blob>;
  close(): void;
}

/** How to reach a node. */
export interface Options extends Limits {
  /** Default: the page's own origin. */
  readonly url?: string;
  /** As minted by `touchline token`; kept for the next visit. */
  readonly token?: string;
  /**
   * "webrtc" goes on over a data channel where browser and network allow it, and over the WebSocket where not. Default
   * "websocket": it costs an idle phone and the node less (docs/adr/0018-page-replica.md).
   */
  readonly transport?: Transport;
  /** Name of the database, for several replicas in one origin. */
  readonly database?: string;
}
