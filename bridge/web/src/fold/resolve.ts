// Who may correct whom, what the corrections that hold make of their targets, and the final whistle.
import { COACH, ORGANISER, REFEREE, SCORER } from "./event";
import { copyOf, setField } from "./facts";
import { Report, comparePlace, judge, live, reset, stands } from "./report";
import { Setup, overlay } from "./setup";
import type { Side } from "./side";
import { MAX_CLOCK_MS, Members, count, text, truth } from "./value";

/** Authority over an event. */
const NONE = 0;
const AUTHOR = 1;
const TEAM = 2;
const REFEREES = 3;
const ORGANISERS = 4;

/** The set of reports, and what is decided about all of them. */
export class Book {
  setup!: Setup;
  /** Teams whose side is assumed. */
  readonly assumedID: [string, string] = ["", ""];
  end: Report | null = null;
  ruling: Report | null = null;
  metas: Report[];
  private sides = new Map<string, Side>();
  private corrected: Report[] = [];
  private someLate = false;

  /** `here` leads from hashes of events to their reports. */
  constructor(
    readonly reports: readonly Report[],
    private readonly here: ReadonlyMap<string, Report>,
  ) {
    this.metas = reports.filter((r) => r.kind.meta);
    for (const r of reports) reset(r);
    // Setups may be corrected and late like anything else; since they belong to no team, this needs no setup.
    if (this.of("match.setup").length) this.resolve();
    this.arrange();
    for (const r of reports) {
      r.from = this.sideOf(r.ev.team);
      reset(r);
    }
    this.resolve();
    for (const r of this.of("ruling"))
      if (live(r) && r.ev.role === ORGANISER && (!this.ruling || comparePlace(r, this.ruling) > 0)) this.ruling = r;
  }

  private of(type: string): Report[] {
    return this.reports.filter((r) => r.ev.type === type);
  }

  private sideOf(team = ""): Side {
    return team === "home" ? 0 : team === "away" ? 1 : (this.sides.get(team) ?? -1);
  }

  /** Reads the setup and gives sides to teams; those that it does not name get the free ones in the log's order. */
  private arrange(): void {
    const setups = this.of("match.setup").filter((r) => live(r) && !r.waits);
    this.setup = overlay(weakestFirst(setups).map(({ now, ev }) => ({ fields: now.setup, opens: ev.role >= ORGANISER && ev.role <= COACH && !ev.side })));
    this.setup.teams.forEach((t, i) => t.id && this.sides.set(t.id, i as Side));
    const first = new Map<string, Report>();
    for (const r of this.reports) {
      const team = r.ev.team ?? "";
      if (!stands(r) || !team || this.sideOf(team) >= 0) continue;
      const q = first.get(team);
      if (!q || comparePlace(r, q) < 0) first.set(team, r);
    }
    const order = [...first.values()].sort(comparePlace);
    this.setup.teams.forEach((t, i) => {
      const next = t.id ? undefined : order.shift()?.ev.team;
      if (!next) return;
      this.assumedID[i] = next;
      this.sides.set(next, i as Side);
    });
  }

  private authorityOf(m: Report, root: Report): number {
    const { role, side, author } = m.ev;
    if (role === ORGANISER) return ORGANISERS;
    if (role === REFEREE) return REFEREES;
    if (role === COACH || role === SCORER) {
      if (!side || (!root.kind.whole && root.from >= 0 && this.sideOf(side) === root.from)) return TEAM;
    }
    return author === root.ev.author ? AUTHOR : NONE;
  }

  /** The authority of m over t; its author's own is the least. */
  private over(m: Report, t: Report): number {
    return Math.max(this.authorityOf(m, t), AUTHOR);
  }

  /** With which authority m speaks about t, which leads to root; null if it may not. */
  private mayCorrect(m: Report, t: Report, root: Report): number | null {
    const a = this.authorityOf(m, root);
    if (m.ev.type === "confirm" && m.ev.role <= SCORER) return a;
    if (m.ev.author === t.ev.author) return Math.max(a, AUTHOR);
    let need = TEAM;
    if (t.kind.meta) need = Math.max(need, this.authorityOf(t, root));
    else if (t.ev.role === ORGANISER) need = ORGANISERS;
    else if (t.ev.role === REFEREE) need = REFEREES;
    return a >= need ? a : null;
  }

  private resolve(): void {
    for (const r of this.reports) r.late = r.holds = r.waits = false;
    this.end = null;
    this.settle();
    for (const r of this.of("match.end")) {
      if (live(r) && (!this.end || r.ev.role < this.end.ev.role || (r.ev.role === this.end.ev.role && comparePlace(r, this.end) < 0))) this.end = r;
    }
    this.someLate = false;
    for (const r of this.reports) this.judgeLate(r);
    if (this.someLate) this.settle();
  }

