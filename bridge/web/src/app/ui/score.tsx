// The scoreboard: teams, score, clock. The score is read out when it changes.
import type { JSX } from "preact";
import { hyphened, short } from "../model/names";
import { clockText, type State } from "../model/state";
import { useApp, useNow } from "./hooks";
import { periodName } from "./period";

function useNames(state: State | null): readonly [string, string] {
  const { words } = useApp();
  const name = (i: 0 | 1, standard: string) => state?.teams[i].team.name || state?.setup.teams[i].name || standard;
  return [name(0, words.t("home")), name(1, words.t("away"))];
}

/** What the teams are called here. */
export function useTeamNames(state: State | null): readonly [string, string] {
  const [home, away] = useNames(state);
  return [hyphened(home), hyphened(away)];
}

/** What they are called where there is little room, as on a key. */
export function useShortNames(state: State | null, room = 24): readonly [string, string] {
  const [home, away] = short(useNames(state), room);
  return [hyphened(home), hyphened(away)];
}

const besideScore = 18; // characters of a name that fit beside a score on a phone; longer ones stand above it

export function usePhase(state: State | null): string {
  const { words } = useApp();
  if (!state) return "";
  if (state.phase === "playing") return periodName(words, state, state.clock.period);
  if (state.phase === "ended" && state.result.status && state.result.status !== "completed") return words.word("status", state.result.status);
  return words.word("phase", state.phase);
}

export function Clock({ state }: { state: State }): JSX.Element {
  const running = state.clock.running && !state.clock.stopped;
  const now = useNow(running);
  const { words } = useApp();
  const phase = usePhase(state);
  const shown = state.phase === "playing";
  return (
    <p class="clock">
      <span>{phase}</span>
      {shown && (
        <span class={"time" + (running ? "" : " held")} role="timer" aria-live="off">
          {clockText(state.setup, state.clock, now)}
        </span>
      )}
      {shown && state.clock.addedMs > 0 && <span>+{Math.round(state.clock.addedMs / 60000)}</span>}
      {shown && state.clock.stopped && <span class="tag">{words.t("clock_stopped")}</span>}
    </p>
  );
}

/** `room` is for how many characters of a name. */
export function Scoreboard({ state, big = false, room = 40 }: { state: State; big?: boolean; room?: number }): JSX.Element {
  const { words } = useApp();
  const names = useTeamNames(state);
  const shown = useShortNames(state, room);
  const kicks = state.shootout;
  const long = shown.some((n) => n.length > besideScore);
  return (
    <section class={"score" + (big ? " big" : "") + (long ? " long" : "")} aria-label={words.t("score")}>
      <div class="teams">
        <h2 class="team home">
          <span class="mark" aria-hidden="true" />
          <span class="name" title={names[0]}>{shown[0]}</span>
        </h2>
        {state.hidden ? (
          <p class="hidden-score">{words.t("hidden_short")}</p>
        ) : (
          <p class="goals" aria-live="polite" aria-atomic="true">
            <span class="visually-hidden">
              {names[0]} {state.score[0]}, {names[1]} {state.score[1]}
            </span>
            <span aria-hidden="true">{state.score[0]}</span>
            <span class="colon" aria-hidden="true">
              :
            </span>
            <span aria-hidden="true">{state.score[1]}</span>
          </p>
        )}
        <h2 class="team away">
          <span class="mark" aria-hidden="true" />
          <span class="name" title={names[1]}>{shown[1]}</span>
        </h2>
      </div>
      {!(kicks && state.phase === "shootout") && <Clock state={state} />}
      {kicks && !state.hidden && (
        <p class="kicks">
          {words.t("shootout")} {kicks.score[0]}:{kicks.score[1]}
        </p>
      )}
    </section>
  );
}
