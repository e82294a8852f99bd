// The two sides of a match.
export type SideName = "home" | "away";

/** The home side is 0, the away side 1, neither -1. */
export type Side = -1 | 0 | 1;
export const SIDE_NAMES = ["home", "away"] as const;
export function sideName(s: 0 | 1): SideName;
export function sideName(s: Side): SideName | "";
export function sideName(s: Side): SideName | "" {
  return s < 0 ? "" : SIDE_NAMES[s as 0 | 1];
}
