// What payloads say, as far as the fold understands them.
import type { SideName } from "./side";
import { MAX_CLOCK_MS, MAX_TEXT, Members, Shirt, Value, count, pair, parse, players, squad, text, truth } from "./value";

export interface Lineup {
  readonly squad?: readonly Shirt[];
  readonly on: readonly string[] | null;
  readonly gk?: string;
  readonly captain?: string;
}

export interface Injury {
  readonly area?: string;
  readonly severity?: number;
  readonly concussion?: boolean;
}

export interface Ruling {
  readonly awarded?: readonly number[];
  readonly shared?: boolean;
  readonly replay?: boolean;
  readonly winner?: SideName | "";
}

/** Fields without a value are absent, in the State too. */
export interface Facts {
  player?: string;
  assist?: string;
  on?: string;
  how?: string;
  kind?: string;
  outcome?: string;
  colour?: string;
  status?: string;
  reason?: string;
  text?: string;
  out?: readonly string[];
  in?: readonly string[];
  scoreAfter?: readonly number[];
  n?: number;
  ms?: number;
  scored?: boolean;
  inferred?: boolean;
  lineup?: Lineup;
  injury?: Injury;
  ruling?: Ruling;
}

/** What a payload says. */
export interface Reading {
  /** What is shown of it. */
  readonly facts: Facts;
  /** match.setup: its fields. Replaced, never changed. */
  setup: ReadonlyMap<string, Value>;
  /** amend: the fields to overwrite. */
  changes: Value | undefined;
  /** confirm: the target is never merged into another report. */
  separate: boolean;
}

const names: ReadonlyMap<string, keyof Facts> = new Map<string, keyof Facts>(Object.entries({
  player: "player", playerId: "player", scorer: "player", taker: "player", gk: "player", by: "player", official: "player",
  assist: "assist", how: "how", kind: "kind", award: "kind", emoji: "kind", outcome: "outcome",
  colour: "colour", color: "colour", card: "colour", status: "status", reason: "reason", text: "text",
  out: "out", player_out: "out", in: "in", player_in: "in", score_after: "scoreAfter",
  n: "n", extra: "n", ms: "ms", scored: "scored", inferred: "inferred",
} as const));

const readers: Readonly<Record<string, (v: Value) => unknown>> = {
  text: (v) => text(v, MAX_TEXT), out: players, in: players, scoreAfter: pair, n: count, ms: count, scored: truth, inferred: truth,
};

const noFields: ReadonlyMap<string, Value> = new Map();
const emptyReading = (): Reading => ({ facts: {}, setup: noFields, changes: undefined, separate: false });

/** What an event without a payload says. Nobody writes to it. */
export const NOTHING = emptyReading();

/** Reads a payload; `odd` is the first field whose value cannot be, "data" if there is no object. */
export function readPayload(type: string, data: string | object): { reading: Reading; odd: string } {
  const reading = emptyReading();
  const m = parse(data);
  if (!m) return { reading, odd: "data" };
  let odd = "";
  for (const [key, v] of m.list) if (!setField(reading, type, key, v)) odd ||= key;
  return { reading, odd };
}

/** A copy that amendments may change. */
export function copyOf(r: Reading): Reading {
  return { ...r, facts: { ...r.facts } };
}

/** Sets one field; false only for a known field whose value cannot be. */
export function setField(r: Reading, type: string, key: string, v: Value): boolean {
  switch (type) {
    case "lineup.set":
      return setLineup(r.facts, key, v);
    case "injury":
      return setInjury(r.facts, key, v);
    case "ruling":
      return setRuling(r.facts, key, v);
    case "match.setup":
      r.setup = new Map(r.setup).set(key, v);
      return true;
  }
  switch (key) {
    case "on":
      return type !== "foul" || put(r.facts, "on", text(v));
    case "own_goal":
      if (v === true) r.facts.how = "own_goal";
      return true;
    case "minutes": {
      const n = count(v);
      return put(r.facts, "ms", n === undefined ? n : Math.min(n, Math.trunc(MAX_CLOCK_MS / 60_000)) * 60_000);
    }
    case "separate": {
      const is = truth(v);
      r.separate = is ?? r.separate;
      return is !== undefined;
    }
    case "set":
      r.changes = v;
      return v instanceof Members;
  }
  const field = key === "kind" && type === "goal" ? "how" : names.get(key);
  return !field || put(r.facts, field, (readers[field] ?? text)(v));
}

