// A match, item by item in its order.
import type { Item } from "./merge";
import type { Report } from "./report";
import { SHOOTOUT, type Setup } from "./setup";
import { sideName, type SideName } from "./side";
import { Squad } from "./squad";
import type { Kick, Pair, Phase, Spell } from "./state";

const spellMs = 5 * 60_000;

/** Whether minutes are played in a period of this number. */
const inPlay = (period: number): boolean => period > 0 && period < SHOOTOUT;

export class Walk {
  period = 0;
  /** Play time reached in the period. */
  at = 0;
  running = false;
  stopped = false;
  /** Play time of all periods so far, outside stops. */
  played = 0;
  added = 0;
  started: Report | null = null;
  stops = 0;
  /** Latest period that was started. */
  kickoff = 0;
  readonly lengths: Phase[] = [];
  readonly score: Pair = [0, 0];
  readonly goals: Item[] = [];
  readonly kicks: Kick[] = [];
  readonly kickScore: Pair = [0, 0];
  kickWinner: SideName | "" = "";
  readonly spells: Spell[] = [];
  readonly teams: readonly [Squad, Squad];
  private stopAt = 0;
  private readonly taken: Pair = [0, 0];

  constructor(private readonly setup: Setup) {
    const played = (): number => this.played;
    this.teams = [new Squad(setup, played), new Squad(setup, played)];
  }

  /** Applies one item and notes its flags and the score after it. */
  step(it: Item): void {
    if (it.counts && !it.main.kind.aside) {
      this.advance(it);
      it.flags = [...this.apply(it), ...(this.beyond(it.main.period) ? ["wrong_period"] : [])];
    }
    it.score = [...this.score];
  }

  /** Whether no match of this setup has such a period: extra time has two. */
  private beyond(period: number): boolean {
    return period > this.setup.periods + 2 && period !== SHOOTOUT && period !== 99;
  }

  private advance({ main }: Item): void {
    const { period, at } = main;
    if (!inPlay(period)) return;
    if (period !== this.period) {
      this.period = period;
      this.at = main.ev.type === "period.start" ? at : 0;
      this.running = true;
      this.stopped = false;
      this.added = this.stops = 0;
      this.started = null;
      this.lengths.push({ period, playedMs: 0, score: [0, 0] });
    }
    const passed = at - this.at;
    if (passed <= 0) return;
    this.at = at;
    if (!this.running || this.stopped) return;
    this.played += passed;
    this.lengths[this.lengths.length - 1]!.playedMs += passed;
    for (const t of this.teams) t.onMs += passed * t.on;
  }

  private apply(it: Item): string[] {
    const { main, facts } = it;
    switch (main.ev.type) {
      case "period.start":
        this.started = main;
        if (inPlay(main.period)) this.kickoff = Math.max(this.kickoff, main.period);
        break;
      case "period.end":
        this.running = this.stopped = false;
        break;
      case "clock.stop":
      case "clock.resume":
        return this.halt(it, main.ev.type === "clock.stop");
      case "added_time":
        this.added = facts.ms ?? 0;
        break;
      default:
        return main.side < 0 ? [] : this.team(it, main.side as 0 | 1);
    }
    return [];
  }

  /** Stops the clock or lets it go on, unless nobody knows from when, or it does so already. */
  private halt(it: Item, stop: boolean): string[] {
    const { at, clocked } = it.main;
    if (!clocked || stop === this.stopped) {
      it.refused = true;
      return [clocked ? "clock_already" : "no_clock"];
    }
    if (stop) this.stopAt = at;
    else this.stops += Math.max(at - this.stopAt, 0);
    this.stopped = stop;
    return [];
  }

