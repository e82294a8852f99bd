// Bits, highest first and padded with zeros to a byte, and what is made of them.
import { Bytes } from "../core";
import { malformed } from "../core/errors";
import type { Reader } from "./reader";

export class BitWriter {
  private readonly bytes: number[] = [];
  private free = 0;

  /** Writes the lowest bits of v, an integer below 2^53. */
  write(v: number, width: number): void {
    for (let i = width - 1; i >= 0; i--) {
      if (this.free === 0) this.bytes.push(0);
      this.free = (this.free + 7) % 8;
      this.bytes[this.bytes.length - 1]! |= (Math.floor(v / 2 ** i) % 2) << this.free;
    }
  }

  done(): Bytes {
    return Uint8Array.from(this.bytes);
  }
}

export class BitReader {
  private pos = 0;
  constructor(private readonly r: Reader) {}

  bit(): number {
    const byte = this.r.b[this.r.at + (this.pos >> 3)];
    if (byte === undefined) return malformed("ends early");
    return (byte >> (7 - (this.pos++ % 8))) & 1;
  }

  read(width: number): number {
    let v = 0;
    for (; width > 0; width--) v = 2 * v + this.bit();
    return v;
  }

  /** Checks that the rest of the byte is zero and moves the reader behind it. */
  close(): void {
    while (this.pos % 8) if (this.bit()) malformed("padding");
    this.r.at += this.pos >> 3;
  }
}

/** How many IDs a list has at most, and how long short ones are in bits. */
export const maxList = 2048;
export const maxShort = 44;
export const sketchWidth = 48;

/** Ascending distinct IDs below 2^width. */
export interface IdList {
  readonly width: number;
  readonly ids: readonly number[];
}

const bitLength = (n: number): number => 32 - Math.clz32(n);

/** The length of short IDs in a list of n. */
export const listWidth = (n: number): number => Math.min(20 + 2 * bitLength(n), maxShort);

const riceBits = (width: number, count: number): number => width - Math.min(width, bitLength(count));

/** The gaps of a list, Golomb–Rice coded. */
export function writeIds(l: IdList): Bytes {
  const w = new BitWriter();
  const k = riceBits(l.width, l.ids.length);
  let next = 0;
  for (const id of l.ids) {
    for (let q = Math.floor((id - next) / 2 ** k); q > 0; q--) w.write(1, 1);
    w.write(0, 1);
    w.write((id - next) % 2 ** k, k);
    next = id + 1;
  }
  return w.done();
}

export function readIds(r: Reader): IdList {
  const width = r.byte();
  const count = r.count(0);
  const k = riceBits(width, count);
  if (width < 1 || width > sketchWidth || count > maxList || count * (k + 1) > 8 * r.left) malformed("list of IDs");
  const bits = new BitReader(r);
  const ids: number[] = [];
  for (let next = 0; ids.length < count; ) {
    let q = 0;
    while (bits.bit() && q <= 2 ** (width - k)) q++;
    const id = next + q * 2 ** k + bits.read(k);
    if (id >= 2 ** width) malformed("ID out of range");
    ids.push(id);
    next = id + 1;
  }
  bits.close();
  return { width, ids };
}

export function writeBools(values: readonly boolean[]): Bytes {
  const w = new BitWriter();
  for (const v of values) w.write(v ? 1 : 0, 1);
  return w.done();
}

export function readBools(r: Reader): readonly boolean[] {
  const count = r.count(0);
  if (count > maxList || count > 8 * r.left) malformed("bits");
  const bits = new BitReader(r);
  const values = Array.from({ length: count }, () => bits.bit() === 1);
  bits.close();
  return values;
}
