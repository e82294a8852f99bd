// Byte strings. They are shared, not copied: nobody changes one after handing it on.
import { bytesToHex, concatBytes, hexToBytes } from "@noble/hashes/utils.js";
import { malformed } from "./errors";

export type Bytes = Uint8Array;

/** Lower-case hexadecimal digits. Of equal lengths, they sort as the bytes do. */
export const hex: (b: Bytes) => string = bytesToHex;

export const concat: (...parts: Bytes[]) => Bytes = concatBytes;

/** Reads what `hex` writes; throws "malformed". */
export function unhex(s: string): Bytes {
  if (!/^([0-9a-f]{2})*$/.test(s)) malformed("not hexadecimal");
  return hexToBytes(s);
}

export function equal(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  let differ = 0;
  for (let i = 0; i < a.length; i++) differ |= a[i]! ^ b[i]!;
  return differ === 0;
}

const encoder = new TextEncoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

export function utf8(s: string): Bytes {
  return encoder.encode(s);
}

/** Throws "malformed" for what is not UTF-8. */
export function text(b: Bytes): string {
  try {
    return strict.decode(b);
  } catch {
    return malformed("not UTF-8");
  }
}

/** A JSON object. Bytes inside strings that are not UTF-8 read as U+FFFD, as they do in Go. */
export function jsonObject(b: Bytes): Readonly<Record<string, unknown>> {
  if (b[0] !== 0x7b) malformed("not a JSON object");
  try {
    return JSON.parse(lenient.decode(b)) as Record<string, unknown>;
  } catch {
    return malformed("not JSON");
  }
}

/** 64-bit big endian. */
export function uint64(v: bigint | number): Bytes {
  const b = new Uint8Array(8);
  new DataView(b.buffer).setBigUint64(0, BigInt(v));
  return b;
}

/** Unsigned LEB128. */
export function uvarint(v: bigint | number): Bytes {
  const out: number[] = [];
  let n = BigInt(v);
  for (; n >= 0x80n; n >>= 7n) out.push(Number(n & 0x7fn) | 0x80);
  out.push(Number(n));
  return Uint8Array.from(out);
}

/** From the system. Works on plain http too. */
export function random(n: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(n));
}
