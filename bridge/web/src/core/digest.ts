// A homomorphic digest of a set of hashes: LtHash16 with 1,024 lanes, expanded by SHAKE128. Adding in any
// order gives the same digest, and nobody can choose events so that two different sets agree.
import { shake128 } from "@noble/hashes/sha3.js";
import { Bytes, concat, hex, uint64, unhex } from "./bytes";
import { PerSet } from "./event";
import { Hash, sha256 } from "./hash";

const lanes = 1024;

export class Digest {
  count = 0;
  private readonly lanes = new Uint16Array(lanes);

  /** Adds a hash that is not in the set. */
  add(h: Hash): void {
    this.count++;
    this.shift(h, 1);
  }

  /** Takes out a hash that is in the set. */
  remove(h: Hash): void {
    this.count--;
    this.shift(h, -1);
  }

  private shift(h: Hash, by: 1 | -1): void {
    const x = shake128(unhex(h), { dkLen: 2 * lanes });
    for (let i = 0; i < lanes; i++) this.lanes[i]! += by * (x[2 * i]! | (x[2 * i + 1]! << 8));
  }

  /** A name of the set: SHA-256 of count and lanes. */
  sum(): Hash {
    return hex(sha256(this.state()));
  }

  /** The whole state: count in 8 bytes, then the lanes, little endian. */
  state(): Bytes {
    const b = new Uint8Array(2 * lanes);
    this.lanes.forEach((v, i) => {
      b[2 * i] = v;
      b[2 * i + 1] = v >> 8;
    });
    return concat(uint64(this.count), b);
  }
}

/** Sums and counts of a log's three sets at one moment. */
export interface Digests {
  readonly sums: PerSet<Hash>;
  readonly counts: PerSet<number>;
}

/** One name for the three sets of a log: what people compare. Equal names are equal logs. */
export function combineSums(sums: PerSet<Hash>): Hash {
  return hex(sha256(unhex(sums.join(""))));
}