  /** What happens to one team. */
  private team(it: Item, side: 0 | 1): string[] {
    const f = it.facts;
    const t = this.teams[side];
    switch (it.main.ev.type) {
      case "goal":
        return this.goal(it, side);
      case "shootout.kick":
        return this.kick(it, side);
      case "injury":
        if (f.injury?.area === "head" || f.injury?.concussion) t.injured(f.player);
        return [];
      case "lineup.set":
        return t.lineup(f.lineup!);
      case "substitution":
        return t.substitute(f.out ?? [], f.in ?? [], it);
      case "player.off":
        return t.substitute([f.player!], [], it);
      case "player.on":
        return t.substitute([], [f.player!], it);
      case "gk.change":
        return t.keeperIs(f.player!, it);
      case "power_play":
        return t.powerPlay(f.n ?? 0, this.score[1 - side]! - this.score[side]);
      case "card":
        return t.card(it);
    }
    this.count(it, side);
    return [];
  }

  private goal(it: Item, side: 0 | 1): string[] {
    const { period } = it.main;
    const f = it.facts;
    if (period >= SHOOTOUT) {
      it.refused = true; // a kick from the mark is no goal (Law 10)
      return ["wrong_period"];
    }
    const t = this.teams[side];
    const o = this.teams[side ? 0 : 1];
    this.score[side]++;
    this.goals.push(it);
    const phase = this.lengths[this.lengths.length - 1];
    if (phase && inPlay(period)) phase.score[side]++;
    t.stats.goals++;
    let flags: string[];
    if (f.how === "own_goal") {
      o.add(f.player, "ownGoals");
      flags = o.absent(f.player, it.main.clocked);
    } else flags = t.scored(f, it.main.clocked);
    t.plusMinus(1);
    o.plusMinus(-1);
    this.press(it, side, 5);
    return inPlay(period) && !this.running ? [...flags, "after_period_end"] : flags;
  }

  /** A kick from the mark: best of n, then pair by pair. */
  private kick(it: Item, side: 0 | 1): string[] {
    if (this.kickWinner) {
      it.refused = true;
      return ["already_decided"];
    }
    const flags = this.taken[side] > this.taken[1 - side]! ? ["out_of_turn"] : [];
    const { player, scored = false } = it.facts;
    this.taken[side]++;
    if (scored) this.kickScore[side]++;
    this.kicks.push({ side: sideName(side), ...(player && { player }), scored, hash: it.main.ev.hash });
    this.kickWinner = this.decided(this.setup.shootoutKicks);
    return flags;
  }

  /** The winner once the lead exceeds what is left. */
  private decided(n: number): SideName | "" {
    for (const i of [0, 1] as const) {
      const j = i ? 0 : 1;
      const lead = this.kickScore[i] - this.kickScore[j];
      const sudden = this.taken[i] > n || this.taken[j] > n;
      if (sudden ? this.taken[i] === this.taken[j] && lead > 0 : lead > n - this.taken[j]) return sideName(i);
    }
    return "";
  }

  /** Adds to the statistics what needs no checking. */
  private count(it: Item, side: 0 | 1): void {
    const t = this.teams[side];
    const f = it.facts;
    switch (it.main.ev.type) {
      case "shot": {
        const onTarget = f.outcome === "saved" || f.outcome === "on_target";
        t.stats.shots++;
        if (onTarget) t.stats.onTarget++;
        t.add(f.player, "shots");
        this.press(it, side, onTarget ? 2 : 1);
        break;
      }
      case "penalty.missed":
        t.stats.shots++;
        t.stats.penaltiesMissed++;
        t.add(f.player, "shots");
        this.press(it, side, 3);
        break;
      case "save":
        t.stats.saves++;
        t.add(f.player, "saves");
        break;
      case "corner":
        t.stats.corners++;
        this.press(it, side, 1);
        break;
      case "offside":
        t.stats.offsides++;
        break;
      case "free_kick":
        t.stats.freeKicks++;
        break;
      case "foul":
        t.stats.fouls++;
        if (f.kind === "heading") t.stats.headings++;
        t.add(f.player, "fouls");
    }
  }

  /** Adds to the momentum of a side. */
  private press({ main }: Item, side: 0 | 1, weight: number): void {
    const { period, at } = main;
    if (!inPlay(period)) return;
    const fromMs = at - (at % spellMs);
    let last = this.spells[this.spells.length - 1];
    if (last?.period !== period || last.fromMs !== fromMs) this.spells.push((last = { period, fromMs, weight: [0, 0] }));
    last.weight[side] += weight;
  }
}
