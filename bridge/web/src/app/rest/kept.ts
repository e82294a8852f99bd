// What the node said last, for a reload without a network: never the names and words of people, which can be erased elsewhere.
import type { MatchSummary } from "../../client/api";
import type { State } from "../model/state";

function load<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as T | null;
  } catch {
    return null;
  }
}

function keep(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value, withoutPeople));
  } catch {
    // Full or forbidden: a reload then needs the node.
  }
}

function withoutPeople(key: string, value: unknown): unknown {
  if (key === "text" || key === "reason") return undefined;
  if (key === "players" && Array.isArray(value)) return value.map((p: object) => ({ ...p, name: undefined }));
  return value;
}

export const kept = {
  list: (database: string) => load<MatchSummary[]>("touchline.list." + database) ?? [],
  keepList: (database: string, list: readonly MatchSummary[]) => keep("touchline.list." + database, list),
  state: (match: string) => load<State>("touchline.state." + match),
  keepState: (match: string, state: State) => keep("touchline.state." + match, state),
  forget(database: string, matches: readonly string[]): void {
    for (const key of ["touchline.list." + database, ...matches.map((m) => "touchline.state." + m)]) {
      try {
        localStorage.removeItem(key);
      } catch {
        return; // Forbidden: nothing was kept.
      }
    }
  },
};
