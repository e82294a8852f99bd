// A hybrid logical clock (Kulkarni et al. 2014): milliseconds since 1970 above 16 bits of counter. Its
// times order events; they are never shown.

/** How far past the own clock a received time may carry a Clock, in milliseconds (rule R11). */
export const MAX_DRIFT_MS = 24 * 3600 * 1000;

export const makeTime = (ms: number): bigint => BigInt(Math.max(0, Math.trunc(ms))) << 16n;

/** Milliseconds since 1970. */
export const millisOf = (time: bigint): number => Number(time >> 16n);

/** "milliseconds.counter". */
export const timeString = (time: bigint): string => `${time >> 16n}.${time & 0xffffn}`;

/** Hands out times, each greater than all before and all observed. */
export class Clock {
  private last = 0n;

  /** @param wall the wall clock, milliseconds since 1970 */
  constructor(private readonly wall: () => number) {}

  /** The next time, and the wall clock's own reading, which received times never move. */
  now(): { readonly time: bigint; readonly ownMs: number } {
    const ownMs = Math.max(0, Math.trunc(this.wall()));
    const wall = makeTime(ownMs);
    this.last = wall > this.last ? wall : this.last + 1n;
    return { time: this.last, ownMs };
  }

  /** Makes later times greater than this one, as far as MAX_DRIFT_MS allows. */
  observe(time: bigint): void {
    const limit = makeTime(this.wall() + MAX_DRIFT_MS);
    const to = time < limit ? time : limit;
    if (to > this.last) this.last = to;
  }
}
