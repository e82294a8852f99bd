// Sealing: docs/PROTOCOL.md, section 6. XChaCha20-Poly1305 under keys derived for one purpose each, so
// that no ciphertext of one purpose means anything under another.
import { xchacha20poly1305 } from "@noble/ciphers/chacha.js";
import { Bytes, concat, equal, jsonObject, random, unhex, utf8 } from "../bytes";
import { refuse } from "../errors";
import { Event, Header, plainOf } from "../event";
import { Hash, derive, mac } from "../hash";
import { SEAL_OVERHEAD, encodeHeader } from "../header";
import { pad, unpad } from "../pad";
import { bytes, decodeAs, encodeAs, hexed, opt, string, struct, tuple } from "../shape";
import type { EpochKey } from "./epochkey";
import type { Carried } from "./kinds";
import { AUDIENCE_GUARDIANS, AUDIENCE_MATCH, AUDIENCE_STAFF } from "./role";

const nonceSize = 24;

/** S(key, purpose, bound, plain): nonce and ciphertext. */
export function seal(key: Bytes, purpose: string, bound: Bytes, plain: Bytes): Bytes {
  const nonce = random(nonceSize);
  return concat(nonce, xchacha20poly1305(derive(key, purpose, 32), nonce, bound).encrypt(plain));
}

/** Reads what `seal` made; throws "seal". */
export function unseal(key: Bytes, purpose: string, bound: Bytes, sealed: Bytes): Bytes {
  if (sealed.length < SEAL_OVERHEAD) refuse("seal", "too short");
  try {
    return xchacha20poly1305(derive(key, purpose, 32), sealed.subarray(0, nonceSize), bound).decrypt(sealed.subarray(nonceSize));
  } catch {
    return refuse("seal", "another key, or moved or changed");
  }
}

/** The payload of an event whose header, complete, names this epoch. */
export function sealPayload(k: EpochKey, h: Header, content: Bytes): Bytes {
  return seal(k.key, "seal payload", encodeHeader(h), pad(content));
}

/** The content of an event, sealed under this key or not sealed; throws "no-key" or "seal". */
export function openPayload(k: EpochKey | undefined, e: Event): Bytes {
  if (!e.epoch) return plainOf(e);
  if (k?.epoch !== e.epoch) return refuse("no-key", "no key for it on this device");
  return unpad(unseal(k.key, "seal payload", e.protectedHeader, e.payload));
}

/** What only a narrower audience may see of an event, beside a neutral stub that all readers see. */
export interface Part {
  readonly type: string;
  readonly team?: string | undefined;
  readonly data?: Readonly<Record<string, unknown>> | undefined;
}

const part = struct({ type: string(1, 64), team: opt(string(1, 14336)), data: opt(bytes(1, 14336)) }, { type: 1, team: 2, data: 3 });
const box = tuple({ epoch: hexed(32), sealed: bytes(SEAL_OVERHEAD, 14336) });

/** Which epoch's key opens a box; throws "malformed". */
export const epochOfBox = (b: Bytes): Hash => decodeAs(box, b).epoch;

/** Seals a part into a box of an event with this header, which is complete. */
export function sealBox(k: EpochKey, h: Header, p: Part): Bytes {
  const plain = encodeAs(part, { type: p.type, team: p.team || undefined, data: p.data && utf8(JSON.stringify(p.data)) });
  return encodeAs(box, { epoch: k.epoch, sealed: seal(k.key, "seal box", encodeHeader(h), pad(plain)) });
}

export function openBox(k: EpochKey, e: Event, b: Bytes): Part {
  const { epoch, sealed } = decodeAs(box, b);
  if (epoch !== k.epoch) refuse("no-key", "no key for it on this device");
  const p = decodeAs(part, unpad(unseal(k.key, "seal box", e.protectedHeader, sealed)));
  return { ...p, data: p.data && jsonObject(p.data) };
}

/** Binds an epoch's control event to its key, so that all who are given one are given the same. */
export const commitmentOf = (key: Bytes): Bytes => derive(key, "epoch commitment", 32);

/** Returns the key if it is the one committed to; throws "seal". */
export function committed(key: Bytes, commitment: Bytes): Bytes {
  return key.length === 32 && equal(commitmentOf(key), commitment) ? key : refuse("seal", "not the key that its epoch commits to");
}

/** The earlier epoch's key that a later one carries. */
export function openCarried(c: Carried, key: Bytes, commitment: Bytes, log: Hash): Bytes {
  return committed(unseal(key, "seal carried", unhex(log + c.epoch), c.key), commitment);
}

/** Who may read: all readers of the match, the staff of one team, or the guardians of one child. */
export interface Audience {
  readonly bit: number;
  /** Opaque name of the team or child; empty for the match. */
  readonly scope: Bytes;
}

export const everyone: Audience = { bit: AUDIENCE_MATCH, scope: new Uint8Array() };
export const staffOf = (secret: Bytes, team: string): Audience => ({ bit: AUDIENCE_STAFF, scope: scopeOf(secret, "staff", team) });

/** @param child its ID as a player of the team; no name of a person */
export const guardiansOf = (secret: Bytes, team: string, child: string): Audience => ({
  bit: AUDIENCE_GUARDIANS,
  scope: concat(scopeOf(secret, "staff", team), scopeOf(secret, "guardians", `${team}\0${child}`)),
});

function scopeOf(secret: Bytes, kind: string, label: string): Bytes {
  return mac(secret, utf8(`touchline/1 scope ${kind}\0${label}`)).subarray(0, 16);
}

export const isFor = (k: EpochKey, a: Audience): boolean => k.audience === a.bit && equal(k.scope, a.scope);
