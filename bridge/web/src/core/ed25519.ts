// Ed25519 with exactly the verdicts of Go's crypto/ed25519: cofactorless, and the nonce point compared
// as bytes. The library's own verify multiplies by the cofactor and so accepts more; of the library here are the curve
// and its multiplication, which takes the same time for every secret.
import { edwards } from "@noble/curves/abstract/edwards.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { Bytes, concat, equal, hex, unhex } from "./bytes";

const p = (1n << 255n) - 19n;
const Point = edwards({
  p,
  n: (1n << 252n) + 27742317777372353535851937790883648493n,
  h: 8n,
  a: p - 1n,
  d: 37095705934669439343138083508754565189542113879843219016388785533085940283555n,
  Gx: 15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  Gy: 46316835694926478169428394003475163141307993866256225615783033603165251855960n,
});
const order = Point.Fn.ORDER;

/** A device's key: 32 bytes of seed, and its public half in hexadecimal. */
export interface SigningKey {
  readonly seed: Bytes;
  readonly public: string;
}

export function signingKey(seed: Bytes): SigningKey {
  return { seed, public: hex(Point.BASE.multiply(secretsOf(seed).scalar).toBytes()) };
}

/** RFC 8032, section 5.1.6. */
export function sign(key: SigningKey, message: Bytes): Bytes {
  const { scalar, prefix } = secretsOf(key.seed);
  const r = hashed(prefix, message);
  const nonce = Point.BASE.multiply(r).toBytes();
  const s = (r + hashed(nonce, unhex(key.public), message) * scalar) % order;
  return concat(nonce, Point.Fn.toBytes(s));
}

function secretsOf(seed: Bytes): { readonly scalar: bigint; readonly prefix: Bytes } {
  const h = sha512(seed);
  return { scalar: clamped(h), prefix: h.subarray(32) };
}

/** The scalar of a secret: its low half, with the bits set and cleared that RFC 8032 and RFC 7748 say. */
function clamped(secret: Bytes): bigint {
  const k = secret.slice(0, 32);
  k[0]! &= 248;
  k[31] = (k[31]! & 127) | 64;
  return littleEndian(k) % order;
}

const hashed = (...parts: Bytes[]): bigint => littleEndian(sha512(concat(...parts))) % order;

/**
 * The public half of an X25519 key (RFC 7748), over the curve that is here already: the two are the same in other
 * coordinates, u = (1 + y) / (1 - y).
 */
export function exchangePublic(secret: Bytes): Bytes {
  const { y } = Point.BASE.multiply(clamped(secret)).toAffine();
  return Point.Fp.toBytes(Point.Fp.div(1n + y, Point.Fp.create(1n - y)));
}

/** As Go's ed25519.Verify: half of `verifyStrict`, by which all signatures are checked. */
export function verify(key: Bytes, message: Bytes, signature: Bytes): boolean {
  const s = littleEndian(signature.subarray(32));
  if (key.length !== 32 || signature.length !== 64 || s >= order) return false;
  try {
    const a = Point.fromBytes(key, true);
    const h = hashed(signature.subarray(0, 32), key, message);
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

function strictPoint(b: Bytes): boolean {
  const y = b.slice();
  y[31]! &= 0x7f;
  return littleEndian(y) < p && !smallOrder.has(BigInt("0x" + hex(y)));
}

function littleEndian(b: Bytes): bigint {
  return BigInt("0x" + (hex(b.slice().reverse()) || "0"));
}
