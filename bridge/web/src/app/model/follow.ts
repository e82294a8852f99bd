// Whom the family follows, and what of a match concerns them.
import type { Entry, Side, State } from "./state";

/** "MATCH/home", or "MATCH/home/PLAYER" for one player. */
export function followKey(match: string, side: Side, player?: string): string {
  return player ? `${match}/${side}/${player}` : `${match}/${side}`;
}

export function followedMatches(follows: readonly string[]): readonly string[] {
  return [...new Set(follows.map((f) => f.split("/")[0] ?? ""))].filter((m) => m !== "");
}

/** Kinds that are told without being asked for. */
const told = ["goal", "card", "substitution", "injury", "save", "player.on", "player.off", "penalty.missed", "shootout.kick"];
const toldToAll = ["period.start", "period.end", "match.end"];

/** Whether an entry is about a followed team or player. */
export function concerns(follows: readonly string[], match: string, e: Entry): boolean {
  const people = [e.facts.player, e.facts.assist, ...(e.facts.out ?? []), ...(e.facts.in ?? [])];
  return follows.some((f) => {
    const [m, side, player] = f.split("/");
    if (m !== match) return false;
    if (!player) return !e.side || e.side === side;
    // A player's own goal is in the other side's name.
    return (e.side === side || e.facts.how === "own_goal") && people.includes(player);
  });
}

/** Whether somebody who follows wants to be told at once. */
export function urgent(follows: readonly string[], match: string, e: Entry): boolean {
  if (toldToAll.includes(e.type)) return follows.some((f) => f.startsWith(match + "/"));
  return told.includes(e.type) && concerns(follows, match, e);
}

/** What is new in a state: entries that count and were not seen, and entries told before that no longer count. */
export class News {
  private seen: Map<string, boolean> | null = null;

  /** The first state is no news: it is what the page begins with. */
  next(s: State): { readonly fresh: readonly Entry[]; readonly taken: readonly Entry[] } {
    const now = new Map(s.timeline.map((e) => [e.hash, e.counts] as const));
    const old = this.seen;
    this.seen = now;
    if (!old) return { fresh: [], taken: [] };
    return {
      fresh: s.timeline.filter((e) => e.counts && !e.pending && !old.get(e.hash)),
      taken: s.timeline.filter((e) => !e.counts && old.get(e.hash) === true),
    };
  }
}
