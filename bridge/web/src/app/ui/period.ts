// What a period is called.
import type { Words } from "../i18n";
import { shootoutPeriod, type State } from "../model/state";

/** Halves where there are two. */
export function periodName(words: Words, state: State, period: number): string {
  if (period === shootoutPeriod) return words.t("shootout");
  if (period > state.setup.periods) return words.t("extra_time");
  if (state.setup.periods === 2) return words.t(period === 1 ? "half_1" : "half_2");
  return words.t("period", { n: period });
}
