// The envelope: COSE_Sign1 (RFC 9052, tag 18) in deterministic CBOR. docs/PROTOCOL.md, section 2.
import { Bytes, concat, unhex, utf8 } from "./bytes";
import { encodeCbor } from "./cbor";
import { SigningKey, sign, verifyStrict } from "./ed25519";
import { malformed, refuse } from "./errors";
import { Event, Header, LogSet, MAX_EVENT, SET_NAMES } from "./event";
import { sum } from "./hash";
import { checkHeader, decodeHeader, encodeHeader } from "./header";
import { Shape, bytes, decodeAs, encodeAs, tuple } from "./shape";

const tag = 0xc0 | 18;

const empty: Shape<null> = {
  read: (v) => (v instanceof Map && v.size === 0 ? null : malformed("unprotected header")),
  write: () => ({}),
};

const sign1 = tuple({ protectedHeader: bytes(0, MAX_EVENT), unprotected: empty, payload: bytes(0, MAX_EVENT), signature: bytes(64) });

/** What is to be signed: everything but the author, who is the key. */
export type Draft = Omit<Header, "author"> & { readonly payload: Bytes };

/** Throws "malformed" or "too-large". */
export function signEvent(key: SigningKey, draft: Draft): Event {
  const { payload, ...rest } = draft;
  const h: Header = { ...rest, author: key.public };
  checkHeader(h, payload.length);
  const protectedHeader = encodeHeader(h);
  const signature = sign(key, toBeSigned(h.set, protectedHeader, payload));
  const envelope = concat(Uint8Array.of(tag), encodeAs(sign1, { protectedHeader, unprotected: null, payload, signature }));
  if (envelope.length > MAX_EVENT) refuse("too-large", "event is larger than 15 KiB");
  return { ...h, payload, hash: sum(envelope), envelope, protectedHeader, signature };
}

/**
 * Parses an envelope and checks all that its clear bytes alone decide, except the signature. Keeps a
 * reference to b. Throws "malformed" or "too-large".
 */
export function decodeEvent(b: Bytes): Event {
  if (b.length > MAX_EVENT) refuse("too-large", "event is larger than 15 KiB");
  if (b[0] !== tag) malformed("not a tagged COSE_Sign1");
  const { protectedHeader, payload, signature } = decodeAs(sign1, b.subarray(1));
  const h = decodeHeader(protectedHeader, payload.length);
  return { ...h, payload, hash: sum(b), envelope: b, protectedHeader, signature };
}

/** Checks the signature strictly; throws "signature". */
export function verifyEvent(e: Event): void {
  if (!verifyStrict(unhex(e.author), toBeSigned(e.set, e.protectedHeader, e.payload), e.signature)) refuse("signature", "bad signature");
}

/** Parses and verifies. */
export function openEvent(b: Bytes): Event {
  const e = decodeEvent(b);
  verifyEvent(e);
  return e;
}

function toBeSigned(set: LogSet, protectedHeader: Bytes, payload: Bytes): Bytes {
  return encodeCbor(["Signature1", protectedHeader, utf8("touchline/1 " + SET_NAMES[set]), payload]);
}
