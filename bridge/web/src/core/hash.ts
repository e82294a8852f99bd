// Names: SHA-256 of whole envelopes, and keys made out of secrets.
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { Bytes, concat, hex, utf8 } from "./bytes";

/** 32 bytes in hexadecimal: the hash of an envelope, a log's ID, a public key. "" names nothing. */
export type Hash = string;

export { sha256 };

export function sum(b: Bytes): Hash {
  return hex(sha256(b));
}

/** D(secret, purpose, n) of docs/PROTOCOL.md, section 1. */
export function derive(secret: Bytes, purpose: string, n: number): Bytes {
  return hkdf(sha256, secret, undefined, utf8("touchline/1 " + purpose), n);
}

export function mac(key: Bytes, ...parts: Bytes[]): Bytes {
  return hmac(sha256, key, concat(...parts));
}
