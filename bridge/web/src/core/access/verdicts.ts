// All verdicts of one control set.
import { CONTROL, Event, isFounding } from "../event";
import type { Chains } from "./chains";
import type { Control } from "./control";
import { Judged } from "./judged";
import { placeOf } from "./place";
import { Verdict, counts } from "./verdict";

/** All verdicts that a control set gives as it is now. Make a new one after each control event. */
export class Verdicts {
  private readonly judged: Judged;

  /** @param chains must know the log's events and records */
  constructor(
    private readonly control: Control,
    private readonly chains: Chains,
  ) {
    this.judged = new Judged(control);
  }

  /** Whether a member of one of the sets counts. */
  of(e: Event): Verdict {
    const right = this.control.right(e.grant);
    if (isFounding(e)) return counts;
    const v = e.set === CONTROL ? this.judged.control(placeOf(e)) : this.judged.at(placeOf(e), this.chains, false);
    if (!right) return v;
    const expired = right.notAfter > 0n && BigInt(e.ownMs) > right.notAfter;
    return { ...v, expired, overused: v.overused || this.judged.overused(right) };
  }
}
