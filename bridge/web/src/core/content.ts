// What an event of the events set says, once opened.
import { Bytes, jsonObject, utf8 } from "./bytes";
import { refuse } from "./errors";
import { MAX_PLAIN } from "./pad";
import { Shape, bigint, bytes, decodeAs, encodeAs, int, list, opt, string, struct } from "./shape";

export interface Content {
  /** The client's label: a UUIDv7, or a legacy client's own string; 1–128 bytes. */
  readonly id: string;
  /** 1–64 bytes. */
  readonly type: string;
  readonly team?: string | undefined;
  readonly period?: number | undefined;
  /** Play time since the period began. */
  readonly clockMs?: number | undefined;
  /** A JSON object. */
  readonly data?: Readonly<Record<string, unknown>> | undefined;
  /** Parts sealed for narrower audiences. */
  readonly boxes?: readonly Bytes[] | undefined;
  /** For whom the boxes are. */
  readonly audience?: bigint | undefined;
}

const maxInt64 = (1n << 63n) - 1n;

// null is what another implementation may have written for an empty box; it opens for nobody.
const box: Shape<Bytes> = { read: (v) => (v === null ? new Uint8Array() : bytes(0, MAX_PLAIN).read(v)), write: (v) => v };

const shape = struct(
  {
    id: string(1, 128),
    type: string(1, 64),
    team: opt(string(1, MAX_PLAIN)),
    period: opt(int(1, 0xffffffff)),
    clockMs: opt(bigint(-maxInt64 - 1n, maxInt64)),
    data: opt(bytes(1, MAX_PLAIN)),
    boxes: opt(list(box, 1, 1024)),
    audience: opt(bigint(1n, (1n << 64n) - 1n)),
  },
  { id: 1, type: 2, team: 3, period: 4, clockMs: 5, data: 6, boxes: 7, audience: 8 },
);

/** Returns the bytes to be padded; throws "malformed" or "too-large". Empty fields are left out. */
export function encodeContent(c: Content): Bytes {
  const b = encodeAs(shape, {
    id: c.id,
    type: c.type,
    team: c.team || undefined,
    period: c.period || undefined,
    clockMs: c.clockMs === undefined ? undefined : BigInt(Math.trunc(c.clockMs)),
    data: c.data && utf8(JSON.stringify(c.data)),
    boxes: c.boxes?.length ? c.boxes : undefined,
    audience: c.audience || undefined,
  });
  if (b.length > MAX_PLAIN) refuse("too-large", "content is too long");
  decodeContent(b);
  return b;
}

/** Reads what `encodeContent` wrote; throws "malformed". */
export function decodeContent(plain: Bytes): Content {
  const c = decodeAs(shape, plain);
  return { ...c, clockMs: c.clockMs === undefined ? undefined : Number(c.clockMs), data: c.data && jsonObject(c.data) };
}
