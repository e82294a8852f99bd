// What a person has chosen on this device.
import { Cell } from "./store";

export const themes = ["light", "dark", "outdoor"] as const;
export type Theme = (typeof themes)[number];

export const savings = ["auto", "always", "never"] as const;
/** Megabytes an hour to choose from; 0: any number. */
export const budgets = [0, 1, 5, 20] as const;

export interface Prefs {
  readonly theme: Theme;
  /** Language tag, or empty for the browser's. */
  readonly lang: string;
  readonly sound: boolean;
  readonly vibrate: boolean;
  readonly notify: boolean;
  /** Go on over a data channel where there can be one. */
  readonly webrtc: boolean;
  readonly saving: (typeof savings)[number];
  /** Megabytes an hour. */
  readonly budget: number;
  /** Followed in the family view: "MATCH/home" or "MATCH/home/PLAYER". */
  readonly follows: readonly string[];
  /** Show only what the followed teams and players did. */
  readonly onlyFollowed: boolean;
}

const key = "touchline.prefs";
const standard: Prefs = { theme: "light", lang: "", sound: false, vibrate: true, notify: false, webrtc: false, saving: "auto", budget: 0, follows: [], onlyFollowed: false };

function load(): Prefs {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return kept && typeof kept === "object" ? clean({ ...standard, ...kept }) : standard;
  } catch {
    return standard;
  }
}

function clean(p: Prefs): Prefs {
  return {
    ...p,
    saving: savings.includes(p.saving) ? p.saving : standard.saving,
    budget: budgets.find((b) => b === p.budget) ?? standard.budget,
    theme: themes.includes(p.theme) ? p.theme : standard.theme,
    follows: Array.isArray(p.follows) ? p.follows.filter((f) => typeof f === "string") : [],
  };
}

export const prefs = new Cell<Prefs>(load());

export function choose(change: Partial<Prefs>): void {
  prefs.set({ ...prefs.get(), ...change });
  try {
    localStorage.setItem(key, JSON.stringify(prefs.get()));
  } catch {
    // Forbidden or full: the choice holds until the page is closed.
  }
}
