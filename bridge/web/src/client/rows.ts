// What the database holds.
import type { Bytes, Hash } from "../core";
import type { RestEvent as Folded } from "../fold";
import type { Draft } from "./api";

/** This browser's part in one match: a key of its own, and the rights that nodes gave it. */
export interface MemberRow {
  readonly match: Hash;
  readonly seed: Bytes;
  readonly hpke: Bytes;
  /** Newest last; all for this key. */
  readonly grants: readonly GrantRow[];
}

export interface GrantRow {
  readonly grant: Hash;
  readonly role: number;
  /** Milliseconds since 1970; 0: no end. */
  readonly notAfter: number;
}

/** The last place of a chain. Each page that is opened begins chains of its own. */
export interface ChainRow {
  readonly incarnation: string;
  readonly seq: bigint;
  readonly prev: Hash;
}

/** A signed event of any set. */
export interface EventRow {
  readonly hash: Hash;
  readonly match: Hash;
  readonly envelope: Bytes;
}

/** What was recorded in this browser. */
export interface OwnRow {
  /** The event's own ID, by which it is one event however often it is sent. */
  readonly id: string;
  readonly match: Hash;
  /** When it was recorded; milliseconds since 1970. */
  readonly at: number;
  /** Its place in the order of the log. */
  readonly time: bigint;
  readonly draft: Draft;
  /** Its hash, once it is signed: here, or by a node. */
  readonly hash: Hash;
  /** Signed here: the envelope is among the events. */
  readonly signed: boolean;
  /** As a draft, a node may have it. */
  readonly tried: boolean;
  /** The store of the node that holds it, and where it holds it. */
  readonly node: string;
  readonly arrival: number;
  /** Devices that hold it, that node included; 0: not known. */
  readonly devices: number;
  readonly relay: boolean;
  /** Why no node takes it; "" otherwise. */
  readonly problem: string;
}

/** All up to this arrival at this node has been received. */
export interface PlaceRow {
  readonly match: Hash;
  readonly format: number;
  readonly node: string;
  readonly arrival: number;
}

/** An event as a node shows it. */
export interface ViewRow {
  readonly match: Hash;
  readonly hash: Hash;
  readonly event: RestEvent;
}

/** An event as `/v1/matches/{id}/events` has it. */
export interface RestEvent extends Folded {
  readonly sealed?: boolean;
}
