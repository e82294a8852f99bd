// Verdicts (rules R5, R6, R11): whether what an event says counts. They may change either way as control
// events arrive, and never decide about membership.
import type { Hash } from "../hash";

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