/** Puts a value; what has none is left out, null changes nothing, undefined cannot be. */
function put(to: object, field: string, v: unknown): boolean {
  if (v === undefined) return false;
  if (v === null) return true;
  const fields = to as Record<string, unknown>;
  if (v && (!Array.isArray(v) || v.length)) fields[field] = v;
  else delete fields[field];
  return true;
}

function setLineup(f: Facts, key: string, v: Value): boolean {
  const l: { -readonly [K in keyof Lineup]: Lineup[K] } = { on: null, ...f.lineup };
  f.lineup = l;
  switch (key) {
    case "on":
    case "starters": {
      const on = players(v);
      if (on) l.on = on.length ? on : null;
      return on !== undefined;
    }
    case "bench": {
      const bench = players(v);
      return bench === undefined ? false : put(l, "squad", [...(l.squad ?? []), ...(bench ?? []).map((id) => ({ id }))]);
    }
    case "squad":
      return put(l, "squad", squad(v));
    case "gk":
      return put(l, "gk", text(v));
    case "captain":
      return put(l, "captain", text(v));
  }
  return true;
}

function setInjury(f: Facts, key: string, v: Value): boolean {
  f.injury = { ...f.injury };
  switch (key) {
    case "player":
    case "playerId":
      return put(f, "player", text(v));
    case "area":
      return put(f.injury, "area", text(v));
    case "severity":
      return put(f.injury, "severity", count(v));
    case "concussion_suspected":
    case "concussion":
      return put(f.injury, "concussion", truth(v));
  }
  return true;
}

function setRuling(f: Facts, key: string, v: Value): boolean {
  f.ruling = { ...f.ruling };
  switch (key) {
    case "awarded":
      return put(f.ruling, "awarded", pair(v));
    case "shared":
      return put(f.ruling, "shared", truth(v));
    case "replay":
      return put(f.ruling, "replay", truth(v));
    case "winner": {
      const side = text(v);
      return side === "" || side === "home" || side === "away" ? put(f.ruling, "winner", side) : false;
    }
    case "reason":
      return put(f, "reason", text(v));
  }
  return true;
}

/** What an event of this kind lacks to mean anything, or "". */
export function missing(type: string, r: Reading): string {
  const f = r.facts;
  switch (type) {
    case "card":
      return ["yellow", "second_yellow", "red", "sin_bin"].includes(f.colour ?? "") ? "" : "colour";
    case "substitution":
      return f.out || f.in ? "" : "out and in";
    case "player.off":
    case "player.on":
    case "gk.change":
      return f.player ? "" : "player";
    case "lineup.set":
      return f.lineup ? "" : "on";
    case "amend":
      return r.changes === undefined ? "set" : "";
    case "ruling":
      return f.ruling ? "" : "what is ruled";
  }
  return "";
}

const lineupOrder = ["squad", "on", "gk", "captain"] as const;
const injuryOrder = ["area", "severity", "concussion"] as const;
const rulingOrder = ["awarded", "shared", "replay", "winner"] as const;
const factsOrder = [
  "player", "assist", "on", "how", "kind", "outcome", "colour", "status", "reason", "text", "out", "in", "scoreAfter",
  "n", "ms", "scored", "inferred", "lineup", "injury", "ruling",
] as const;

/** The facts with their fields in the one order in which a State shows them. */
export function shown(f: Facts): Facts {
  const out = inOrder(f, factsOrder);
  if (out.lineup) out.lineup = inOrder(out.lineup, lineupOrder);
  if (out.injury) out.injury = inOrder(out.injury, injuryOrder);
  if (out.ruling) out.ruling = inOrder(out.ruling, rulingOrder);
  return out;
}

function inOrder<T extends object>(from: T, order: readonly (keyof T)[]): T {
  const out: Partial<T> = {};
  for (const k of order) if (k in from) out[k] = from[k];
  return out as T;
}
