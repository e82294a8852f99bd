// SipHash-2-4, in halves of 32 bits: it is called for every element of a log.
import type { Bytes } from "../core";

/** @param key 16 bytes */
export function sipHash(key: Bytes, data: Bytes): bigint {
  const k = new DataView(key.buffer, key.byteOffset, 16);
  const v = new Uint32Array([0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462]);
  for (let i = 0; i < 8; i++) v[i]! ^= k.getUint32(4 * (i % 4), true);
  const padded = new Uint8Array((data.length & ~7) + 8);
  padded.set(data);
  padded[padded.length - 1] = data.length;
  const words = new DataView(padded.buffer);
  for (let at = 0; at < padded.length; at += 8) {
    const low = words.getUint32(at, true);
    const high = words.getUint32(at + 4, true);
    v[6]! ^= low;
    v[7]! ^= high;
    round(v);
    round(v);
    v[0]! ^= low;
    v[1]! ^= high;
  }
  v[4]! ^= 0xff;
  for (let i = 0; i < 4; i++) round(v);
  return (BigInt((v[1]! ^ v[3]! ^ v[5]! ^ v[7]!) >>> 0) << 32n) | BigInt((v[0]! ^ v[2]! ^ v[4]! ^ v[6]!) >>> 0);
}

function round(v: Uint32Array): void {
  mix(v, 0, 2, 13);
  turn(v, 0);
  mix(v, 4, 6, 16);
  mix(v, 0, 6, 21);
  mix(v, 4, 2, 17);
  turn(v, 4);
}

/** a += b; b = rotate(b, by) ^ a. Both name the low half of a word. */
function mix(v: Uint32Array, a: number, b: number, by: number): void {
  const low = v[a]! + v[b]!;
  v[a + 1]! += v[b + 1]! + (low > 0xffffffff ? 1 : 0);
  v[a] = low;
  const l = v[b]!;
  const h = v[b + 1]!;
  v[b] = ((l << by) | (h >>> (32 - by))) ^ v[a]!;
  v[b + 1] = ((h << by) | (l >>> (32 - by))) ^ v[a + 1]!;
}

/** Rotates a word by 32. */
function turn(v: Uint32Array, a: number): void {
  const low = v[a]!;
  v[a] = v[a + 1]!;
  v[a + 1] = low;
}
