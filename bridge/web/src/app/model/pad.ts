// What a tap on the pad becomes: a draft with the period and the play time that the clock shows.
import type { Draft, LogEvent, Match } from "../../client/api";
import { kickNumber } from "./kicks";
import { elapsed, shootoutPeriod, type Side, type State } from "./state";
import { now } from "./time";

export type Data = Readonly<Record<string, unknown>>;

/** What the button for the course of the match does next. */
export interface Step {
  readonly key: "start" | "end" | "whistle" | "done";
  readonly type: string;
  readonly period: number;
}

export function nextStep(s: State): Step {
  const { period } = s.clock;
  if (s.phase === "ended") return { key: "done", type: "", period };
  if (s.phase === "before" && !s.clock.running) return { key: "start", type: "period.start", period: 1 };
  if (s.phase === "playing") {
    return period === s.setup.periods ? { key: "whistle", type: "match.end", period } : { key: "end", type: "period.end", period };
  }
  if (s.phase === "shootout" || period >= s.setup.periods) return { key: "whistle", type: "match.end", period };
  return { key: "start", type: "period.start", period: period + 1 };
}

/** Taps of one side so close together are one goal: the fold says so, too (docs/football.md). */
const againMs = 10_000;

export class Pad {
  constructor(
    private readonly match: Match<State>,
    private readonly state: () => State | null,
  ) {}

  /** Records something of a side, or of none, at this moment. */
  tap(type: string, side: Side | null, data: Data = {}): Promise<LogEvent> {
    return this.match.record({ type, ...this.moment(), ...(side ? { teamId: this.team(side) } : {}), data });
  }

  step(step: Step): Promise<LogEvent> {
    if (step.type === "period.start") return this.match.record({ type: step.type, period: step.period, clockMs: 0, data: {} });
    return this.tap(step.type, null, step.type === "match.end" ? { status: "completed" } : {});
  }

  kick(side: Side, scored: boolean): Promise<LogEvent> {
    const team = this.team(side);
    const n = kickNumber(this.match.get().events, (id) => id === side || id === team, now());
    return this.match.record({ type: "shootout.kick", period: shootoutPeriod, teamId: team, data: n ? { scored, n } : { scored } });
  }

  amend(hash: string, set: Data): Promise<LogEvent> {
    return this.match.record({ type: "amend", refs: [hash], data: { set } });
  }

  confirm(hash: string, separate = false): Promise<LogEvent> {
    return this.match.record({ type: "confirm", refs: [hash], data: separate ? { separate: true } : {} });
  }

  withdraw(hash: string, reason = "mistake"): Promise<LogEvent> {
    return reason === "mistake" ? this.match.retract(hash) : this.match.record({ type: "retract", refs: [hash], data: { reason } });
  }

  /** Takes back an entry with every tap of this browser that it is made of: of a tap told twice none may stay. */
  async withdrawAll(hash: string): Promise<LogEvent> {
    const entry = this.state()?.timeline.find((e) => e.hash === hash || e.sources?.some((s) => s.hash === hash));
    const parts = entry ? [entry.hash, ...(entry.sources ?? []).map((s) => s.hash)] : [];
    const own = new Set(this.match.get().events.filter((e) => e.own).map((e) => e.hash));
    const last = await this.withdraw(hash);
    for (const h of parts) if (h !== hash && own.has(h)) await this.withdraw(h);
    return last;
  }

  /** Whether a goal is told again so soon after one of that side told here that the two are one. */
  again(side: Side, at: number): boolean {
    const { events } = this.match.get();
    const gone = new Set(events.filter((e) => e.type === "retract").flatMap((e) => e.refs));
    return events.some((e) => e.own && e.type === "goal" && e.teamId === this.team(side) && !gone.has(e.hash) && Math.abs(at - Date.parse(e.createdAt)) < againMs);
  }

  /** The team by its ID where a setup names one, so that teams keep theirs whatever the setup says later. */
  private team(side: Side): string {
    return this.state()?.setup.teams[side === "home" ? 0 : 1].id || side;
  }

  private moment(): Pick<Draft, "period" | "clockMs"> {
    const s = this.state();
    if (!s || s.clock.period === 0) return {};
    if (s.phase === "shootout") return { period: shootoutPeriod };
    return { period: s.clock.period, clockMs: Math.max(0, Math.round(elapsed(s.clock, now()))) };
  }
}
