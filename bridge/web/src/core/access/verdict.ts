// Verdicts (rules R5, R6, R11): whether what an event says counts. They may change either way as control
// events arrive, and never decide about membership.
import { CONTROL, Event, isFounding } from "../event";
import type { Hash } from "../hash";
import type { Chains } from "./chains";
import type { Control } from "./control";
import { Judged } from "./judged";
import { placeOf } from "./place";

/** Why an event is unconfirmed. */
export type Because = "grant" | "cut" | "fork";

export interface Verdict {
  readonly state: "counts" | "unconfirmed";
  readonly because?: Because;
  /** The revocation or hand-over that decided; "" if none did. */
  readonly by: Hash;
  /** Written after its grant's end, by the author's own clock. Flags keep nothing from counting. */
  readonly expired: boolean;
  /** A control event of a forked chain. */
  readonly forked: boolean;
  /** Its author came by an invite that let in too many devices. */
  readonly overused: boolean;
}

export const counts: Verdict = { state: "counts", by: "", expired: false, forked: false, overused: false };

export function unconfirmed(because: Because, by: Hash = ""): Verdict {
  return { ...counts, state: "unconfirmed", because, by };
}

const words: Readonly<Record<Because, string>> = {
  grant: "its author's right does not stand",
  cut: "it was written past the end of its author's right",
  fork: "its author's device wrote two different events at one place",
};

/** The reason of an unconfirmed verdict as a sentence for people; "" if there is none. */
export const becauseText = (v: Verdict): string => (v.because ? words[v.because] : "");

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
