// The messages of a session and their bytes: docs/protocol-recon.md, section 4.
import { Bytes, Element, LogSet, compareElements, concat, hex, unhex, uvarint } from "../core";
import { uint64 } from "../core/bytes";
import { malformed } from "../core/errors";
import { IdList, readBools, readIds, writeBools, writeIds } from "./bits";
import { Name, noPrefix } from "./name";
import { Reader } from "./reader";
import type { Cell } from "./sketch";

export const HELLO = 1;
export const SINCE = 2;
export const LADDER = 3;
export const CELLS = 4;
export const LIST = 5;
export const WANT = 6;
export const WANT_IDS = 7;
export const MORE = 8;
export const FULL = 9;

/** From (inclusive) to (exclusive), through all three sets; undefined is open. */
export interface Span {
  readonly from: Name | undefined;
  readonly to: Name | undefined;
}

export interface Rung {
  /** 0 in the last. */
  readonly bound: bigint;
  readonly print: bigint;
  /** 16 bytes. */
  readonly tug: Bytes;
}

export interface Full {
  readonly kind: typeof FULL;
  readonly set: LogSet;
  readonly last: boolean;
  readonly elements: readonly Element[];
}

export type Message =
  | { readonly kind: typeof HELLO; readonly proof: Bytes; readonly sync: Bytes | undefined }
  | ({ readonly kind: typeof SINCE } & IdList)
  | { readonly kind: typeof LADDER; readonly rungs: readonly Rung[] }
  | { readonly kind: typeof CELLS; readonly start: number; readonly cells: readonly Cell[] }
  | ({ readonly kind: typeof LIST; readonly span: Span } & IdList)
  | { readonly kind: typeof WANT; readonly bits: readonly boolean[] }
  | ({ readonly kind: typeof WANT_IDS } & IdList)
  | { readonly kind: typeof MORE; readonly total: number }
  | Full;

const version = 1;
export const maxRungs = 40;
export const maxCellsMessage = 1500;
export const maxFull = 330;
/** The longest frame in bytes. */
export const MAX_FRAME = 14 << 10;

const ids = (l: IdList): Bytes[] => [Uint8Array.of(l.width), uvarint(l.ids.length), writeIds(l)];

const bound = (n: Name | undefined): Bytes[] =>
  n ? [Uint8Array.of(n.prefix === noPrefix ? 1 : 2), uint64(n.time), n.prefix === noPrefix ? new Uint8Array() : unhex(n.prefix)] : [Uint8Array.of(0)];

export function encodeMessage(m: Message): Bytes {
  return concat(Uint8Array.of(m.kind), ...fields(m));
}

function fields(m: Message): Bytes[] {
  switch (m.kind) {
    case HELLO:
      return [Uint8Array.of(version), m.proof, Uint8Array.of(m.sync ? 1 : 0), m.sync ?? new Uint8Array()];
    case SINCE:
    case WANT_IDS:
      return ids(m);
    case LADDER:
      return [
        Uint8Array.of(m.rungs.length),
        ...m.rungs.flatMap((r, i) => [...(i < m.rungs.length - 1 ? [uint64(r.bound)] : []), uint64(r.print), r.tug]),
      ];
    case CELLS:
      return [uvarint(m.start), uvarint(m.cells.length), ...m.cells.flatMap((c) => [uint64(c.sum), Uint8Array.of(c.count)])];
    case LIST:
      return [...bound(m.span.from), ...bound(m.span.to), ...ids(m)];
    case WANT:
      return [uvarint(m.bits.length), writeBools(m.bits)];
    case MORE:
      return [uvarint(m.total)];
    case FULL: {
      const time = (i: number): bigint => (i < 0 ? 0n : m.elements[i]!.time);
      const all = m.elements.flatMap((e, i) => [uvarint(e.time - time(i - 1)), unhex(e.hash)]);
      return [Uint8Array.of(m.set, m.last ? 1 : 0), uvarint(m.elements.length), ...all];
    }
  }
}

/** Packs the messages of one flight into frames. */
export function packFrames(messages: readonly Message[]): Bytes[] {
  const frames: Bytes[][] = [];
  let size = MAX_FRAME;
  for (const m of messages) {
    const b = encodeMessage(m);
    if (size + b.length > MAX_FRAME) {
      frames.push([]);
      size = 1;
    }
    frames[frames.length - 1]!.push(b);
    size += b.length;
  }
  return frames.map((parts, i) => concat(Uint8Array.of(i < frames.length - 1 ? 1 : 0), ...parts));
}

/** Takes a frame apart; throws "malformed". */
export function parseFrame(b: Bytes): { readonly follows: boolean; readonly messages: readonly Message[] } {
  if (b.length < 2 || b.length > MAX_FRAME || b[0]! > 1) malformed("frame");
  const r = new Reader(b);
  r.at = 1;
  const messages: Message[] = [];
  while (r.left) messages.push(message(r));
  return { follows: b[0] === 1, messages };
}

function message(r: Reader): Message {
  const kind = r.byte();
  switch (kind) {
    case HELLO:
      return hello(r);
    case SINCE:
    case WANT_IDS:
      return { kind, ...readIds(r) };
    case LADDER:
      return { kind, rungs: rungs(r) };
    case CELLS: {
      const start = r.count(0);
      const cells = Array.from({ length: r.count(9) }, () => ({ sum: r.uint64(), count: (r.byte() << 24) >> 24 }));
      return { kind, start, cells };
    }
    case LIST: {
      const from = r.bound();
      return { kind, span: { from, to: r.bound() }, ...readIds(r) };
    }
    case WANT:
      return { kind, bits: readBools(r) };
    case MORE:
      return { kind, total: r.count(0) };
    case FULL:
      return full(r);
  }
  return malformed("kind of message");
}

function hello(r: Reader): Message {
  if (r.byte() !== version) malformed("version");
  const proof = r.take(16);
  const flag = r.byte();
  if (flag > 1) malformed("sync flag");
  return { kind: HELLO, proof, sync: flag ? r.take(8) : undefined };
}

function rungs(r: Reader): Rung[] {
  const n = r.byte();
  if (n < 1 || n > maxRungs) malformed("ladder");
  const out: Rung[] = [];
  while (out.length < n) {
    const before = out[out.length - 1]?.bound;
    const low = out.length < n - 1 ? r.uint64() : 0n;
    if (out.length < n - 1 && (low === 0n || (before !== undefined && low >= before))) malformed("rungs do not descend");
    out.push({ bound: low, print: r.uint64(), tug: r.take(16) });
  }
  return out;
}

function full(r: Reader): Full {
  const set = r.byte();
  const flag = r.byte();
  const n = r.count(33);
  if (set > 2 || flag > 1 || n > maxFull) malformed("full listing");
  const elements: Element[] = [];
  while (elements.length < n) {
    const before = elements[elements.length - 1];
    const e = { time: (before?.time ?? 0n) + r.uvarint(), hash: hex(r.take(32)) };
    if (e.time >> 64n || (before && compareElements(before, e) >= 0)) malformed("full listing is not sorted");
    elements.push(e);
  }
  return { kind: FULL, set: set as LogSet, last: flag === 1, elements };
}
