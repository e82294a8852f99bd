// How the match is played and shown.
import { bandAge, bandIn, childhood, narrowerBand, UNKNOWN } from "./ageband";
import { Members, Value, count, text, truth } from "./value";

export interface Team {
  readonly id?: string;
  readonly name?: string;
}

export interface Setup {
  teams: [Team, Team];
  ageBand?: string;
  competition?: string;
  group?: string;
  trophy: boolean;
  playersPerSide: number;
  periods: number;
  periodMs: number;
  breakMs: number;
  extraMs: number;
  /** -1: unlimited. */
  substitutions: number;
  shootoutKicks: number;
  powerPlay: readonly number[] | null;
  sinBinMs: number;
  dailyCapMs: number;
  minSharePct: number;
  noHeading: boolean;
  results: string;
  names: string;
}

type Fields = ReadonlyMap<string, Value>;

/** The period of the kicks from the mark. */
export const SHOOTOUT = 90;

const minute = 60_000;

function defaults(band: string): Setup {
  const known = bandAge(band);
  const hidden = childhood(known);
  const age = known === UNKNOWN ? 0 : known;
  const young = age > 0 && age <= 11;
  const [side, length] =
    age === 0 || age > 16 ? [11, 45] : age <= 7 ? [3, 10] : age <= 9 ? [5, 20] : age <= 11 ? [7, 25] : age <= 13 ? [9, 30] : [11, 35];
  return {
    teams: [{}, {}], ageBand: band, competition: "", group: "", trophy: false, playersPerSide: side!, periods: 2, periodMs: length! * minute,
    breakMs: (young ? 5 : 15) * minute, extraMs: 15 * minute, substitutions: -1, shootoutKicks: 5, powerPlay: [4, 6], sinBinMs: 10 * minute,
    dailyCapMs: age === 9 || age === 10 ? 60 * minute : 0, minSharePct: 50, noHeading: young, results: hidden ? "team_only" : "public",
    names: "number",
  };
}

/** What one match.setup says. Whoever may not open only narrows what all are shown. */
export interface Said {
  readonly fields: Fields;
  readonly opens: boolean;
}

/** The setup that is said, weakest first. Absent words are "" until it is shown. */
export function overlay(weakestFirst: readonly Said[]): Setup {
  let band = "";
  for (const { fields, opens } of weakestFirst) {
    const b = bandIn(fields.get("age_band"));
    if (b && (opens || narrowerBand(b, band))) band = b;
  }
  const s = defaults(band);
  for (const said of weakestFirst) {
    apply(s, said.fields);
    publish(s, said);
  }
  if (s.dailyCapMs === 60 * minute && s.trophy) {
    s.dailyCapMs = 90 * minute; // tournaments
    for (const { fields } of weakestFirst) s.dailyCapMs = number(fields, "daily_cap_ms", s.dailyCapMs);
  }
  return s;
}

const words = { results: ["team_only", "public"], names: ["number", "first", "full"] } as const;

/** Takes what is said of who sees what. */
function publish(s: Setup, { fields, opens }: Said): void {
  const trophy = flag(fields, "trophy", s.trophy);
  if (opens || !trophy) s.trophy = trophy;
  for (const name of ["results", "names"] as const) {
    const list: readonly string[] = words[name];
    const said = word(fields, name);
    if (list.includes(said) && (opens || list.indexOf(said) < list.indexOf(s[name]))) s[name] = said;
  }
}

function word(f: Fields, name: string, before = ""): string {
  const v = f.get(name);
  return v === undefined ? before : (text(v) ?? before);
}

function number(f: Fields, name: string, before: number): number {
  return count(f.get(name) ?? before) ?? before;
}

function flag(f: Fields, name: string, before: boolean): boolean {
  const v = f.get(name);
  return v === undefined ? before : (truth(v) ?? before);
}

function apply(s: Setup, f: Fields): void {
  const teams = f.get("teams");
  if (teams instanceof Members) {
    for (const [key, v] of teams.list) {
      if (key === "home") s.teams = [teamOf(v), s.teams[1]];
      if (key === "away") s.teams = [s.teams[0], teamOf(v)];
    }
  }
  s.competition = word(f, "competition", s.competition);
  s.group = word(f, "group", s.group);
  s.noHeading = flag(f, "no_heading", s.noHeading);
  s.playersPerSide = number(f, "players_per_side", s.playersPerSide);
  s.periods = Math.min(Math.max(number(f, "periods", s.periods), 1), 45);
  s.periodMs = number(f, "period_ms", s.periodMs);
  s.breakMs = number(f, "break_ms", s.breakMs);
  s.extraMs = number(f, "extra_ms", s.extraMs);
  s.shootoutKicks = Math.min(Math.max(number(f, "shootout_kicks", s.shootoutKicks), 1), 100);
  s.sinBinMs = number(f, "sin_bin_ms", s.sinBinMs);
  s.dailyCapMs = number(f, "daily_cap_ms", s.dailyCapMs);
  s.minSharePct = number(f, "min_share_pct", s.minSharePct);
  const subs = f.get("subs");
  if (subs !== undefined) s.substitutions = count(subs) ?? -1;
  const power = f.get("power_play");
  if (Array.isArray(power)) {
    const list = (power as readonly Value[]).map(count).filter((n) => n !== undefined).slice(0, 8);
    s.powerPlay = list.length ? list : null;
  }
}

/** {id, name}, or only a name that is also the ID. */
function teamOf(v: Value): Team {
  let id = "";
  let name = "";
  if (v instanceof Members) {
    for (const [k, x] of v.list) {
      if (k === "id") id = text(x) ?? id;
      if (k === "name") name = text(x) ?? name;
    }
  } else id = name = text(v) ?? "";
  return { ...(id && { id }), ...(name && { name }) };
}

/** The setup without the words that are not there. */
export function shownSetup(s: Setup): Setup {
  const out = { ...s };
  for (const k of ["ageBand", "competition", "group"] as const) if (!out[k]) delete out[k];
  return out;
}

/** How a play time is shown: "1" in the first minute, "25+2" in the second of added time; "" outside play. */
export function minuteOf(s: Setup, period: number, ms: number): string {
  if (period < 1 || period >= 90) return "";
  const lengthOf = (p: number): number => (p > s.periods ? s.extraMs : s.periodMs);
  let base = 0;
  for (let p = 1; p < period; p++) base += lengthOf(p);
  const length = lengthOf(period);
  if (length > 0 && ms >= length) return `${Math.ceil((base + length) / minute)}+${Math.floor((ms - length) / minute) + 1}`;
  return String(Math.floor((base + ms) / minute) + 1);
}