  private judgeLate(r: Report): void {
    r.late = !!r.ev.late || (!!this.end && comparePlace(r, this.end) > 0);
    if (!r.late) return;
    if (r.kind.meta && rootOf(r)?.ev.type === "match.end") {
      r.late = false;
      return;
    }
    this.someLate = true;
    r.holds = r.waits = !!this.end && r.ev.role > this.end.ev.role && r.ev.type !== "match.end";
  }

  /** From the last correction to the first, so that each is known to hold or not before it is applied. */
  private settle(): void {
    this.metas.sort((a, b) => comparePlace(b, a));
    for (const r of this.corrected) reset(r);
    this.corrected = [];
    for (const m of this.metas) {
      m.withdrawn = null;
      m.disputed = "";
    }
    for (const m of this.metas) this.speak(m);
    for (const r of this.corrected) this.apply(r);
  }

  private speak(m: Report): void {
    if (!stands(m) || m.wrong || m.waits || m.withdrawn) return;
    const refs = m.ev.refs ?? [];
    if (!refs.length || refs.some((h) => !this.here.has(h))) m.disputed = "target not here";
    for (const t of m.about) {
      const root = rootOf(t);
      if (!root || comparePlace(t, m) > 0) continue;
      if (this.mayCorrect(m, t, root) === null) {
        m.disputed = "no authority";
        continue;
      }
      if (m.ev.type === "retract" && t.kind.meta) t.withdrawn = m;
      else if (m.ev.type === "amend" && t.ev.type === "amend") this.correct(root, m);
      else if (!t.kind.meta) this.correct(t, m);
    }
  }

  private correct(t: Report, m: Report): void {
    if (!t.metas.length) this.corrected.push(t);
    if (t.metas[t.metas.length - 1] !== m) t.metas.push(m);
  }

  private apply(t: Report): void {
    const metas = t.metas;
    t.metas = [];
    metas.sort((a, b) => this.over(a, t) - this.over(b, t) || comparePlace(a, b));
    for (const m of metas) {
      if (m.ev.type === "amend") this.amend(t, m);
      else if (m.ev.type === "retract") t.withdrawn = m;
      else {
        t.separate ||= m.base.separate;
        if (m.ev.author !== t.ev.author || m.ev.role <= REFEREE) t.confirmed = m;
      }
    }
    const w = t.withdrawn;
    if (w && t.confirmed && this.over(t.confirmed, t) > this.over(w, t)) {
      w.disputed = "overruled";
      t.withdrawn = null;
    } else if (w) {
      const why = w.base.facts.reason;
      t.reach = why !== "duplicate" && (w.ev.author !== t.ev.author || why === "disallowed");
    }
    if (t.waits && t.confirmed && this.end && t.confirmed.ev.role <= this.end.ev.role) t.waits = false;
  }

  /** Overwrites the fields that m names; never the ID, match or type. */
  private amend(t: Report, m: Report): void {
    t.now = copyOf(t.now);
    const set = m.base.changes;
    for (const [key, v] of set instanceof Members ? set.list : []) {
      if (key === "team") {
        const side = this.sideOf(text(v));
        if (side >= 0) t.side = side;
      } else if (key === "period") {
        const p = count(v);
        if (p !== undefined && p <= 99) t.period = p;
      } else if (key === "clockMs" || key === "t_ms") {
        const ms = count(v);
        if (ms !== undefined && ms <= MAX_CLOCK_MS) {
          t.at = ms;
          t.clocked = true;
        }
      } else setField(t.now, t.ev.type, key, v);
    }
    t.amended.push(m.ev.hash);
    judge(t);
  }
}

/**
 * Setups in the order in which they say more and more: of equal rank what a competition handed down yields to what the
 * match says itself, and the last wins. Of all that is handed down the last stays.
 */
function weakestFirst(setups: Report[]): Report[] {
  const handedDown = (r: Report): boolean => truth(r.now.setup.get("inherited") ?? null) === true;
  setups.sort((a, b) => b.ev.role - a.ev.role || Number(handedDown(b)) - Number(handedDown(a)) || comparePlace(a, b));
  let last = setups.length - 1;
  while (last >= 0 && !handedDown(setups[last]!)) last--;
  return setups.filter((r, i) => i >= last || !handedDown(r));
}

/** The event that a chain of corrections ends at; null while a link is missing. */
function rootOf(t: Report): Report | null {
  for (let r: Report | undefined = t; r; ) {
    if (!r.kind.meta) return r;
    const at: Report = r;
    r = at.about.find((q) => comparePlace(q, at) < 0);
  }
  return null;
}
