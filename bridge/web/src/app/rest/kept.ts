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

function drop(keys: readonly string[]): void {
  for (const key of keys) {
    try {
      localStorage.removeItem(key);
    } catch {
      return; // Forbidden: nothing was kept.
    }
  }
}

function keysOf(prefix: string): readonly string[] {
  try {
    return Object.keys(localStorage).filter((k) => k.startsWith(prefix));
  } catch {
    return [];
  }
}

/** What a node answered, and when; milliseconds since 1970. */
export interface Said<T> {
  readonly ok: T;
  readonly at: number;
}

const answers = "touchline.answer.";

export const kept = {
  list: (database: string) => load<MatchSummary[]>("touchline.list." + database) ?? [],
  keepList: (database: string, list: readonly MatchSummary[]) => keep("touchline.list." + database, list),
  state: (match: string) => load<State>("touchline.state." + match),
  keepState: (match: string, state: State) => keep("touchline.state." + match, state),
  answer: <T>(path: string) => load<Said<T>>(answers + path),
  keepAnswer: <T>(path: string, said: Said<T> | null) => (said ? keep(answers + path, said) : drop([answers + path])),
  /** Answers go with any match: by which right they were seen is not known. */
  forget: (database: string, matches: readonly string[]) => drop(["touchline.list." + database, ...matches.map((m) => "touchline.state." + m), ...keysOf(answers)]),
};
