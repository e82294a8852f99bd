// Erasable records (rule R8): names and words beside the log, each under its own key, which lies wrapped
// in front of the ciphertext. When all copies are destroyed, no key that is left opens one.
import { Bytes, concat, jsonObject, random, text, unhex } from "../bytes";
import { malformed } from "../errors";
import { Hash, derive, sum } from "../hash";
import { RECORD_KEY_SIZE } from "../header";
import { pad, unpad } from "../pad";
import { bigint, bytes, decodeAs, encodeAs, int, opt, string, struct } from "../shape";
import { seal, unseal } from "./seal";

export const NAME_RECORD = 1;
export const TEXT_RECORD = 2;
/** Fields of a legacy client that nobody here knows: a JSON object. */
export const FIELDS_RECORD = 3;

/** Consent, a bit set: what may be shown to those who are no members. Nothing is a refusal. */
export const CONSENT_FIRST_NAME = 1;
export const CONSENT_FULL_NAME = 2;
export const NEVER_SHOW = 4;

const maxRaw = 8192;

const shape = struct(
  { kind: int(1), subject: string(1, 128), body: bytes(1, maxRaw), consent: opt(bigint(1n, (1n << 64n) - 1n)) },
  { kind: 1, subject: 2, body: 3, consent: 4 },
);

export interface ErasableRecord {
  /** Kinds above the known ones are kept and not shown. */
  readonly kind: number;
  /** A player's opaque ID, or the hash of an event. */
  readonly subject: string;
  readonly body: Bytes;
  readonly consent: number;
}

/** The key around the records of a log that is not sealed: it keeps names from the network, not from members. */
export const openRecordKey = (topicSecret: Bytes): Bytes => derive(topicSecret, "open record key", 32);

/** The payload of a record under a fresh key, wrapped under `around`; throws "malformed". */
export function sealRecord(log: Hash, around: Bytes, r: ErasableRecord): Bytes {
  const plain = encodeAs(shape, { kind: r.kind, subject: r.subject, body: r.body, consent: r.consent ? BigInt(r.consent) : undefined });
  decodeRecord(plain);
  const key = random(32);
  const sealed = seal(key, "seal record", unhex(log), pad(plain));
  return concat(seal(around, "wrap record", unhex(log + sum(sealed)), key), sealed);
}

/** Reads the payload of a record; throws "malformed" or "seal". */
export function openRecord(log: Hash, around: Bytes, payload: Bytes): ErasableRecord {
  if (payload.length <= RECORD_KEY_SIZE) malformed("record is too short");
  const sealed = payload.subarray(RECORD_KEY_SIZE);
  const key = unseal(around, "wrap record", unhex(log + sum(sealed)), payload.subarray(0, RECORD_KEY_SIZE));
  return decodeRecord(unpad(unseal(key, "seal record", unhex(log), sealed)));
}

function decodeRecord(plain: Bytes): ErasableRecord {
  const r = decodeAs(shape, plain);
  if (r.kind === FIELDS_RECORD) jsonObject(r.body);
  if (r.kind === NAME_RECORD || r.kind === TEXT_RECORD) text(r.body);
  if (r.body.length > (r.kind === NAME_RECORD ? 256 : r.kind === TEXT_RECORD ? 4096 : maxRaw)) malformed("record is too long");
  return { ...r, consent: Number((r.consent ?? 0n) & 7n) };
}
