// Deterministic CBOR (RFC 8949, section 4.2.1), as much of it as the protocol uses: integers, byte and
// text strings, arrays, maps with integer keys, false, true, null. A value has exactly one encoding and
// nothing else is read, so that whoever decodes the same bytes decodes the same thing.
import { Bytes, concat, text, uint64, utf8 } from "./bytes";
import { malformed } from "./errors";

/** What decodes. Integers are numbers as far as they are exact, else bigints. */
export type Cbor = null | boolean | number | bigint | string | Bytes | readonly Cbor[] | ReadonlyMap<number, Cbor>;

/** What encodes: also objects with integer keys; undefined fields are left out. */
export type Encodable =
  | null
  | boolean
  | number
  | bigint
  | string
  | Bytes
  | readonly Encodable[]
  | ReadonlyMap<number, Encodable>
  | { readonly [key: number]: Encodable | undefined };

const maxDepth = 16;
const maxItems = 1024;
const maxPairs = 256;

export function encodeCbor(v: Encodable): Bytes {
  const parts: Bytes[] = [];
  write(parts, v);
  return concat(...parts);
}

function write(out: Bytes[], v: Encodable): void {
  if (v === null) out.push(Uint8Array.of(0xf6));
  else if (typeof v === "boolean") out.push(Uint8Array.of(v ? 0xf5 : 0xf4));
  else if (typeof v === "number" || typeof v === "bigint") out.push(integer(v));
  else if (typeof v === "string") string(out, 3, utf8(v));
  else if (v instanceof Uint8Array) string(out, 2, v);
  else if (Array.isArray(v)) {
    out.push(head(4, v.length));
    for (const item of v) write(out, item as Encodable);
  } else map(out, v as ReadonlyMap<number, Encodable> | { [key: number]: Encodable | undefined });
}

function integer(v: number | bigint): Bytes {
  return v < 0 ? head(1, typeof v === "bigint" ? -1n - v : -1 - v) : head(0, v);
}

function string(out: Bytes[], major: number, b: Bytes): void {
  out.push(head(major, b.length), b);
}

function map(out: Bytes[], v: ReadonlyMap<number, Encodable> | { [key: number]: Encodable | undefined }): void {
  const pairs = (v instanceof Map ? [...v] : Object.entries(v).map(([k, x]) => [Number(k), x] as const)).filter((p) => p[1] !== undefined);
  pairs.sort((a, b) => (follows(a[0], b[0]) ? -1 : 1));
  out.push(head(5, pairs.length));
  for (const [k, x] of pairs) {
    out.push(integer(k));
    write(out, x as Encodable);
  }
}

/** Whether key b comes after key a: by their encoded bytes, negative ones last. */
function follows(a: number, b: number): boolean {
  return a >= 0 ? b < 0 || b > a : b < a;
}

function head(major: number, n: number | bigint): Bytes {
  const m = major << 5;
  if (n < 24) return Uint8Array.of(m | Number(n));
  const wide = uint64(n);
  for (const [info, size] of [[24, 1], [25, 2], [26, 4]] as const) {
    if (n < 2 ** (8 * size)) return concat(Uint8Array.of(m | info), wide.subarray(8 - size));
  }
  return concat(Uint8Array.of(m | 27), wide);
}

/** Reads exactly one item; throws "malformed". Byte strings are views of b. */
export function decodeCbor(b: Bytes): Cbor {
  const d = new Decoder(b);
  const v = d.item(0);
  if (d.at !== b.length) malformed("bytes after the item");
  return v;
}

class Decoder {
  at = 0;
  constructor(private readonly b: Bytes) {}

  item(depth: number): Cbor {
    if (depth > maxDepth) malformed("nested too deeply");
    const first = this.take(1)[0]!;
    const major = first >> 5;
    if (major === 7) return simple(first);
    const n = this.argument(first & 31);
    switch (major) {
      case 0:
        return n;
      case 1:
        return typeof n === "bigint" || n === Number.MAX_SAFE_INTEGER ? -1n - BigInt(n) : -1 - n;
      case 2:
        return this.take(n);
      case 3:
        return text(this.take(n));
      case 4:
        return this.array(n, depth);
      case 5:
        return this.map(n, depth);
    }
    return malformed("tag");
  }

  private take(n: number | bigint): Bytes {
    if (n > this.b.length - this.at) malformed("ends early");
    this.at += Number(n);
    return this.b.subarray(this.at - Number(n), this.at);
  }

  private argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info > 27) return malformed("length");
    const size = 1 << (info - 24);
    let n = 0n;
    for (const byte of this.take(size)) n = (n << 8n) | BigInt(byte);
    if (n < (size === 1 ? 24n : 1n << BigInt(4 * size))) malformed("not in the shortest form");
    return n > Number.MAX_SAFE_INTEGER ? n : Number(n);
  }

  private array(n: number | bigint, depth: number): readonly Cbor[] {
    if (n > maxItems) malformed("array is too long");
    const out: Cbor[] = [];
    while (out.length < n) out.push(this.item(depth + 1));
    return out;
  }

  private map(n: number | bigint, depth: number): ReadonlyMap<number, Cbor> {
    if (n > maxPairs) malformed("map is too long");
    const out = new Map<number, Cbor>();
    let before: number | undefined;
    while (out.size < n) {
      const key = this.item(depth + 1);
      if (typeof key !== "number" || (before !== undefined && !follows(before, key))) return malformed("map keys");
      out.set(key, this.item(depth + 1));
      before = key;
    }
    return out;
  }
}

function simple(first: number): null | boolean {
  switch (first) {
    case 0xf4:
      return false;
    case 0xf5:
      return true;
    case 0xf6:
      return null;
  }
  return malformed("simple value or float");
}
