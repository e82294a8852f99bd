// Checked by the compiler alone: what the fold makes is a state as the app reads it.
import type { State as Shown } from "../src/app/model/state";
import type { State as Folded } from "../src/fold";

export const shown = (folded: Folded): Shown => folded;
