// Sketches: rateless invertible Bloom lookup tables (Yang, Gilad, Alizadeh, SIGCOMM 2024).

/** An ID of 48 bits above a check of it of 16. */
export type Symbol64 = bigint;

export interface Cell {
  sum: bigint;
  count: number;
}

const u64 = (v: bigint): bigint => BigInt.asUintN(64, v);

/** The finalizer of SplitMix64. */
function mix(v: bigint): bigint {
  v = u64(v + 0x9e3779b97f4a7c15n);
  v = u64((v ^ (v >> 30n)) * 0xbf58476d1ce4e5b9n);
  v = u64((v ^ (v >> 27n)) * 0x94d049bb133111ebn);
  return v ^ (v >> 31n);
}

export const idOf = (s: Symbol64): number => Number(s >> 16n);

function symbolFor(id: bigint): Symbol64 {
  return (id << 16n) | (mix(id) >> 48n);
}

/** Makes a symbol of a name's keyed hash. */
export const symbolOf = (hash: bigint): Symbol64 => symbolFor(hash >> 16n);

/** The ID that a symbol of a keyed hash has. */
export const sketchId = (hash: bigint): number => Number(hash >> 16n);

function visit(s: Symbol64, cells: readonly Cell[], f: (c: Cell, at: number) => void): void {
  let state = mix(s >> 16n);
  for (let at = 0; at < cells.length; ) {
    f(cells[at]!, at);
    state = u64(state * 0xda942042e4dd58b5n);
    at += Math.ceil((at + 1.5) * (2 ** 32 / Math.sqrt(Number(state) + 1) - 1));
  }
}

export const newSketch = (n: number): Cell[] => Array.from({ length: n }, () => ({ sum: 0n, count: 0 }));

export function addSymbol(cells: readonly Cell[], s: Symbol64): void {
  visit(s, cells, (c) => {
    c.sum ^= s;
    c.count++;
  });
}

const int8 = (v: number): number => (v << 24) >> 24;
const isPure = (c: Cell): boolean => (c.count === 1 || c.count === -1) && c.sum === symbolFor(c.sum >> 16n);
const isEmpty = (c: Cell): boolean => c.sum === 0n && c.count === 0;

/** Ascending IDs of those that only one side has. */
export interface Difference {
  readonly own: readonly number[];
  readonly peers: readonly number[];
}

/** Takes the difference of two sketches of one length apart; undefined if it does not come out even. */
export function decodeSketch(own: readonly Cell[], peers: readonly Cell[]): Difference | undefined {
  const cells = own.map((c, i) => ({ sum: c.sum ^ peers[i]!.sum, count: int8(c.count - peers[i]!.count) }));
  const plus: number[] = [];
  const minus: number[] = [];
  const pure = cells.map((_, i) => i).filter((i) => isPure(cells[i]!));
  while (pure.length && plus.length + minus.length <= cells.length) {
    const at = cells[pure.pop()!]!;
    if (!isPure(at)) continue;
    const { sum, count } = at;
    (count > 0 ? plus : minus).push(idOf(sum));
    visit(sum, cells, (c, i) => {
      c.sum ^= sum;
      c.count = int8(c.count - count);
      if (isPure(c)) pure.push(i);
    });
    if (!isEmpty(at)) return undefined; // not a cell of this symbol: the sketch lies
  }
  const ascending = (ids: number[]): number[] => ids.sort((a, b) => a - b);
  return cells.every(isEmpty) ? { own: ascending(plus), peers: ascending(minus) } : undefined;
}
