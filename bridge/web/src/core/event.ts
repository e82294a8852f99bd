// An event: an immutable signed envelope and what its clear bytes say.
import type { Bytes } from "./bytes";
import { malformed, refuse } from "./errors";
import type { Hash } from "./hash";
import { unpad } from "./pad";

/** The three sets of a log (rule R2), in the order in which they travel. */
export const CONTROL = 0;
export const EVENTS = 1;
export const RECORDS = 2;
export type LogSet = typeof CONTROL | typeof EVENTS | typeof RECORDS;
export const SETS: readonly LogSet[] = [CONTROL, EVENTS, RECORDS];
export const SET_NAMES = ["control", "events", "records"] as const;

/** One value for each set. */
export type PerSet<T> = readonly [T, T, T];

export const LIVE = 0;
export const BULK = 1;
export type Lane = typeof LIVE | typeof BULK;

export const MAX_EVENT = 15 << 10;
export const MAX_REFS = 64;

/** What is always in clear. It names no kind and no severity. */
export interface Header {
  readonly set: LogSet;
  /** "" in a founding record only, whose hash becomes the log's ID. */
  readonly log: Hash;
  /** Ed25519 public key. */
  readonly author: Hash;
  /** 8 bytes, hexadecimal: tells apart the chains of one key. */
  readonly incarnation: string;
  /** Place in the chain, from 1. */
  readonly seq: bigint;
  /** Hash of the event before in the chain; "" at the first place. */
  readonly prev: Hash;
  /** Hybrid logical time: the log's order, never shown. */
  readonly time: bigint;
  /** The author's own clock, milliseconds since 1970. Absurd ones are rounded. */
  readonly ownMs: number;
  /** The control event that lets the author write; "" in a founding record only. */
  readonly grant: Hash;
  readonly lane: Lane;
  /** Names the key that seals the payload; "" when it is open. */
  readonly epoch: Hash;
  /** Events this one speaks of; ascending, distinct. */
  readonly refs: readonly Hash[];
}

export interface Event extends Header {
  /** Padded content, or nonce and ciphertext. */
  readonly payload: Bytes;
  /** The identity of the event. */
  readonly hash: Hash;
  /** The signed bytes. */
  readonly envelope: Bytes;
  /** The protected header's bytes, which signature and seal cover. */
  readonly protectedHeader: Bytes;
  readonly signature: Bytes;
}

/** An event's place in the order of its set. */
export interface Element {
  readonly time: bigint;
  readonly hash: Hash;
}

/** By time, ties by hash. */
export function compareElements(a: Element, b: Element): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  return a.hash < b.hash ? -1 : a.hash > b.hash ? 1 : 0;
}

export const isFounding = (e: Header): boolean => e.log === "";

/** The log that an event belongs to: for a founding record, the one it founds. */
export const logOf = (e: Event): Hash => e.log || e.hash;

/** The content of an open payload. Records are never open: their key is wrapped in them. */
export function plainOf(e: Event): Bytes {
  if (e.epoch) return refuse("no-key", "the event is sealed");
  if (e.set === RECORDS) return malformed("a record is never open");
  return unpad(e.payload);
}
