// Which kick of a shoot-out a tap is: recorders whose clocks differ agree on kicks by their numbers (docs/football.md).
import type { LogEvent } from "../../client/api";

/** Taps of one side so close together are one kick: the fold says so, too. */
const againMs = 5_000;

/**
 * The number of a kick told at a moment, by what this browser itself told before; ours says of a team whether it is the
 * one that kicks. Sides take turns, so that who missed a kick counts right again at the next: the side that began is
 * never behind the other, the other never more than level. None for who came late: others know the count.
 */
export function kickNumber(events: readonly LogEvent[], ours: (teamId: string) => boolean, at: number): number | undefined {
  const gone = new Set(events.filter((e) => e.type === "retract").flatMap((e) => e.refs));
  const kicks = events.filter((e) => e.type === "shootout.kick" && !gone.has(e.hash));
  const own = kicks.filter((e) => e.own).sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt));
  const first = own[0];
  if (!first) return kicks.length ? undefined : 1;
  const n = { our: 0, other: 0 };
  for (const e of own) {
    const said = e.data.n;
    if (typeof said !== "number") return undefined;
    const side = ours(e.teamId ?? "") ? "our" : "other";
    n[side] = Math.max(n[side], said);
  }
  const last = own.filter((e) => ours(e.teamId ?? "")).at(-1);
  if (last && Math.abs(at - Date.parse(last.createdAt)) < againMs) return last.data.n as number;
  return Math.max(n.our + 1, n.other + (ours(first.teamId ?? "") ? 1 : 0));
}
