// The frames of touchline.v1 (docs/protocol-bridge.md): one deterministic encoding each.
import { Bytes, Shape, ValueOf, decodeCbor, encodeCbor, malformed, shape } from "./wire";

const MAX_FRAME = 16 << 10;
const MAX_ENVELOPE = 15 << 10;

const { bigint, bytes, hexed, int, list, opt, string, struct, tuple } = shape;
const id = int(1, 0xffffffff);
const count = int(0);
const match = hexed(32);
const nonce = bytes(16);
const tag = bytes(8);
const envelope = bytes(1, MAX_ENVELOPE);
const json = bytes(1, MAX_FRAME);
const role = int(1, 8);
const format = int(1, 2);
const yes: Shape<true> = { read: (v) => v === true || malformed("flag"), write: (v) => v };
const items = list(tuple({ arrival: count, bytes: bytes(0, MAX_FRAME) }), 1, 1024);
const limits = struct({ frame: count, follows: count, inFlight: count, sessions: count, idleMs: count }, { frame: 1, follows: 2, inFlight: 3, sessions: 4, idleMs: 5 });

type Fields = Readonly<Record<string, Shape<any>>>;

/** Fields have the keys 1, 2, … in the order in which they stand; key 0 is the kind. */
function frame<F extends Fields>(kind: number, fields: F) {
  const keys = { kind: 0, ...Object.fromEntries(Object.keys(fields).map((name, i) => [name, i + 1])) };
  return { kind, shape: struct({ kind: int(kind, kind), ...fields }, keys as { [K in keyof F]: number } & { kind: number }) };
}

const table = {
  hello: frame(1, { version: int(1, 1), nonce, store: nonce, token: opt(string(1, 512)) }),
  welcome: frame(2, { version: int(1, 1), nonce, store: hexed(16), peer: opt(string(1, 64)), role: opt(role), match: opt(match), time: count, limits }),
  prove: frame(3, { id, match, grant: match, signature: bytes(64) }),
  proved: frame(4, { id, match, role }),
  enrol: frame(5, { id, match, key: match, hpke: match, proof: bytes(64) }),
  enrolled: frame(6, { id, match, grant: match, role, notAfter: opt(int(1)), chain: list(envelope, 1, 1024) }),
  follow: frame(7, { id, match, format, store: opt(hexed(16)), arrival: opt(int(1)), fromNow: opt(yes) }),
  following: frame(8, { id, match, format, grant: match, arrival: count, secret: opt(bytes(32)), restart: opt(yes) }),
  unfollow: frame(9, { id, match }),
  done: frame(10, { id }),
  publish: frame(11, { id, envelope: opt(envelope), draft: opt(json) }),
  ack: frame(12, { id, hash: match, status: int(1, 2), arrival: count }),
  live: frame(13, { arrival: count, envelope }),
  view: frame(14, { match, arrival: count, json: opt(json) }),
  events: frame(15, { match, items }),
  caught: frame(16, { match, arrival: count }),
  held: frame(17, { match, arrival: count, devices: count, relay: opt(yes) }),
  compare: frame(18, { session: id, match, nonce }),
  compared: frame(19, { session: id, nonce, tag, arrival: count }),
  equal: frame(20, { session: id, tag }),
  recon: frame(21, { session: id, frame: bytes(1, 14336) }),
  bodies: frame(22, { session: id, envelopes: list(envelope, 1, 1024) }),
  gone: frame(23, { session: id, set: int(0, 2), time: bigint(0n, (1n << 64n) - 1n), prefix: hexed(16) }),
  fin: frame(24, { session: id }),
  proof: frame(25, { session: id, tag, arrival: count }),
  ping: frame(26, { number: count }),
  pong: frame(27, { number: count }),
  bye: frame(28, { reason: string(1, 64), detail: opt(string(1, 1024)), againMs: opt(int(1)) }),
  problem: frame(29, { id: opt(id), session: opt(id), name: string(1, 64), status: int(400, 599), detail: opt(string(1, 1024)), hash: opt(match), againMs: opt(int(1)) }),
  offer: frame(30, { id, sdp: string(1, 12 << 10) }),
  answer: frame(31, { id, sdp: string(1, 12 << 10) }),
  candidate: frame(32, { id, candidate: string(1, 1024) }),
};

type Table = typeof table;
export type FrameName = keyof Table;
type Read<N extends FrameName> = Omit<ValueOf<Table[N]["shape"]>, "kind">;

/** A frame as it was read; fields that were not there are undefined. */
export type FrameOf<N extends FrameName> = { readonly [K in N]: { readonly is: K } & Read<K> }[N];
export type Frame = FrameOf<FrameName>;

type Needed<T> = { [K in keyof T]: undefined extends T[K] ? never : K }[keyof T];
/** What a frame is made of: fields that may be undefined may be left out. */
export type Given<N extends FrameName> = Pick<Read<N>, Needed<Read<N>>> & Partial<Read<N>>;

const byKind = new Map(Object.entries(table).map(([name, f]) => [f.kind, [name, f.shape] as const]));

export function encodeFrame<N extends FrameName>(is: N, fields: Given<N>): Bytes {
  const { kind, shape } = table[is] as { kind: number; shape: Shape<unknown> };
  const b = encodeCbor(shape.write({ ...fields, kind })!);
  if (b.length > MAX_FRAME) malformed("frame is too long");
  return b;
}

/** Throws "malformed". */
export function decodeFrame(b: Bytes): Frame {
  if (b.length > MAX_FRAME) malformed("frame is too long");
  const v = decodeCbor(b);
  const known = v instanceof Map ? byKind.get(v.get(0) as number) : undefined;
  if (!known) return malformed("kind of frame");
  const { kind: _, ...fields } = known[1].read(v) as { kind: number };
  const f = { is: known[0], ...fields } as unknown as Frame;
  if (f.is === "publish" && (f.envelope === undefined) === (f.draft === undefined)) malformed("publish");
  if (f.is === "follow" && (f.store === undefined ? f.arrival !== undefined : f.fromNow === true)) malformed("follow");
  if (f.is === "following" && (f.secret === undefined) === (f.format === 1)) malformed("following");
  return f;
}
