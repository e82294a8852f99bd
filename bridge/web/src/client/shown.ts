// What a page is shown of a match: its events, in the order of the log.
import { EVENTS, Event, Verdicts, becauseText, decodeContent, plainOf, roleName, timeString } from "../core";
import type { LogEvent, Reach } from "./api";
import { MatchCopy, localHash } from "./copy";
import type { OwnRow, RestEvent } from "./rows";

/** An event as REST has it, and the team that its author is bound to. */
export interface Told {
  readonly event: RestEvent;
  readonly side: string;
}

type Said = Pick<RestEvent, "id" | "teamId" | "type" | "period" | "clockMs" | "data"> & { readonly void?: string; readonly sealed?: boolean };

const said = new WeakMap<Event, Said>();

/** What an event says; it never changes. */
function read(e: Event): Said {
  let s = said.get(e);
  if (!s) said.set(e, (s = parse(e)));
  return s;
}

function parse(e: Event): Said {
  if (e.epoch) return { sealed: true };
  try {
    const { id, type, team, period, clockMs, data } = decodeContent(plainOf(e));
    return {
      id, type, data: data ?? {}, ...(team ? { teamId: team } : {}), ...(period ? { period } : {}), ...(clockMs === undefined ? {} : { clockMs }),
    };
  } catch (problem) {
    return { void: String(problem) };
  }
}

/** Everything that is known of a match, own events that nobody signed yet included. */
export function told(copy: MatchCopy): readonly Told[] {
  const { control } = copy.log;
  const verdicts = new Verdicts(control, copy.chains);
  const out: Told[] = copy.log.events(EVENTS).map((e) => {
    const { void: wrong, ...what } = read(e);
    const v = verdicts.of(e);
    const right = control.right(e.grant);
    const event: RestEvent = {
      ...what, hash: e.hash, refs: e.refs, author: e.author, role: right ? roleName(right.role) : "", hlc: timeString(e.time),
      createdAt: new Date(e.ownMs).toISOString(), verdict: wrong ? "void" : v.state, ...reason(wrong ?? becauseText(v)),
    };
    return { event, side: right?.team ?? "" };
  });
  for (const event of copy.views.values()) if (!copy.log.has(event.hash)) out.push({ event, side: "" });
  for (const row of copy.own.values())
    if (!row.hash || !(copy.log.has(row.hash) || copy.views.has(row.hash))) out.push({ event: drafted(copy, row), side: "" });
  const keys = new Map(out.map((t) => [t, timeOf(t.event)] as const));
  return out.sort((a, b) => (keys.get(a)! < keys.get(b)! ? -1 : 1));
}

const reason = (why: string) => (why ? { reason: why } : {});

const timeOf = (e: RestEvent): string => {
  const [ms = "", counter = ""] = e.hlc.split(".");
  return ms.padStart(16, "0") + counter.padStart(5, "0") + e.hash;
};

/** An own event before it is signed. */
function drafted(copy: MatchCopy, row: OwnRow): RestEvent {
  const { type, period, clockMs, teamId, data } = row.draft;
  return {
    id: row.id, hash: row.hash || localHash(row.id), type, data: data ?? {}, refs: copy.refsOf(row).filter((r) => r !== ""), author: "", role: "record",
    hlc: timeString(row.time), createdAt: new Date(row.at).toISOString(), verdict: row.problem ? "void" : "counts", ...reason(row.problem),
    ...(teamId ? { teamId } : {}), ...(period === undefined ? {} : { period }), ...(clockMs === undefined ? {} : { clockMs }),
  };
}

/** Where an own event is, by what the node that was last met has said. */
export function reachOf(row: OwnRow, node: string): Reach {
  if (row.problem) return "refused";
  if (!row.node || row.node !== node) return "saved";
  return row.devices > 1 || row.relay ? "devices" : "node";
}

export function logEvent({ event: e }: Told, own: OwnRow | undefined, node: string): LogEvent {
  return {
    id: e.id ?? "", hash: e.hash, type: e.type ?? "", data: e.data ?? {}, refs: e.refs, author: e.author, role: e.role, hlc: e.hlc, createdAt: e.createdAt,
    verdict: e.verdict, own: own !== undefined, reach: own ? reachOf(own, node) : "node", ...(own?.problem ? { problem: own.problem } : {}),
    ...(e.teamId ? { teamId: e.teamId } : {}), ...(e.period === undefined ? {} : { period: e.period }), ...(e.clockMs === undefined ? {} : { clockMs: e.clockMs }),
  };
}
