// What a session is given, and what it asks of its caller.
import type { Bytes, Digests, Element, PerSet } from "../core";
import type { SessionRole, SyncPoint } from "./keys";
import type { Item } from "./name";

/** Bounds on what a peer can make a session do. */
export const LIMITS = { cells: 32768, retries: 3, frames: 8192, window: 8 } as const;

export interface SessionConfig {
  readonly role: SessionRole;
  /** Takes the place of the topic secret. */
  readonly secret: Bytes;
  /** Of both nonces: `sessionKey`. */
  readonly key: Bytes;
  /** The three sets at one moment, in order: `Log.elements`. */
  readonly elements: PerSet<readonly Element[]>;
  /** Of the same moment. */
  readonly digests: Digests;
  /** List whole hashes at once: for a log whose digests differed after a session. */
  readonly full?: boolean;
  /** The last moment at which both sides were proved equal, if it is remembered. */
  readonly sync?: SyncPoint | undefined;
}

export interface Output {
  /** The next flight: frames to be sent in order. Empty while the peer has not finished its own. */
  readonly reply: readonly Bytes[];
  /** What the peer lacks: its bodies go out in this order. No item is named twice in a session. */
  readonly send: readonly Item[];
  /** What the peer was asked for, where full names are known: only in a full listing. */
  readonly want: readonly Item[];
  /** Nothing more will be exchanged. Bodies may still be on their way. */
  readonly done: boolean;
  /** The peer has proved that its three digests are ours. */
  readonly equal: boolean;
}
