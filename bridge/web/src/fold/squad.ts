// One team during the walk.
import type { Facts, Lineup } from "./facts";
import { sharedAuthor, type Item } from "./merge";
import { SHOOTOUT, type Setup, type Team } from "./setup";
import { Cards, Player, Stats, TeamState, addCard, byUtf8, noCards } from "./state";

type Tally = { -readonly [K in keyof Player]-?: Player[K] } & { since: number; keeperSince: number; binned: boolean; away: number; kicksYellow: number };

function newTally(id: string): Tally {
  return {
    id, name: "", no: shirtOf(id), squad: false, started: false, on: false, sentOff: false, noReturn: false, binUntilMs: 0, entries: 0, playedMs: 0,
    keeperMs: 0, goals: 0, ownGoals: 0, assists: 0, shots: 0, saves: 0, fouls: 0, conceded: 0, plusMinus: 0, cards: noCards(),
    since: 0, keeperSince: 0, binned: false, away: 0, kicksYellow: 0,
  };
}

/** The number on the shirt that a player's ID is, as recorders type who know no more; 0 if it is none. */
const shirtOf = (id: string): number => (/^\d{1,3}$/.test(id) ? Number(id) : 0);

/** The counters that an event adds to. */
export type Counter = "goals" | "ownGoals" | "assists" | "shots" | "saves" | "fouls";

export class Squad {
  on = 0;
  onMs = 0;
  readonly stats: Stats = {
    goals: 0, shots: 0, onTarget: 0, saves: 0, corners: 0, offsides: 0, freeKicks: 0, fouls: 0, headings: 0, penaltiesMissed: 0, cards: noCards(),
  };
  private readonly players = new Map<string, Tally>();
  private known = false;
  private keeper: Tally | null = null;
  /** Players more by power play. */
  private extra = 0;
  /** Sent off, from the pitch. */
  private gone = 0;
  private changes = 0;
  /** How often a player left whom nobody replaced at once. */
  private aways = 0;
  /** Cards told as a yellow one of a named player. */
  private readonly yellows: Item[] = [];

  /** `played` reads the play time of the match. */
  constructor(
    private readonly setup: Setup,
    private readonly played: () => number,
  ) {}

  private player(id: string): Tally {
    let p = this.players.get(id);
    if (!p) this.players.set(id, (p = newTally(id)));
    return p;
  }

  /** Adds to the counters of a player, if one is named. */
  add(id: string | undefined, ...counters: Counter[]): void {
    if (id) for (const c of counters) this.player(id)[c]++;
  }

  injured(id: string | undefined): void {
    if (id) this.player(id).noReturn = true;
  }

  /** How many may be on the pitch: whoever's time in the sin bin is served may be replaced. */
  private limit(): number {
    return this.setup.playersPerSide + this.extra - this.gone - [...this.players.values()].filter((p) => this.serves(p)).length;
  }

  private serves(p: Tally): boolean {
    return p.binned && p.binUntilMs > this.played();
  }

  private enter(p: Tally): void {
    p.binned = false;
    p.binUntilMs = 0;
    p.away = 0;
    if (p.on) return;
    p.on = true;
    p.since = this.played();
    p.entries++;
    this.on++;
  }

  private leave(p: Tally): void {
    if (!p.on) return;
    p.playedMs += this.played() - p.since;
    p.on = false;
    this.on--;
    if (this.keeper === p) this.handGloves(null);
  }

  private handGloves(to: Tally | null): void {
    if (this.keeper) this.keeper.keeperMs += this.played() - this.keeper.keeperSince;
    if (to) to.keeperSince = this.played();
    this.keeper = to;
  }

