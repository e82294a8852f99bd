// Takes fields off a byte string; throws "malformed".
import { Bytes, hex } from "../core";
import { malformed } from "../core/errors";
import { Name, noPrefix } from "./name";

export class Reader {
  at = 0;
  constructor(readonly b: Bytes) {}

  get left(): number {
    return this.b.length - this.at;
  }

  take(n: number): Bytes {
    if (n > this.left) malformed("ends early");
    this.at += n;
    return this.b.subarray(this.at - n, this.at);
  }

  byte(): number {
    return this.take(1)[0]!;
  }

  uint64(): bigint {
    const b = this.take(8);
    return new DataView(b.buffer, b.byteOffset, 8).getBigUint64(0);
  }

  /** Unsigned LEB128 in its shortest form. */
  uvarint(): bigint {
    let v = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      v |= BigInt(byte & 0x7f) << shift;
      if (byte & 0x80 && shift < 63n) continue;
      if (v >> 64n || byte & 0x80 || (shift > 0n && byte === 0)) malformed("number");
      return v;
    }
  }

  /** How many items of at least size bytes follow. */
  count(size: number): number {
    const n = this.uvarint();
    if (n > 2 ** 30 || Number(n) * size > this.left) malformed("count");
    return Number(n);
  }

  /** An optional name: 0 none, 1 a time, 2 a time and a prefix. */
  bound(): Name | undefined {
    const form = this.byte();
    if (form === 0) return undefined;
    if (form > 2) malformed("bound");
    const time = this.uint64();
    const prefix = form === 1 ? noPrefix : hex(this.take(16));
    if (form === 2 && prefix === noPrefix) malformed("bound not in its shortest form");
    return { time, prefix };
  }
}
