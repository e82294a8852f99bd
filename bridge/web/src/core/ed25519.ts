// Ed25519 with exactly the verdicts of Go's crypto/ed25519: cofactorless, and the nonce point compared
// as bytes. The library's own verify multiplies by the cofactor and so accepts more.
import { ed25519 } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { Bytes, concat, equal, hex } from "./bytes";

const { Point } = ed25519;
const order = Point.Fn.ORDER;

/** A device's key: 32 bytes of seed, and its public half in hexadecimal. */
export interface SigningKey {
  readonly seed: Bytes;
  readonly public: string;
}

export function signingKey(seed: Bytes): SigningKey {
  return { seed, public: hex(ed25519.getPublicKey(seed)) };
}

export function sign(key: SigningKey, message: Bytes): Bytes {
  return ed25519.sign(message, key.seed);
}

/**
 * The public half of an X25519 key (RFC 7748), over the curve that is here already: the two are the same in other
 * coordinates, u = (1 + y) / (1 - y).
 */
export function exchangePublic(secret: Bytes): Bytes {
  const k = secret.slice();
  k[0]! &= 248;
  k[31] = (k[31]! & 127) | 64;
  const { y } = Point.BASE.multiply(littleEndian(k) % order).toAffine();
  return Point.Fp.toBytes(Point.Fp.div(1n + y, Point.Fp.create(1n - y)));
}

/** As Go's ed25519.Verify: half of `verifyStrict`, by which all signatures are checked. */
export function verify(key: Bytes, message: Bytes, signature: Bytes): boolean {
  const s = littleEndian(signature.subarray(32));
  if (key.length !== 32 || signature.length !== 64 || s >= order) return false;
  try {
    const a = Point.fromBytes(key, true);
    const h = littleEndian(sha512(concat(signature.subarray(0, 32), key, message))) % order;
    const r = Point.BASE.multiplyUnsafe(s).add(a.negate().multiplyUnsafe(h));
    return equal(r.toBytes(), signature.subarray(0, 32));
  } catch {
    return false; // not on the curve
  }
}

/** As `verify`, and neither key nor nonce point of small order or in a second encoding (rule R3). */
export function verifyStrict(key: Bytes, message: Bytes, signature: Bytes): boolean {
  return strictPoint(key) && strictPoint(signature.subarray(0, 32)) && verify(key, message, signature);
}

// The y of the eight points of small order.
const smallOrder = new Set(
  [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  ].map((y) => BigInt("0x" + y)),
);

const p = (1n << 255n) - 19n;

function strictPoint(b: Bytes): boolean {
  const y = b.slice();
  y[31]! &= 0x7f;
  return littleEndian(y) < p && !smallOrder.has(BigInt("0x" + hex(y)));
}

function littleEndian(b: Bytes): bigint {
  return BigInt("0x" + (hex(b.slice().reverse()) || "0"));
}
