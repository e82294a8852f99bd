// Shapes: what a CBOR value has to look like, and what it is in this language. One declaration serves
// reading and writing.
import { Bytes, hex, unhex, utf8 } from "./bytes";
import { Cbor, Encodable, decodeCbor, encodeCbor } from "./cbor";
import { malformed } from "./errors";

/** `read` throws "malformed"; undefined stands for a field that is not there. */
export interface Shape<T> {
  read(v: Cbor | undefined): T;
  write(v: T): Encodable | undefined;
}

export type ValueOf<S> = S extends Shape<infer T> ? T : never;

function shape<T extends Encodable | undefined>(read: (v: Cbor | undefined) => T | false): Shape<T> {
  return {
    read(v) {
      const out = read(v);
      return out === false ? malformed("field") : out;
    },
    write: (v) => v,
  };
}

/** A byte string of min to max bytes; without max exactly min. */
export const bytes = (min: number, max = min): Shape<Bytes> =>
  shape((v) => v instanceof Uint8Array && v.length >= min && v.length <= max && v);

/** A text of min to max bytes. */
export const string = (min: number, max: number): Shape<string> =>
  shape((v) => {
    if (typeof v !== "string") return false;
    const size = utf8(v).length;
    return size >= min && size <= max && v;
  });

/** An integer from min to max, exact as a number. */
export const int = (min: number, max = Number.MAX_SAFE_INTEGER): Shape<number> =>
  shape((v) => (typeof v === "number" && v >= min && v <= max ? v : (false as never)));

/** Any integer of min to max, as a bigint. */
export const bigint = (min: bigint, max: bigint): Shape<bigint> =>
  shape((v) => {
    if (typeof v !== "number" && typeof v !== "bigint") return false as never;
    const n = BigInt(v);
    return n >= min && n <= max ? n : (false as never);
  });

export const bool: Shape<boolean> = { read: (v) => (typeof v === "boolean" ? v : malformed("field")), write: (v) => v };

/** A byte string of n bytes, in hexadecimal; `none` also takes the empty one, as "". */
export const hexed = (n: number, none = false): Shape<string> => ({
  read: (v) => (v instanceof Uint8Array && (v.length === n || (none && v.length === 0)) ? hex(v) : malformed("hash")),
  write: unhex,
});

/** A field that may be absent. Its shape refuses the empty value, which has no second form. */
export const opt = <T>(s: Shape<T>): Shape<T | undefined> => ({
  read: (v) => (v === undefined ? undefined : s.read(v)),
  write: (v) => (v === undefined ? undefined : s.write(v)),
});

export const list = <T>(s: Shape<T>, min: number, max: number): Shape<readonly T[]> => ({
  read(v) {
    if (!Array.isArray(v) || v.length < min || v.length > max) return malformed("list");
    return v.map((item: Cbor) => s.read(item));
  },
  write: (v) => v.map((item) => s.write(item) as Encodable),
});

type Fields = Readonly<Record<string, Shape<any>>>;
type Value<F extends Fields> = { readonly [K in keyof F]: ValueOf<F[K]> };

/** An array with a field at each place. */
export const tuple = <F extends Fields>(fields: F): Shape<Value<F>> => ({
  read(v) {
    const names = Object.keys(fields);
    if (!Array.isArray(v) || v.length !== names.length) return malformed("array");
    return Object.fromEntries(names.map((name, i) => [name, fields[name]!.read(v[i] as Cbor)])) as Value<F>;
  },
  write: (v) => Object.keys(fields).map((name) => fields[name]!.write(v[name]) as Encodable),
});

/** A map with these fields, each under its key, and no others. */
export const struct = <F extends Fields>(fields: F, keys: { readonly [K in keyof F]: number }): Shape<Value<F>> => ({
  read(v) {
    if (!(v instanceof Map)) return malformed("map");
    let present = 0;
    const out: Record<string, unknown> = {};
    for (const name of Object.keys(fields)) {
      const field = v.get(keys[name]!) as Cbor | undefined;
      if (field !== undefined) present++;
      out[name] = fields[name]!.read(field);
    }
    return present === v.size ? (out as Value<F>) : malformed("unknown field");
  },
  write: (v) => Object.fromEntries(Object.keys(fields).map((name) => [keys[name]!, fields[name]!.write(v[name])])),
});

export function decodeAs<T>(s: Shape<T>, b: Bytes): T {
  return s.read(decodeCbor(b));
}

export function encodeAs<T>(s: Shape<T>, v: T): Bytes {
  return encodeCbor(s.write(v)!);
}
