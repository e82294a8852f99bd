// One of the three sets of a log: its elements in order, and its digest.
import { Digest } from "./digest";
import { Element, compareElements } from "./event";

export class MemberSet {
  readonly digest = new Digest();
  private elements: Element[] = [];
  private shared = false;

  /** In order of (time, hash), as it is now: later changes do not show. */
  snapshot(): readonly Element[] {
    this.shared = true;
    return this.elements;
  }

  /** Returns whether e is new. */
  add({ time, hash }: Element): boolean {
    const e = { time, hash };
    const at = this.place(e);
    if (this.is(at, e)) return false;
    this.own().splice(at, 0, e);
    this.digest.add(hash);
    return true;
  }

  /** Returns whether e was there. */
  remove(e: Element): boolean {
    const at = this.place(e);
    if (!this.is(at, e)) return false;
    this.own().splice(at, 1);
    this.digest.remove(e.hash);
    return true;
  }

  /** The elements with this time. */
  at(time: bigint): readonly Element[] {
    const out: Element[] = [];
    for (let i = this.place({ time, hash: "" }); this.elements[i]?.time === time; i++) out.push(this.elements[i]!);
    return out;
  }

  private is(at: number, e: Element): boolean {
    return this.elements[at]?.hash === e.hash && this.elements[at]?.time === e.time;
  }

  /** The elements for a change: a copy if a snapshot is out. */
  private own(): Element[] {
    if (this.shared) this.elements = [...this.elements];
    this.shared = false;
    return this.elements;
  }

  /** The place of the first element not below e. */
  private place(e: Element): number {
    let low = 0;
    let high = this.elements.length;
    while (low < high) {
      const mid = (low + high) >> 1;
      if (compareElements(this.elements[mid]!, e) < 0) low = mid + 1;
      else high = mid;
    }
    return low;
  }
}
