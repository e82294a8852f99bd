// Seeded pseudo-random numbers: a failing test fails again.

export class Random {
  constructor(private state: number) {}

  /** An integer from 0 to below n (mulberry32). */
  below(n: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  }

  shuffled<T>(items: readonly T[]): T[] {
    const out = [...items];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }

  bytes(n: number): Uint8Array {
    return Uint8Array.from({ length: n }, () => this.below(256));
  }

  /** A copy with a few bytes changed, cut off or put in. */
  damage(b: Uint8Array): Uint8Array {
    const out = [...b];
    for (let n = 1 + this.below(3); n > 0; n--) {
      const at = this.below(out.length + 1);
      const kind = this.below(8);
      if (kind === 0) out.splice(at);
      else if (kind === 1) out.splice(at, 0, this.below(256));
      else if (kind === 2) out.splice(at, 1);
      else if (at < out.length) out[at] = kind === 3 ? this.below(256) : out[at]! ^ (1 << this.below(8));
    }
    return Uint8Array.from(out);
  }
}
