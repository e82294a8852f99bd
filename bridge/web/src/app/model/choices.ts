// What the sheet before the match offers of who sees what: only what has an effect (docs/football.md). Whoever records
// as a scorer, or for one team, narrows; the others may open.
import { narrowerBand } from "../../fold/ageband";
import type { MatchSummary } from "../../client/api";
import type { Setup } from "./state";

const bands = ["", "U7", "U8", "U9", "U10", "U11", "U12", "U13", "U14", "U15", "U16", "U17", "U19"];

/** Whether somebody may show more than the age band does. */
export function opens(m: Pick<MatchSummary, "role" | "ofTeam"> | undefined): boolean {
  return !!m && ["admin", "referee", "coach"].includes(m.role) && !m.ofTeam;
}

/** The age bands to choose from. */
export function bandChoices(s: Setup, mayOpen: boolean): readonly string[] {
  const now = s.ageBand ?? "";
  const known = bands.includes(now) ? bands : [now, ...bands];
  return mayOpen ? known : known.filter((b) => b === now || (b !== "" && narrowerBand(b, now)));
}

/** To whom results may be shown; empty when there is no choice. */
export function resultChoices(s: Setup, mayOpen: boolean): readonly string[] {
  return mayOpen || s.results === "public" ? ["public", "team_only"] : [];
}
