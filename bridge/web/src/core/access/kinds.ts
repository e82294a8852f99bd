// The contents of control events, by kind: docs/PROTOCOL.md, section 3.
import { Bytes } from "../bytes";
import { RECORDS } from "../event";
import { Shape, ValueOf, bigint, bool, bytes, hexed, int, list, opt, string, struct, tuple } from "../shape";
import { ALL_AUDIENCES, AUDIENCE_GUARDIANS, AUDIENCE_MATCH, AUDIENCE_STAFF, ORGANISER, RELAY } from "./role";

export const FOUNDING = 1;
export const GRANT = 2;
export const ENROLMENT = 3;
export const REVOCATION = 4;
export const HAND_OVER = 5;
export const EPOCH = 6;
export const WRAPS = 7;
export const PURGE = 8;
export const ERASURE = 9;
export const CLIENT = 10;

/** The kind of a control event; 0 if it has none. Unknown kinds are kept and have no effect. */
export function kindOf(plain: Bytes): number {
  // The first pair of a deterministic map: key 0, small value.
  return plain.length < 3 || plain[0]! >> 5 !== 5 || plain[1] !== 0 || plain[2]! > 23 ? 0 : plain[2]!;
}

const maxHeads = 160;
const maxListed = 200;
const maxWraps = 96;
const maxEpochHeads = 16;
const maxUint64 = (1n << 64n) - 1n;

const kind = (k: number): Shape<number> => int(k, k);
const hashes = (min = 0): Shape<readonly string[]> => list(hexed(32), min, maxListed);

/** A place in a chain: the last one that stands. */
const head = tuple({ incarnation: hexed(8), set: int(0, RECORDS), seq: bigint(1n, maxUint64), hash: hexed(32) });
const heads = list(head, 0, maxHeads);
export type Head = ValueOf<typeof head>;

export const founding = struct(
  { kind: kind(FOUNDING), rules: int(1, 1), salt: bytes(16), purpose: int(1, 2), sealed: bool, topic: bytes(32), hpke: hexed(32) },
  { kind: 0, rules: 1, salt: 2, purpose: 3, sealed: 4, topic: 5, hpke: 6 },
);

export const grant = struct(
  {
    kind: kind(GRANT),
    subject: hexed(32),
    role: int(ORGANISER, RELAY),
    audiences: int(1, ALL_AUDIENCES),
    team: opt(string(1, 64)),
    notAfter: opt(bigint(1n, (1n << 63n) - 1n)),
    enrols: opt(bigint(1n, maxUint64)),
    hpke: hexed(32),
  },
  { kind: 0, subject: 1, role: 2, audiences: 3, team: 4, notAfter: 5, enrols: 6, hpke: 7 },
);

export const enrolment = struct(
  { kind: kind(ENROLMENT), device: hexed(32), hpke: hexed(32), proof: bytes(64) },
  { kind: 0, device: 1, hpke: 2, proof: 3 },
);

export const revocation = struct(
  { kind: kind(REVOCATION), target: hexed(32), heads, stand: hashes() },
  { kind: 0, target: 1, heads: 2, stand: 3 },
);
export type Revocation = ValueOf<typeof revocation>;

export const handOver = struct(
  { kind: kind(HAND_OVER), subject: hexed(32), hpke: hexed(32), heads },
  { kind: 0, subject: 1, hpke: 2, heads: 3 },
);
export type HandOver = ValueOf<typeof handOver>;

/** Which team or child an audience is of, by an opaque name; empty for the match. */
export const scope = bytes(0, 32);

/** Whether an audience is one of the three, with a scope exactly if it needs one. */
export const validAudience = (bit: number, of: Bytes): boolean =>
  [AUDIENCE_MATCH, AUDIENCE_STAFF, AUDIENCE_GUARDIANS].includes(bit) && (bit === AUDIENCE_MATCH) === (of.length === 0);

const carried = tuple({ epoch: hexed(32), key: bytes(72) });
export type Carried = ValueOf<typeof carried>;

const wrap = tuple({ grant: hexed(32), sealed: bytes(80) });
export type Wrap = ValueOf<typeof wrap>;

export const epoch = struct(
  {
    kind: kind(EPOCH),
    audience: int(AUDIENCE_MATCH, AUDIENCE_GUARDIANS),
    scope,
    commitment: bytes(32),
    follows: list(carried, 0, maxEpochHeads),
    wraps: list(wrap, 0, maxWraps),
  },
  { kind: 0, audience: 1, scope: 2, commitment: 3, follows: 4, wraps: 5 },
);
export type Epoch = ValueOf<typeof epoch>;

export const wraps = struct({ kind: kind(WRAPS), epoch: hexed(32), wraps: list(wrap, 1, maxWraps) }, { kind: 0, epoch: 1, wraps: 2 });
export type Wraps = ValueOf<typeof wraps>;

// null is another way to name no grant that is read elsewhere.
const beneath: Shape<string> = { read: (v) => (v === null ? "" : hexed(32, true).read(v)), write: (v) => hexed(32, true).write(v) };

export const purge = struct(
  { kind: kind(PURGE), hashes: hashes(), beneath, except: hashes() },
  { kind: 0, hashes: 1, beneath: 2, except: 3 },
);
export type Purge = ValueOf<typeof purge>;

export const erasure = struct({ kind: kind(ERASURE), names: hashes(1) }, { kind: 0, names: 1 });

export const client = struct(
  { kind: kind(CLIENT), device: hexed(32), proof: bytes(64), notAfter: opt(bigint(1n, (1n << 63n) - 1n)) },
  { kind: 0, device: 1, proof: 2, notAfter: 5 },
);
