// One match for the app: the node's state, and over it what was recorded here and is not in it yet.
import type { Draft, LogEvent, Match, MatchSnapshot } from "../../client/api";
import type { ClientMatch } from "../../client/match";
import type { State } from "../model/state";
import { Cell } from "../model/store";
import type { Http } from "../rest/http";
import { kept } from "../rest/kept";
import { Looks, type Surroundings } from "./looks";
import { blank, overlay } from "./overlay";

export class AppMatch implements Match<State> {
  readonly id: string;
  private readonly cell: Cell<MatchSnapshot<State>>;
  private given: State | null;
  /** Own events that the node had when it was asked for the state. */
  private covered: ReadonlySet<string> = new Set();
  private seen = ""; // how far the node was then
  private users = 0;
  private off: (() => void) | undefined;
  private keeping: (() => void) | undefined; // gives up what is about to be kept
  private readonly looks: Looks;

  constructor(
    private readonly match: ClientMatch<State>,
    private readonly http: Http,
    private readonly role: () => string,
    private readonly host: Surroundings,
    private readonly closed: () => void,
  ) {
    this.id = match.id;
    this.given = kept.state(match.id);
    this.cell = new Cell(this.snapshot());
    this.looks = new Looks(host, () => this.users > 0 && this.match.sync?.following === true && this.place() !== this.seen, () => this.ask());
  }

  get(): MatchSnapshot<State> {
    return this.cell.get();
  }

  /** The state is asked for while somebody looks. */
  subscribe(changed: () => void): () => void {
    const off = this.cell.subscribe(changed);
    if (this.users++ === 0) {
      this.off = this.match.subscribe(() => this.changed());
      this.match.coming = () => this.looks.want(); // the node has it: nobody waits until it is kept here, too
      this.changed();
    }
    return () => {
      off();
      if (--this.users === 0) this.rest();
    };
  }

  record(draft: Draft): Promise<LogEvent> {
    return this.match.record(draft);
  }

  retract(hash: string): Promise<LogEvent> {
    return this.match.retract(hash);
  }

  close(): void {
    this.rest();
    this.match.close();
    this.closed();
  }

  private rest(): void {
    this.off?.();
    this.off = undefined;
    this.match.coming = undefined;
    this.looks.rest();
    this.keeping?.();
  }

  private changed(): void {
    this.looks.want();
    this.cell.set(this.snapshot());
  }

  /** Names what the node had, of which connection. */
  private place(): string {
    const { sync } = this.match;
    return sync ? `${sync.number} ${sync.last}` : "";
  }

  private snapshot(): MatchSnapshot<State> {
    const s = this.match.get();
    const laid = s.events.filter((e) => e.own && !this.covered.has(e.id));
    const current = this.seen !== "" && this.seen.split(" ")[0] === this.place().split(" ")[0];
    return { ...s, current, holders: current ? s.holders : 0, state: this.given || laid.length ? overlay(this.given ?? blank, laid, this.role()) : null };
  }

  private async ask(): Promise<void> {
    const seen = this.place();
    const answer = this.http.get<State>(`/v1/matches/${this.id}/state`);
    const there = this.match.get().events.filter((e) => e.own && (e.reach === "node" || e.reach === "devices"));
    const given = await answer;
    if (!this.off) return; // nobody looks any more, or the match was left
    this.given = given;
    this.covered = new Set(there.map((e) => e.id));
    this.seen = seen;
    this.cell.set(this.snapshot());
    this.keeping?.();
    this.keeping = this.host.later(0, () => kept.keepState(this.id, given)); // once it is shown
  }
}
