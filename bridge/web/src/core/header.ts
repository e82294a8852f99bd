// The protected header of an envelope: its form, and every rule that its own bytes decide.
import { malformed } from "./errors";
import { BULK, CONTROL, Header, LogSet, MAX_REFS, RECORDS } from "./event";
import type { Bytes } from "./bytes";
import { isSizeClass } from "./pad";
import { ValueOf, bigint, decodeAs, encodeAs, hexed, int, list, struct, tuple } from "./shape";

/** The wrapped key that begins a record's payload: nonce, key, tag. */
export const RECORD_KEY_SIZE = 24 + 32 + 16;

/** What XChaCha20-Poly1305 adds: nonce and tag. */
export const SEAL_OVERHEAD = 24 + 16;

const maxInt64 = (1n << 63n) - 1n;
const maxUint64 = (1n << 64n) - 1n;
const zero = "0".repeat(64);

const fields = tuple({
  version: int(1, 1),
  set: int(0, RECORDS),
  log: hexed(32, true),
  incarnation: hexed(8),
  seq: bigint(1n, maxInt64),
  prev: hexed(32, true),
  time: bigint(0n, maxUint64),
  ownMs: bigint(0n, maxInt64),
  grant: hexed(32, true),
  lane: int(0, BULK),
  epoch: hexed(32, true),
  refs: list(hexed(32), 0, MAX_REFS),
});

const protectedHeader = struct({ alg: int(-8, -8), kid: hexed(32), fields }, { alg: 1, kid: 4, fields: -65537 });

/** The protected header's bytes. */
export function encodeHeader(h: Header): Bytes {
  const { author, ...rest } = h;
  return encodeAs(protectedHeader, { alg: -8, kid: author, fields: { ...rest, version: 1, ownMs: BigInt(h.ownMs) } });
}

/** Reads a protected header that covers a payload of so many bytes; throws "malformed". */
export function decodeHeader(b: Bytes, payload: number): Header {
  const { kid, fields } = decodeAs(protectedHeader, b);
  const h = headerOf(kid, fields);
  checkHeader(h, payload);
  return h;
}

function headerOf(author: string, f: ValueOf<typeof fields>): Header {
  const { version: _, ...rest } = f;
  return { ...rest, author, set: f.set as LogSet, lane: f.lane as Header["lane"], ownMs: Number(f.ownMs) };
}

export function checkHeader(h: Header, payload: number): void {
  const founding = h.log === "";
  if (h.seq < 1n || h.seq > maxInt64 || (h.seq === 1n) !== (h.prev === "")) malformed("sequence number and previous hash disagree");
  if (founding && (h.set !== CONTROL || h.grant !== "" || h.seq !== 1n)) malformed("no log");
  if (!founding && h.grant === "") malformed("no grant");
  if (!(h.ownMs >= 0)) malformed("own clock before 1970");
  if (h.set === CONTROL && h.epoch !== "") malformed("control events are never sealed");
  if (!isSizeClass(payload - overhead(h))) malformed("payload is not padded to a size class");
  if (h.refs.length > MAX_REFS || h.refs.some((r, i) => r === zero || (i > 0 && h.refs[i - 1]! >= r))) malformed("references are not sorted and distinct");
  if ([h.log, h.prev, h.grant, h.epoch].includes(zero)) malformed("hash of zeros");
}

/** What a payload has beside the padded content. */
function overhead(h: Header): number {
  if (h.set === RECORDS) return RECORD_KEY_SIZE + SEAL_OVERHEAD;
  return h.epoch ? SEAL_OVERHEAD : 0;
}
