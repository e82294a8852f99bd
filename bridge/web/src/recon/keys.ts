// Keys and proofs: docs/protocol-recon.md, sections 1 and 2.
import { Bytes, Digests, LogSet, PerSet, SET_NAMES, concat, mac, unhex, utf8 } from "../core";
import { uint64 } from "../core/bytes";
import { hkdf } from "../core/hash";
import { Item, nameBytes } from "./name";
import { sipHash } from "./sip";

/** Which side of a session this is. */
export const INITIATOR = 0;
export const RESPONDER = 1;
export type SessionRole = typeof INITIATOR | typeof RESPONDER;

const derive = (secret: Bytes, info: string, n: number, salt: Bytes = new Uint8Array()): Bytes => hkdf(secret, salt, utf8(info), n);

const perSet = (make: (name: string) => Bytes): PerSet<Bytes> => [make(SET_NAMES[0]), make(SET_NAMES[1]), make(SET_NAMES[2])];

/** The lasting keys of names in each set. */
export const indexKeys = (secret: Bytes): PerSet<Bytes> => perSet((name) => derive(secret, "touchline recon index " + name, 16));

export const tagKey = (secret: Bytes): Bytes => derive(secret, "touchline recon tag", 32);

/** @param initiator and responder their nonces of 16 bytes */
export const sessionKey = (secret: Bytes, initiator: Bytes, responder: Bytes): Bytes =>
  derive(secret, "touchline recon session", 32, concat(initiator, responder));

/** Proves in 8 bytes, to a verifier with the same secret and sets, that its sender has them too. */
export function newTag(secret: Bytes, verifierNonce: Bytes, sender: Bytes, d: Digests): Bytes {
  return mac(tagKey(secret), utf8("tag"), verifierNonce, digestBytes(d), sender).subarray(0, 8);
}

function digestBytes(d: Digests): Bytes {
  return concat(...d.sums.flatMap((sum, i) => [unhex(sum), uint64(d.counts[i as LogSet])]));
}

/** A moment at which two stores were proved equal. It is a hint. */
export interface SyncPoint {
  /** Names of the stores, 16 bytes. */
  readonly own: Bytes;
  readonly peer: Bytes;
  readonly ownArrival: number;
  readonly peerArrival: number;
  /** What arrived here after ownArrival. More than 2,048 make the point useless. */
  readonly since: readonly Item[];
}

/** What a session derives from its key. */
export class SessionKeys {
  readonly print: Bytes;
  private readonly mac: Bytes;
  private readonly short: PerSet<Bytes>;

  constructor(key: Bytes) {
    this.mac = derive(key, "mac", 32);
    this.print = derive(key, "print", 16);
    this.short = perSet((name) => derive(key, "short " + name, 16));
  }

  /** Names an item in width bits, at most 44. */
  shortId(i: Item, width: number): number {
    return Number(sipHash(this.short[i.set], nameBytes(i)) >> BigInt(64 - width));
  }

  /** Binds a role to what its three sets digest to. */
  proof(role: SessionRole, d: Digests): Bytes {
    return mac(this.mac, Uint8Array.of(0x64, role), digestBytes(d)).subarray(0, 16);
  }

  sync(p: SyncPoint, role: SessionRole): Bytes {
    const own = [p.own, uint64(p.ownArrival)];
    const peer = [p.peer, uint64(p.peerArrival)];
    return mac(this.mac, utf8("s"), ...(role === INITIATOR ? [...own, ...peer] : [...peer, ...own])).subarray(0, 8);
  }
}
