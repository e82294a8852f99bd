// What this browser recorded, laid over the state that the node gave before it had it. It is what the person
// sees until the node's own fold answers. Pending is what no node has acknowledged: after a crash the state kept here
// may be older than the acknowledgements.
import type { LogEvent } from "../../client/api";
import type { Clock, Entry, Facts, Side, State, TeamState } from "../model/state";
import { elapsed, waitsFor } from "../model/state";

const noCards = { yellow: 0, secondYellow: 0, red: 0, sinBin: 0 };
const noTeam: TeamState = {
  team: {}, known: false, on: 0, limit: 0, players: [],
  stats: { goals: 0, shots: 0, onTarget: 0, saves: 0, corners: 0, offsides: 0, freeKicks: 0, fouls: 0, cards: noCards },
};

/** A match of which nothing was heard yet. */
export const blank: State = {
  setup: {
    teams: [{}, {}], trophy: false, playersPerSide: 11, periods: 2, periodMs: 2_700_000, extraMs: 900_000, minSharePct: 50, results: "public", names: "number",
  },
  phase: "before",
  clock: { period: 0, atMs: 0, running: false, stopped: false, startedOwnMs: 0, stopsMs: 0, addedMs: 0 },
  score: [0, 0], waiting: [0, 0],
  result: { final: false, status: "", score: [0, 0], winner: "", how: "played" },
  teams: [noTeam, noTeam], timeline: [], corrections: [], momentum: [], playedMs: 0,
};

/** Lays what was recorded here by somebody of a role over a state. */
export function overlay(state: State, unsent: readonly LogEvent[], role: string): State {
  const there = new Set<string | undefined>();
  for (const e of state.timeline) {
    there.add(e.hash).add(e.id);
    for (const source of e.sources ?? []) there.add(source.hash);
  }
  for (const c of state.corrections) there.add(c.hash);
  there.delete(undefined);
  let out = state;
  // The node's stream may tell of an event before its acknowledgement is here.
  for (const o of unsent) if (!there.has(o.id) && !there.has(o.hash)) out = isLate(out, o, role) ? applyLate(out, o) : apply(out, o);
  return out;
}

/** Whether it was tapped after the end that somebody else of more weight told: it is kept, and changes nothing. */
function isLate(s: State, o: LogEvent, role: string): boolean {
  const end = s.timeline.find((e) => e.type === "match.end" && e.counts);
  return waitsFor(s, role) !== "" && atOf(o) > (end?.ownMs ?? Infinity);
}

/** Shows what waits for review. Who takes back his own late tap sees it withdrawn; what counts goes on counting. */
function applyLate(s: State, o: LogEvent): State {
  if (o.type === "retract") return { ...s, timeline: s.timeline.map((e) => (o.refs.includes(e.hash) && !e.counts ? withdrawn(e, o) : e)) };
  if (o.type === "amend" || o.type === "confirm") return s;
  return { ...s, timeline: [...s.timeline, { ...entryOf(o, sideOf(o, s)), counts: false, status: o.reach === "refused" ? "refused" : "waiting" }] };
}

const waits = (o: LogEvent): boolean => o.reach === "saved";

/** When it was tapped; milliseconds since 1970. */
const atOf = (o: LogEvent): number => Date.parse(o.createdAt);

function sideOf(o: LogEvent, s: State): Side | "" {
  const id = o.teamId;
  if (id === "home" || (id && id === s.teams[0].team.id)) return "home";
  if (id === "away" || (id && id === s.teams[1].team.id)) return "away";
  return "";
}

function apply(s: State, o: LogEvent): State {
  if (o.type === "retract") return withdraw(s, o);
  if (o.type === "amend") return amend(s, o);
  if (o.type === "confirm") return s;
  const side = sideOf(o, s);
  let out: State = { ...s, timeline: [...s.timeline, entryOf(o, side)], clock: clockAfter(s.clock, o) };
  if (o.type === "goal" && side && !s.hidden) out = { ...out, score: plus(out.score, side, 1) };
  if (o.type === "match.setup") out = setup(out, o.data);
  return { ...out, phase: phaseAfter(out.phase, o) };
}

function entryOf(o: LogEvent, side: Side | ""): Entry {
  return {
    hash: o.hash, id: o.id, type: o.type, side, period: o.period ?? 0, clockMs: o.clockMs ?? 0, clocked: o.clockMs !== undefined,
    by: "", role: "", ownMs: atOf(o), facts: factsOf(o.data), status: o.reach === "refused" ? "refused" : "reported", counts: true, pending: waits(o),
  };
}

function factsOf(data: Readonly<Record<string, unknown>> = {}): Facts {
  const { scorer, player, ...rest } = data as Record<string, never>;
  return { ...rest, ...((scorer ?? player) ? { player: scorer ?? player } : {}) };
}

function plus(score: State["score"], side: Side, n: number): State["score"] {
  return side === "home" ? [score[0] + n, score[1]] : [score[0], score[1] + n];
}

function withdraw(s: State, o: LogEvent): State {
  let score = s.score;
  const timeline = s.timeline.map((e): Entry => {
    if (!o.refs.includes(e.hash) || e.status === "withdrawn") return e;
    if (e.type === "goal" && e.counts && e.side && !s.hidden) score = plus(score, e.side, -1);
    return withdrawn(e, o);
  });
  return { ...s, timeline, score };
}

const withdrawn = (e: Entry, o: LogEvent): Entry => ({ ...e, status: "withdrawn", counts: false, pending: waits(o) });

function amend(s: State, o: LogEvent): State {
  const { set } = o.data;
  if (!set || typeof set !== "object") return s;
  const timeline = s.timeline.map((e) =>
    o.refs.includes(e.hash) ? { ...e, facts: { ...e.facts, ...factsOf(set as Record<string, unknown>) }, pending: waits(o) } : e,
  );
  return { ...s, timeline };
}

function setup(s: State, data: Readonly<Record<string, unknown>> = {}): State {
  const teams = data.teams as { home?: { name?: string }; away?: { name?: string } } | undefined;
  if (!teams) return s;
  const name = (t: TeamState, n?: string): TeamState => (n === undefined ? t : { ...t, team: { ...t.team, name: n } });
  return { ...s, teams: [name(s.teams[0], teams.home?.name), name(s.teams[1], teams.away?.name)] };
}

function clockAfter(c: Clock, o: LogEvent): Clock {
  switch (o.type) {
    case "period.start":
      return { ...c, period: o.period ?? c.period + 1, atMs: 0, running: true, stopped: false, startedOwnMs: atOf(o), stopsMs: 0, addedMs: 0 };
    case "period.end":
    case "match.end":
      return { ...c, atMs: elapsed(c, atOf(o)), running: false };
    case "clock.stop":
      return { ...c, atMs: elapsed(c, atOf(o)), stopped: true };
    case "clock.resume":
      return c.stopped ? { ...c, stopped: false, stopsMs: atOf(o) - c.startedOwnMs - c.atMs } : c;
  }
  return c;
}

function phaseAfter(phase: string, o: LogEvent): string {
  switch (o.type) {
    case "period.start":
      return o.period === 90 ? "shootout" : "playing";
    case "period.end":
      return "break";
    case "match.end":
      return "ended";
  }
  return phase;
}
