// Names: SHA-256 of whole envelopes, and keys made out of secrets.
import { sha256 as hashed } from "@noble/hashes/sha2.js";
import { Bytes, concat, hex, utf8 } from "./bytes";

/** 32 bytes in hexadecimal: the hash of an envelope, a log's ID, a public key. "" names nothing. */
export type Hash = string;

/** SHA-256 (FIPS 180-4). */
export const sha256 = (b: Bytes): Bytes => hashed(b);

export function sum(b: Bytes): Hash {
  return hex(sha256(b));
}

const block = 64; // bytes that SHA-256 works on at a time

/** HMAC-SHA256 (RFC 2104). */
export function mac(key: Bytes, ...parts: Bytes[]): Bytes {
  const k = new Uint8Array(block);
  k.set(key.length > block ? sha256(key) : key);
  return sha256(concat(k.map((b) => b ^ 0x5c), sha256(concat(k.map((b) => b ^ 0x36), ...parts))));
}

/** The second half of HKDF-SHA256 (RFC 5869). */
export function expand(prk: Bytes, info: Bytes, n: number): Bytes {
  let last = new Uint8Array();
  let out = last;
  for (let i = 1; out.length < n; i++) {
    last = mac(prk, last, info, Uint8Array.of(i)) as Uint8Array<ArrayBuffer>;
    out = concat(out, last) as Uint8Array<ArrayBuffer>;
  }
  return out.slice(0, n);
}

/** HKDF-SHA256; without salt, one of zeros. */
export function hkdf(secret: Bytes, salt: Bytes, info: Bytes, n: number): Bytes {
  return expand(mac(salt, secret), info, n);
}

/** D(secret, purpose, n) of docs/PROTOCOL.md, section 1. */
export function derive(secret: Bytes, purpose: string, n: number): Bytes {
  return hkdf(secret, new Uint8Array(), utf8("touchline/1 " + purpose), n);
}