  /** Puts exactly those on the pitch who are named. */
  lineup(l: Lineup): string[] {
    const flags = new Set<string>();
    this.known = true;
    for (const s of l.squad ?? []) {
      const p = this.player(s.id);
      p.squad = true;
      p.no = s.no ?? p.no;
    }
    const keeper = this.keeper;
    const on = l.on ?? [];
    if (on.length) for (const p of this.players.values()) if (p.on && !on.includes(p.id)) this.leave(p);
    for (const id of on) {
      const p = this.player(id);
      p.squad = true;
      if (p.sentOff) {
        flags.add("sent_off");
        continue;
      }
      if (p.noReturn && !p.on) flags.add("head_injury");
      if (p.binUntilMs > this.played()) flags.add("sin_bin");
      if (!p.on && this.played() === 0) p.started = true;
      this.enter(p);
    }
    if (l.gk && l.gk !== keeper?.id) {
      const p = this.player(l.gk);
      if (p.on) this.handGloves(p);
      else flags.add("not_on");
    }
    if (this.on > this.limit()) flags.add("too_many_on");
    return [...flags];
  }

  /**
   * Takes the place of the last who left and was not replaced, and says whether there was one: two people may each
   * have told half of a change.
   */
  private replace(): boolean {
    let last: Tally | null = null;
    for (const p of this.players.values()) if (p.away > (last?.away ?? 0)) last = p;
    if (last) last.away = 0;
    return !!last;
  }

  /** Takes players off and puts players on, all or nobody. */
  substitute(out: readonly string[], into: readonly string[], it: Item): string[] {
    const why = this.impossible(out, into);
    if (why.length) {
      it.refused = true;
      return why;
    }
    const flags = new Set<string>();
    let keeperLeft = false;
    for (const id of out) {
      const p = this.player(id);
      keeperLeft ||= this.keeper === p;
      this.leave(p);
      p.away = into.length ? 0 : ++this.aways;
    }
    let changes = 0;
    for (const id of into) {
      const p = this.player(id);
      if (p.noReturn) flags.add("head_injury");
      if (out.length || (!p.away && this.replace())) changes++;
      if (p.binUntilMs > this.played()) flags.add("sin_bin");
      if (this.setup.substitutions >= 0 && p.entries && !p.binned && !p.away) flags.add("came_back");
      if (this.known && !p.squad) flags.add("not_in_squad");
      this.enter(p);
    }
    if (keeperLeft && out.length === 1 && into.length === 1) this.handGloves(this.player(into[0]!));
    if (changes) {
      this.changes += changes;
      if (this.setup.substitutions >= 0 && this.changes > this.setup.substitutions) flags.add("too_many_changes");
    }
    return [...flags];
  }

  /** Why a change cannot have happened as told. Without a line-up anything can. */
  private impossible(out: readonly string[], into: readonly string[]): string[] {
    const flags = new Set<string>();
    if (!this.known) return [];
    for (const id of out) if (!this.player(id).on) flags.add("not_on");
    let back = 0;
    for (const id of into) {
      const p = this.player(id);
      if (p.on && !out.includes(id)) flags.add("already_on");
      else if (p.sentOff) flags.add("sent_off");
      if (this.serves(p)) back++;
    }
    if (into.length && this.on - out.length + into.length > this.limit() + back) flags.add("too_many_on");
    return [...flags];
  }

  keeperIs(id: string, it: Item): string[] {
    if (this.known && !this.player(id).on) {
      it.refused = true;
      return ["not_on"];
    }
    this.handGloves(this.player(id));
    return [];
  }

  /** Allows more players; deficit is by how much the team is behind. */
  powerPlay(extra: number, deficit: number): string[] {
    this.extra = Math.min(extra, 11);
    const flags: string[] = [];
    if (this.extra > (this.setup.powerPlay ?? []).filter((d) => deficit >= d).length) flags.push("power_play");
    if (this.on > this.limit()) flags.push("too_many_on");
    return flags;
  }

  /**
   * A second yellow card is one however it is told, if somebody knows of both; else it may be the first, told again.
   * Who was sent off is not booked again.
   */
  card(it: Item): string[] {
    const f = it.facts;
    const p = f.player ? this.player(f.player) : null;
    if (p?.sentOff) {
      it.refused = true;
      return ["sent_off"];
    }
    // Cautions are not carried into the kicks (Law 10).
    const kicks = it.main.period === SHOOTOUT;
    const second = f.colour === "yellow" && !!p && (kicks ? p.kicksYellow : p.cards.yellow - p.kicksYellow) > 0;
    const known = this.knowsBoth(it);
    if (p && f.colour === "yellow") {
      this.yellows.push(it);
      if (kicks) p.kicksYellow++;
    }
    if (second && !known) {
      it.refused = true;
      return ["perhaps_same"];
    }
    const flags = second ? ["second_yellow"] : [];
    const colour = second ? "second_yellow" : f.colour;
    addCard(this.stats.cards, colour);
    if (!p) return flags;
    addCard(p.cards, colour);
    if (colour === "yellow") return flags;
    const short = p.on || !!p.away || this.serves(p);
    this.leave(p);
    p.away = 0;
    p.binned = short && colour === "sin_bin";
    if (colour === "sin_bin") p.binUntilMs = this.played() + (f.ms ?? this.setup.sinBinMs);
    else {
      p.sentOff = true;
      if (short) this.gone++;
    }
    return flags;
  }

  /** Whether somebody who told the yellow card also told one of the same player before, or somebody confirmed this one. */
  private knowsBoth(it: Item): boolean {
    return !!it.main.confirmed || this.yellows.some((y) => y.facts.player === it.facts.player && sharedAuthor(y, it));
  }

  /** Credits the players of a goal, which counts whoever is named. */
  scored({ player, assist }: Facts, clocked: boolean): string[] {
    this.stats.shots++;
    this.stats.onTarget++;
    this.add(player, "goals", "shots");
    const flags = this.absent(player, clocked);
    if (assist && assist === player) return [...flags, "own_assist"];
    this.add(assist, "assists");
    return [...flags, ...this.absent(assist, clocked)];
  }

  /** Why a player cannot have scored: nothing without a line-up; who was on depends on the time. */
  absent(id: string | undefined, clocked: boolean): string[] {
    if (!id) return [];
    const p = this.player(id);
    if (p.sentOff) return ["sent_off"];
    if (p.on || !this.known || !this.on) return [];
    if (!p.squad) return ["not_in_squad"];
    return clocked ? ["not_on"] : [];
  }

  plusMinus(n: number): void {
    for (const p of this.players.values()) if (p.on) p.plusMinus += n;
    if (n < 0 && this.keeper) this.keeper.conceded -= n;
  }

  state(team: Team): TeamState {
    const fairPlay = noCards();
    let conduct = 0;
    const tallies = [...this.players.values()].sort((a, b) => byUtf8(a.id, b.id));
    for (const { cards } of tallies) {
      const points = conductOf(cards);
      if (!points) continue;
      conduct += points;
      fairPlay[cards.red ? "red" : cards.secondYellow ? "secondYellow" : "yellow"]++;
    }
    // Cards of nobody in particular are each one person's.
    for (const colour of ["yellow", "secondYellow", "red"] as const) {
      const unnamed = tallies.reduce((n, p) => n - p.cards[colour], this.stats.cards[colour]);
      fairPlay[colour] += unnamed;
      if (unnamed) conduct += unnamed * conductOf({ ...noCards(), [colour]: 1 });
    }
    return {
      team, known: this.known, ...(this.keeper?.id && { keeper: this.keeper.id }), on: this.on, limit: this.limit(), onMs: this.onMs,
      changes: this.changes, stats: this.stats, conduct, players: tallies.filter((p) => p.id).map((p) => this.shown(p)), fairPlay,
    };
  }

  private shown(p: Tally): Player {
    return {
      id: p.id, ...(p.no && { no: p.no }), squad: p.squad, started: p.started, on: p.on, sentOff: p.sentOff, noReturn: p.noReturn,
      ...(p.binUntilMs && { binUntilMs: p.binUntilMs }), entries: p.entries, playedMs: p.playedMs + (p.on ? this.played() - p.since : 0),
      keeperMs: p.keeperMs + (p === this.keeper ? this.played() - p.keeperSince : 0), goals: p.goals, ownGoals: p.ownGoals, assists: p.assists,
      shots: p.shots, saves: p.saves, fouls: p.fouls, conceded: p.conceded, plusMinus: p.plusMinus, cards: p.cards,
    };
  }
}

/** The deduction for one person's cards in a match. */
function conductOf(c: Cards): number {
  if (c.red) return c.yellow ? -5 : -4;
  return c.secondYellow ? -3 : c.yellow ? -1 : 0;
}
